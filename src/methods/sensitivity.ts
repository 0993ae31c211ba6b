/** What a measure found of a model: how much each matrix minds being pruned, and how single losses add up. */

import { type ErrorCurve, errorAt } from './error-curve.ts';

/**
 * What a measure gives of each matrix. `value`: a number that only ranks. `output error`: a curve of relative output errors.
 * `loss`: a curve of the model's loss, in nats a token, so that the losses of several matrices can be added up. `share kept`: the share of
 * its weights that the matrix keeps in the best budget that was found, at the recipe's sparsity.
 */
export type Gives = 'value' | 'output error' | 'loss' | 'share kept';

/** What is found of one matrix, larger = more sensitive: a number, with its standard error where it is an estimate, or a curve. */
export type Measured = { readonly value: number; readonly standardError?: number } | { readonly curve: ErrorCurve };

export interface MatrixSensitivity {
  /** The tensor's name in the checkpoint. */
  readonly name: string;
  /** In the measure's own unit; larger = more sensitive. Of a curve, the one at the sparsity of the recipe. */
  readonly value: number;
  /** Of `value`, where that is an estimate. */
  readonly standardError?: number;
  /** Present where the measure gives one. */
  readonly curve?: ErrorCurve;
}

/** One pruning of many matrices at once that a measure tried. */
export interface JointTrial {
  /** What the curves of the single matrices add up to. */
  readonly predicted: number;
  /** KL divergence from the dense model's predictions, mean nats a token. */
  readonly kl: number;
  /** Mean negative log likelihood minus the dense model's, nats a token. */
  readonly nll: number;
}

export interface Sensitivity {
  /** The measure, as a recipe names it. */
  readonly method: string;
  readonly gives: Gives;
  /** Of its values, for a person: `nats a token`. */
  readonly unit: string;
  /** In the order of the checkpoint. */
  readonly matrices: readonly MatrixSensitivity[];
  /** From which predictions learn; absent where the measure tried none. */
  readonly joint?: readonly JointTrial[];
  /** Whether the measure was stopped on its way, and would go on. */
  readonly unfinished?: true;
  /** What was measured on, and when, for a person. */
  readonly description: string;
}

/** The value of a matrix at a sparsity: read from its curve where it has one. */
export function sensitivityAt({ value, curve }: Pick<MatrixSensitivity, 'value' | 'curve'>, sparsity: number): number {
  return curve ? errorAt(curve, sparsity) : value;
}

/** What was found of a matrix, with its value at a sparsity. */
export function namedAt(name: string, found: Measured, sparsity: number): MatrixSensitivity {
  return 'curve' in found ? { name, value: errorAt(found.curve, sparsity), curve: found.curve } : { name, ...found };
}

/** The rank of each value, the largest being 1; equal values share the least of their ranks. */
export function ranksOf(values: readonly number[]): Int32Array {
  const descending = values.map((_, i) => i).sort((a, b) => values[b] - values[a]);
  const ranks = new Int32Array(values.length);
  for (const [place, i] of descending.entries()) {
    const above = descending[place - 1];
    ranks[i] = place > 0 && values[above] === values[i] ? ranks[above] : place + 1;
  }
  return ranks;
}
