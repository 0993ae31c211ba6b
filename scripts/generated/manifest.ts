/** package.json with the extension's contributions and listing, which are data in src/extension/contributes. */

import { parts } from '../../src/extension/contributes/index.ts';
import { listing } from '../../src/extension/contributes/listing.ts';
import { mergeParts } from '../../src/extension/contributes/merge.ts';

/** @param text  the present package.json; what the parts do not say stays, with the order of its keys */
export function manifest(text: string): string {
  const generated: Readonly<Record<string, unknown>> = { ...listing, contributes: mergeParts(parts.map(({ contributes }) => contributes)) };
  const { main, ...rest } = JSON.parse(text) as Record<string, unknown>;
  const entries = Object.entries(rest).filter(([key]) => !Object.hasOwn(generated, key));
  const at = entries.findIndex(([key]) => key === 'bin');
  const ordered = [...entries.slice(0, at), ['main', main], ...Object.entries(generated), ...entries.slice(at)];
  return `${JSON.stringify(Object.fromEntries(ordered), null, 2)}\n`;
}
