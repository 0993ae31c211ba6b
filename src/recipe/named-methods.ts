/** What a text says of the methods that make its budget, whether or not the recipe has problems elsewhere. */

import { isNode } from 'yaml';
import type { YamlDocument } from './yaml-text.ts';

/** As the text names them, whether or not they exist; `null` where it names none. */
export interface NamedMethods {
  readonly measure: string | null;
  readonly allocate: string | null;
}

export function namedMethods(document: YamlDocument | undefined): NamedMethods {
  const named = (step: keyof NamedMethods) => {
    const method: unknown = document?.getIn([step, 'method']);
    return typeof method === 'string' ? method : null;
  };
  return { measure: named('measure'), allocate: named('allocate') };
}

/** The text of the measure with its options and of the allocator's name: where it changes, another sensitivity is wanted. */
export function methodsText(text: string, document: YamlDocument | undefined): string {
  const paths = [['measure'], ['allocate', 'method']];
  return paths
    .map((path) => document?.getIn(path, true))
    .map((node) => (isNode(node) && node.range ? text.slice(node.range[0], node.range[1]) : ''))
    .join('\n');
}
