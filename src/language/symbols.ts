/** The outline of a recipe for the editor: steps and their keys, and what can be folded. */

import { type DocumentSymbol, type FoldingRange, FoldingRangeKind, SymbolKind } from 'vscode-languageserver';
import { nodesOf, type OutlineNode } from '../recipe/outline.ts';
import type { Analysis } from './analysis.ts';

const longestDetail = 80;

export function documentSymbols({ outline, text, range }: Analysis): DocumentSymbol[] {
  const symbolOf = (node: OutlineNode): DocumentSymbol => {
    const isInner = node.kind === 'map' || node.kind === 'list';
    const detail = node.value && !isInner ? text.slice(...node.value).slice(0, longestDetail) : undefined;
    const key = node.path.at(-1);
    return {
      // An editor refuses a symbol without a name.
      name: typeof key === 'number' ? `[${key}]` : key?.trim() || '""',
      kind: isInner ? SymbolKind.Object : typeof node.scalar === 'number' ? SymbolKind.Number : SymbolKind.String,
      range: range(node.range),
      selectionRange: range(node.key ?? node.range),
      children: node.children.map(symbolOf),
      ...(detail !== undefined && { detail }),
    };
  };
  return outline.children.map(symbolOf);
}

export function foldingRanges(analysis: Analysis): FoldingRange[] {
  return [...keyFolds(analysis), ...commentFolds(analysis.text)];
}

function keyFolds({ outline, range }: Analysis): FoldingRange[] {
  return [...nodesOf(outline)].flatMap((node) => {
    if (node.path.length === 0 || node.children.length === 0) return [];
    const { start, end } = range(node.range);
    return end.line > start.line ? [{ startLine: start.line, endLine: end.line }] : [];
  });
}

/** Two or more lines of nothing but comment. */
function commentFolds(text: string): FoldingRange[] {
  const folds: FoldingRange[] = [];
  let first = 0;
  const lines = [...text.split(/\r?\n/), ''];
  for (const [line, words] of lines.entries()) {
    if (/^\s*#/.test(words)) continue;
    if (line - first > 1) folds.push({ startLine: first, endLine: line - 1, kind: FoldingRangeKind.Comment });
    first = line + 1;
  }
  return folds;
}
