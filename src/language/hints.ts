/** Inlay hints: the exact zeros that a sparsity, a pattern or a glob comes to, behind it; and what an allocator waits for. */

import { type InlayHint, InlayHintKind } from 'vscode-languageserver';
import { formatCount, formatShare } from '../protocol/quantity.ts';
import { findNode, type Offsets, type OutlineNode } from '../recipe/outline.ts';
import { fixedNodes } from './diagnose.ts';
import { type Study, totalsOf } from './study.ts';

/** @param within  the part of the text that is shown */
export function inlayHints(study: Study, within: Offsets): InlayHint[] {
  const { analysis, budget } = study;
  if (!budget?.entries) return [];
  const totals = totalsOf(budget.slots, budget.entries);
  const share = budget.recipe.pattern ? `${formatShare(totals.zeros / totals.weights)}: ` : '';
  const total = `${share}${formatCount(totals.zeros)} of ${formatCount(totals.weights)} weights`;
  const target = findNode(analysis.outline, [budget.recipe.pattern ? 'pattern' : 'sparsity']);
  const allocator = findNode(analysis.outline, ['allocate', 'method']);
  const sums = sumsByGlob(study);
  return [
    ...(target ? [hintBehind(study, target, total)] : []),
    ...(allocator && budget.awaited !== null ? [hintBehind(study, allocator, `uniform until ${budget.awaited} is measured`)] : []),
    ...fixedNodes(analysis).map((node) =>
      isWithin(node, within) ? hintBehind(study, node, wordsOfSum(sums.get(String(node.path.at(-1))))) : [],
    ),
  ]
    .flat()
    .filter((hint) => hint !== undefined);
}

interface Sum {
  nMatrices: number;
  zeros: number;
}

/** What each glob sets in the end; a glob that later ones overrule wholly is not among them. */
function sumsByGlob({ budget }: Study): ReadonlyMap<string, Readonly<Sum>> {
  const sums = new Map<string, Sum>();
  for (const { zeros, setBy, fixed } of budget?.entries ?? []) {
    if (!fixed) continue;
    const sum = sums.get(setBy) ?? { nMatrices: 0, zeros: 0 };
    sums.set(setBy, { nMatrices: sum.nMatrices + 1, zeros: sum.zeros + zeros });
  }
  return sums;
}

function wordsOfSum(sum: Readonly<Sum> | undefined): string {
  if (!sum) return 'sets no matrix';
  return `${sum.nMatrices === 1 ? '1 matrix' : `${sum.nMatrices} matrices`}, ${formatCount(sum.zeros)} zeros`;
}

function hintBehind({ analysis }: Study, { value }: OutlineNode, label: string): InlayHint | undefined {
  return value && { position: analysis.range(value).end, label, kind: InlayHintKind.Type, paddingLeft: true };
}

function isWithin({ range: [start, end] }: OutlineNode, within: Offsets): boolean {
  return start <= within[1] && end >= within[0];
}
