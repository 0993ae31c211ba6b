/** The lab that a measure of the sample checkpoint is lent. */

import { join } from 'node:path';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import type { Context } from '../../src/engine/context.ts';
import { createLab } from '../../src/engine/lab.ts';
import { drawWindows, type Windows } from '../../src/engine/texts.ts';
import { openTokenizerIfAny } from '../../src/engine/tokenizer.ts';
import type { Lab } from '../../src/methods/lab.ts';
import type { Measured } from '../../src/methods/sensitivity.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { testContext } from './context.ts';
import { sample } from './runs.ts';

/** Calibration windows of the sample. */
export async function sampleWindows({ samples, length }: { samples: number; length: number }): Promise<Windows> {
  const { model } = await openCheckpoint(sample);
  const tokenizer = (await openTokenizerIfAny(sample, model.vocabSize))!;
  return drawWindows({ paths: [join(sample, 'calibration.txt')], samples, length, seed: 1 }, tokenizer);
}

/** @param solve  YAML of the recipe's solve step */
export async function sampleLab(
  windows: Windows,
  {
    solve = '{ method: obs }',
    onFound = () => {},
    ...changes
  }: { solve?: string; onFound?: (found: ReadonlyMap<number, Measured>) => void } & Partial<Context> = {},
): Promise<Lab> {
  const source = await openCheckpoint(sample);
  const { recipe } = parseRecipe(`model: ${sample}\nsparsity: 0.5\nsolve: ${solve}\n`);
  return createLab({ source, windows, seed: 0, solve: recipe!.solve }, testContext(changes), onFound);
}
