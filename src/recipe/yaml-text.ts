/** Reads YAML into a tree with positions, and never throws, hangs or overflows whatever the text. */

import { type Alias, Composer, type Document, isAlias, isNode, type Node, type ParsedNode, Parser, visit } from 'yaml';
import type { Finding } from './problem.ts';

export type YamlDocument = Document.Parsed<ParsedNode>;

/** A problem with its offsets in the text. */
export type Placed = Finding & { readonly offsets: readonly [number, number] };

/** A recipe that fixes every tensor of the largest models by name has some tens of thousands. */
export const mostCharacters = 2 ** 18;
const mostLevels = 20;
const mostFaults = 20;

/** The document as far as it could be read, `undefined` where the text is not even looked at; and its faults. */
export function readYaml(text: string): { readonly document: YamlDocument | undefined; readonly faults: readonly Placed[] } {
  if (text.length > mostCharacters) return refused(`the recipe has ${text.length} characters, at most ${mostCharacters} are read`, [0, 0]);
  const tokens = [...new Parser().parse(text)];
  const deep = findDeep(tokens);
  if (deep !== undefined) return refused(`maps and lists are nested more than ${mostLevels} deep`, [deep, deep + 1]);
  const options = { uniqueKeys: false, keepSourceTokens: true, prettyErrors: false, logLevel: 'silent' } as const;
  const [document, second] = new Composer<ParsedNode>(options).compose(tokens, true, text.length);
  const faults = [...document.errors, ...document.warnings].slice(0, mostFaults).map(({ name, message, pos }) => ({
    ...fault('NOT_YAML', `this is not YAML: ${lowerFirst(message)}`, pos),
    severity: name === 'YAMLWarning' ? ('warning' as const) : ('error' as const),
  }));
  if (second) faults.push(fault('NOT_YAML', 'a recipe is one YAML document, another begins here', [second.range[0], second.range[0]]));
  return { document, faults };
}

/**
 * A node, or what the alias it is stands for; `null` where it stands for nothing. The package looks through the whole document for
 * every alias anew.
 */
export function createResolver(document: YamlDocument): (node: Node | null) => Node | null {
  const anchored = new Map<string, Node>();
  const targets = new Map<Alias, Node | null>();
  visit(document, (_key, node) => {
    if (isAlias(node)) targets.set(node, anchored.get(node.source) ?? null);
    else if (isNode(node) && node.anchor !== undefined) anchored.set(node.anchor, node);
  });
  return (node) => (isAlias(node) ? (targets.get(node) ?? null) : node);
}

function refused(message: string, offsets: Placed['offsets']) {
  return { document: undefined, faults: [fault('TOO_LARGE', message, offsets)] };
}

function fault(code: 'NOT_YAML' | 'TOO_LARGE', message: string, offsets: Placed['offsets']): Placed {
  return { code, severity: 'error', message, path: [], offsets };
}

function lowerFirst(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}

interface Token {
  readonly offset?: number;
  readonly key?: Token | null;
  readonly value?: Token | string | null;
  readonly items?: readonly Token[];
}

/** The offset of the first token that lies too deep. Composing recurses; far down it ends the process beyond any catch. */
function findDeep(tokens: readonly Token[]): number | undefined {
  const waiting = tokens.map((token) => ({ token, level: 0 }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { token, level } = next;
    if (level > mostLevels) return token.offset ?? 0;
    const { key, value, items = [] } = token;
    for (const inner of [key, value, ...items])
      if (inner && typeof inner !== 'string') waiting.push({ token: inner, level: items.length > 0 ? level + 1 : level });
  }
  return undefined;
}
