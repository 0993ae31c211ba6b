/** The windows of token ids that a recipe asks for: those it calibrates with, and those it is evaluated on. */

import type { Checkpoint } from './checkpoint.ts';
import { type Context, textContext } from './context.ts';
import { calibrationLength, evaluationLength, type ResolvedRecipe } from './plan.ts';
import { drawWindows, evaluationWindows, type Windows } from './texts.ts';
import { openTokenizerIfAny, type Tokenizer } from './tokenizer.ts';

export interface Texts {
  readonly calibration: Windows;
  /** `undefined` where the recipe evaluates nothing. */
  readonly evaluation: Windows | undefined;
}

/** @throws  as `drawWindows` and `evaluationWindows` do */
export async function readTexts(resolved: ResolvedRecipe, source: Checkpoint, ctx: Context): Promise<Texts> {
  const tokenizer = await openTokenizerIfAny(source.folder, source.model.vocabSize);
  const calibration = await drawCalibration(resolved, source, tokenizer, ctx);
  return { calibration, evaluation: await takeEvaluation(resolved, source, tokenizer, ctx) };
}

/** @throws  as `drawWindows` does */
export async function readCalibration(resolved: ResolvedRecipe, source: Checkpoint, ctx: Context): Promise<Windows> {
  return drawCalibration(resolved, source, await openTokenizerIfAny(source.folder, source.model.vocabSize), ctx);
}

function drawCalibration(
  { recipe, calibrationText }: ResolvedRecipe,
  source: Checkpoint,
  tokenizer: Tokenizer,
  ctx: Context,
): Promise<Windows> {
  const { samples, seed, field } = recipe.calibrate;
  // A file of token ids brings its own length where the recipe has none.
  const isTokens = calibrationText.every((path) => path.endsWith('.safetensors'));
  const length = isTokens && recipe.calibrate.length === undefined ? {} : { length: calibrationLength(recipe, source) };
  return drawWindows({ paths: calibrationText, field, samples, seed, ...length }, tokenizer, textContext(ctx, 'calibration text'));
}

async function takeEvaluation(
  { recipe, evaluationText }: ResolvedRecipe,
  source: Checkpoint,
  tokenizer: Tokenizer,
  ctx: Context,
): Promise<Windows | undefined> {
  if (!recipe.evaluate) return undefined;
  const { windows, field } = recipe.evaluate;
  const request = {
    path: evaluationText[0],
    field,
    length: evaluationLength(recipe, source),
    ...(windows === undefined ? {} : { windows }),
  };
  return evaluationWindows(request, tokenizer, textContext(ctx, 'evaluation text'));
}
