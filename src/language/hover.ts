/** What a key, a method or a name in a recipe means, in Markdown, for the place under the cursor. */

import type { Hover } from 'vscode-languageserver';
import { weightsOf } from '../methods/allocator.ts';
import { ranksOf, type Sensitivity, sensitivityAt } from '../methods/sensitivity.ts';
import { formatCount, formatShare } from '../protocol/quantity.ts';
import { coverOf } from '../recipe/cover.ts';
import { shapeOf } from '../recipe/fields.ts';
import { globFault } from '../recipe/match.ts';
import { nodeAround, type OutlineNode } from '../recipe/outline.ts';
import { code, escapeMarkdown, keyMarkdown, methodMarkdown, methodsMarkdown } from './markdown.ts';
import { methodIn, schemaAt } from './schema-at.ts';
import { type Study, totalsOf } from './study.ts';

const mostRows = 12;

export function hover(study: Study, offset: number): Hover | null {
  const { analysis } = study;
  const node = nodeAround(analysis.outline, offset);
  const part = [node.key, node.value].find((offsets) => offsets && offsets[0] <= offset && offset <= offsets[1]);
  // Between the keys of a map there is nothing to explain.
  if (!part || (part === node.value && node.kind !== 'scalar')) return null;
  const value = explain(study, node);
  return value === undefined ? null : { contents: { kind: 'markdown', value }, range: analysis.range(part) };
}

function explain(study: Study, node: OutlineNode): string | undefined {
  const methodAt = methodIn(study.analysis.outline);
  const parentPath = node.path.slice(0, -1);
  const parent = schemaAt(parentPath, methodAt);
  const schema = schemaAt(node.path, methodAt);
  if (!parent || !schema) return undefined;
  const shape = shapeOf(parent);
  const name = String(node.path.at(-1));
  if (shape.kind === 'record') return globMarkdown(study, name);
  if (shape.kind === 'step' && name === 'method') {
    const method = shape.methods.get(String(node.scalar));
    if (!method) return methodsMarkdown(shape.methods);
    return [methodMarkdown(String(node.scalar), method), ...waitMarkdown(study, parentPath)].join('\n\n');
  }
  const item = typeof node.path.at(-1) === 'number';
  const key = item ? parentPath : node.path;
  return [keyMarkdown(String(key.at(-1)), item ? parent : schema), ...factsMarkdown(study, node)].join('\n\n');
}

/** What an allocator still lacks. */
function waitMarkdown({ budget }: Study, step: OutlineNode['path']): string[] {
  const awaited = step[0] === 'allocate' ? (budget?.awaited ?? null) : null;
  return awaited === null ? [] : [`The budget is uniform until ${code(awaited)} has been measured.`];
}

/** What the checkpoint makes of a key. */
function factsMarkdown({ facts: { checkpoint }, budget }: Study, { path }: OutlineNode): string[] {
  if (path.length !== 1 || checkpoint.state !== 'ready') return [];
  const { slots, modelType, nBlocks } = checkpoint;
  const weights = weightsOf(slots);
  if (path[0] === 'model')
    return [`${code(modelType)}, ${nBlocks} blocks, ${slots.length} matrices with ${formatCount(weights)} prunable weights.`];
  if ((path[0] === 'sparsity' || path[0] === 'pattern') && budget?.entries) {
    const totals = totalsOf(budget.slots, budget.entries);
    return [
      `${formatCount(totals.zeros)} of ${formatCount(totals.weights)} prunable weights become zero (${formatShare(totals.zeros / totals.weights)}).`,
    ];
  }
  return [];
}

/** The matrices that a glob matches, with what they end up with. */
function globMarkdown({ facts: { checkpoint, sensitivity }, budget }: Study, glob: string): string | undefined {
  if (checkpoint.state !== 'ready' || globFault(glob) !== undefined) return undefined;
  const { slots } = checkpoint;
  const matched = coverOf(slots)(glob).map((i) => ({ slot: slots[i], entry: budget?.entries?.[i] }));
  if (matched.length === 0) return `${code(glob)} matches no matrix.`;
  const weights = weightsOf(matched.map(({ slot }) => slot));
  const zeros = budget?.entries && matched.reduce((sum, { entry }) => sum + entry!.zeros, 0);
  const overruled = matched.filter(({ entry }) => entry && entry.setBy !== glob).length;
  const count = matched.length === 1 ? '1 matrix' : `${matched.length} matrices`;
  const ranked = budget && sensitivity ? rankAll(sensitivity, budget.recipe.sparsity) : undefined;
  return [
    `${code(glob)}: ${count}, ${formatCount(weights)} weights${zeros === undefined ? '' : `, ${formatCount(zeros)} zeros (${formatShare(zeros / weights)})`}.`,
    ...(overruled > 0 ? [`${overruled} of them ${overruled === 1 ? 'is' : 'are'} set by a later entry.`] : []),
    [
      rowOf(['matrix', 'shape', 'weights', 'zeros', 'sparsity', ...(ranked ? ['sensitivity', 'rank'] : [])]),
      rowOf([':--', '--:', '--:', '--:', '--:', ...(ranked ? ['--:', '--:'] : [])]),
      ...matched.slice(0, mostRows).map(({ slot, entry }) => {
        const size = slot.out * slot.in;
        return rowOf([
          code(slot.name).replaceAll('|', '\\|'),
          `${slot.out} × ${slot.in}`,
          formatCount(size),
          entry ? formatCount(entry.zeros) : '',
          entry ? formatShare(entry.zeros / size) : '',
          ...(ranked ? ranked(slot.name) : []),
        ]);
      }),
    ].join('\n'),
    ...(matched.length > mostRows ? [`and ${matched.length - mostRows} more`] : []),
    ...(ranked && sensitivity
      ? [`Sensitivity: ${escapeMarkdown(sensitivity.description)}; ${escapeMarkdown(sensitivity.unit)}. Rank 1 minds pruning most.`]
      : []),
  ].join('\n\n');
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** The two cells of a matrix: its value with its doubt, and its rank among all. */
function rankAll({ matrices }: Sensitivity, sparsity: number): (name: string) => readonly [value: string, rank: string] {
  const values = matrices.map((matrix) => sensitivityAt(matrix, sparsity));
  const ranks = ranksOf(values);
  const places = new Map(matrices.map(({ name }, i) => [name, i]));
  return (name) => {
    const i = places.get(name);
    if (i === undefined) return ['', ''];
    const { standardError } = matrices[i];
    const doubt = standardError === undefined ? '' : ` ± ${standardError.toPrecision(2)}`;
    return [`${values[i].toPrecision(3)}${doubt}`, `${ranks[i]} of ${matrices.length}`];
  };
}
