/** Ways out of what a recipe gets wrong beside its checkpoint: globs that match nothing, totals and patterns that cannot be met. */

import { SecateurError } from '../error.ts';
import { fixedSparsities, nearestSparsity } from '../recipe/budget.ts';
import { setValue } from '../recipe/edit.ts';
import { entryEdits } from '../recipe/edit-entries.ts';
import { flowText } from '../recipe/flow-text.ts';
import { nameSlots } from '../recipe/name-slots.ts';
import { nearest } from '../recipe/nearest.ts';
import type { TextEdit } from '../recipe/source.ts';
import { readYaml } from '../recipe/yaml-text.ts';
import type { Analysis } from './analysis.ts';
import { globsOf } from './complete-globs.ts';
import { type Flaw, fixedNodes } from './diagnose.ts';
import { type Fix, settingFix, wordFix } from './fix.ts';
import { attempt, type BudgetStudy } from './study.ts';

/** Names that a slip of the pen is compared with. */
const mostNames = 2000;

/** The name most like the glob that matches something, and no glob at all. */
export function globFixes(analysis: Analysis, { slots }: BudgetStudy, { path, offsets }: Flaw): readonly Fix[] {
  const glob = String(path.at(-1));
  const entries = fixedNodes(analysis).map(({ path, scalar }) => [String(path.at(-1)), Number(scalar)] as const);
  const taken = new Set(entries.map(([name]) => name));
  const names = [...globsOf(slots).map(({ glob }) => glob), ...slots.map(({ name }) => name)].slice(0, mostNames);
  const close = nearest(
    glob,
    names.filter((name) => !taken.has(name)),
  );
  const left = entries.filter(([name]) => name !== glob);
  return [
    ...(close === undefined ? [] : [wordFix(close, flowText(close), offsets)]),
    { title: `Remove ${glob}`, edits: removal(analysis.text, left) },
  ];
}

/** The nearest total that can be met; beside a pattern, matrices that cannot have it are left dense. */
export function budgetFixes({ text }: Analysis, { recipe, slots }: BudgetStudy): readonly Fix[] {
  if (recipe.pattern) return denseFixes(text, { recipe, slots }, recipe.pattern.m);
  const sparsity = attempt(() => nearestSparsity(recipe, slots));
  if (sparsity instanceof SecateurError) return [];
  return [settingFix(`Change sparsity to ${sparsity}, the nearest that can be met`, text, ['sparsity'], sparsity)];
}

function denseFixes(text: string, { recipe, slots }: Pick<BudgetStudy, 'recipe' | 'slots'>, m: number): readonly Fix[] {
  const fixed = fixedSparsities(recipe, slots);
  const odd = slots.flatMap((slot, i) => (slot.in % m === 0 || fixed[i] === 0 ? [] : [i]));
  if (odd.length === 0) return [];
  const globs = attempt(() => nameSlots(odd, slots));
  if (globs instanceof SecateurError) return [];
  const after = attempt(() => globs.reduce((edited, glob) => setValue(edited, ['allocate', 'fixed', glob], 0).text, text));
  if (after instanceof SecateurError) return [];
  return [{ title: `Leave ${globs.join(', ')} dense`, edits: [difference(text, after)] }];
}

function removal(text: string, left: readonly (readonly [string, number])[]): readonly TextEdit[] {
  const { document } = readYaml(text);
  const edits = document ? attempt(() => entryEdits({ text, document }, ['allocate', 'fixed'], left)) : [];
  return edits instanceof SecateurError ? [] : edits;
}

/** All that lies between the first change and the last. */
function difference(before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  return { offset: start, length: before.length - same - start, text: after.slice(start, after.length - same) };
}
