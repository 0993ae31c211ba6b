/** Code lenses: what can be done with the recipe, above its model. */

import type { CodeLens } from 'vscode-languageserver';
import { findNode } from '../recipe/outline.ts';
import type { Analysis } from './analysis.ts';

const actions = [
  { title: 'Prune', command: 'secateur.prune' },
  { title: 'Measure', command: 'secateur.measure' },
  { title: 'Open Panel', command: 'secateur.openPanel' },
] as const;

/** @param uri  of the document, the only argument of every command */
export function codeLenses({ outline, range }: Analysis, uri: string): CodeLens[] {
  const key = findNode(outline, ['model'])?.key ?? [0, 0];
  return actions.map((action) => ({ range: range(key), command: { ...action, arguments: [uri] } }));
}
