/** What the wizard asks for a new recipe, and the recipe that the answers make. */

import type { Criterion } from '../methods/criterion.ts';
import { criteria } from '../methods/score/index.ts';
import { solvers } from '../methods/solve/index.ts';
import type { Solver } from '../methods/solver.ts';
import { setValue } from '../recipe/edit.ts';
import type { Setting } from '../recipe/flow-text.ts';
import { refiners } from '../recipe/method-step.ts';
import { readPattern } from '../recipe/schema.ts';
import { starterRecipe } from '../recipe/starter.ts';

export interface Answers {
  /** The checkpoint's folder, absolute. */
  readonly model: string;
  readonly sparsity: number;
  /** `n:m`, which decides the sparsity by itself. */
  readonly pattern: string | null;
  /** The id of a `MethodChoice`. */
  readonly method: string;
  /** `default`, or an absolute path. */
  readonly text: string;
}

export interface MethodChoice {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly paper: string | null;
  /** What is set in the starter's `solve`, key by key. */
  readonly solve: Readonly<Record<string, Setting>>;
}

/** Every way to prune that the methods' cards make: those that better the kept weights first, and first of them the starter's own. */
export function methodChoices(): readonly MethodChoice[] {
  const all = Object.entries<Solver>(solvers);
  const choosing = (solver: Solver) => solver.scope === 'linear' && solver.choosesMask;
  // A refiner needs another's mask, and comes after it; a solver of whole blocks goes with the criterion of its own paper.
  const others = all.filter(([name, solver]) => !choosing(solver) && !Object.hasOwn(refiners, name));
  return [
    ...all.filter(([, solver]) => choosing(solver)).flatMap(([name, solver]) => sweeps(name, solver)),
    ...others.flatMap(([name, solver]) => masks(name, solver).filter(({ paper }) => solver.scope === 'linear' || paper === solver.paper)),
  ];
}

function sweeps(name: string, { title, summary, paper }: Solver): readonly MethodChoice[] {
  const withRefiner = Object.entries(refiners)
    .filter(([refiner]) => refiner !== 'none')
    .map(([refiner, card]) => ({
      id: `${name} ${refiner}`,
      title: `${title}, then ${card.title.toLowerCase()}`,
      summary: `${summary} ${card.summary}`,
      paper,
      solve: { method: name, finish: { method: refiner } },
    }));
  return [...withRefiner, { id: name, title, summary, paper, solve: { method: name, finish: { method: 'none' } } }];
}

function masks(name: string, solver: Solver): readonly MethodChoice[] {
  return Object.entries<Criterion>(criteria).map(([criterion, { title, summary, paper }]) => ({
    id: `${name} ${criterion}`,
    title: `${title}, ${solver.title.toLowerCase()}`,
    summary,
    paper,
    solve: { method: name, score: { method: criterion }, finish: { method: 'none' } },
  }));
}

/**
 * @param paths      of the model and the text, as the recipe is to write them
 * @param maxLength  tokens the model was made for at most, where that is known
 */
export function recipeFromAnswers(
  { sparsity, pattern, method }: Pick<Answers, 'sparsity' | 'pattern' | 'method'>,
  paths: { readonly model: string; readonly text: string; readonly evaluateText?: string },
  maxLength?: number,
): string {
  const starter = starterRecipe({
    ...paths,
    sparsity,
    ...(pattern !== null && { pattern }),
    ...(maxLength !== undefined && { maxLength }),
  });
  const [own, ...others] = methodChoices();
  const choice = others.find(({ id }) => id === method);
  if (!choice || choice === own) return starter;
  return Object.entries(choice.solve).reduce((text, [key, value]) => setValue(text, ['solve', key], value).text, starter);
}

/** A share or percentage as someone types it: `0.55`, `55`, `55 %`; `null` where it is none from 0 to 99 %. */
export function readTarget(typed: string): number | null {
  const [, digits, percent] = /^\s*(\d*[.,]?\d+)\s*(%?)\s*$/.exec(typed) ?? [];
  if (digits === undefined) return null;
  const value = Number(digits.replace(',', '.'));
  const share = percent === '%' || value >= 1 ? value / 100 : value;
  return share <= 0.99 ? Number(share.toFixed(6)) : null;
}

/** `2:4` as someone types it; `null` where it is no pattern. */
export function readTypedPattern(typed: string): string | null {
  const text = typed.replaceAll(' ', '');
  const { n, m } = readPattern(text);
  return n >= 1 && n < m && m <= 64 ? text : null;
}

/** The share of zeros that a pattern makes. */
export function patternSparsity(pattern: string): number {
  const { n, m } = readPattern(pattern);
  return 1 - n / m;
}
