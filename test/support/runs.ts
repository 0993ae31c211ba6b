import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Context } from '../../src/engine/context.ts';
import { resolveRecipe } from '../../src/engine/plan.ts';
import { type RunOptions, run } from '../../src/engine/run.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { testContext } from './context.ts';

export const sample = new URL('../../media/sample', import.meta.url).pathname;

/** A new folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'secateur-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A small, quick recipe on the sample checkpoint; `more` is YAML of further keys. */
export function sampleRecipe({
  model = sample,
  to,
  sparsity = 'sparsity: 0.5',
  flow = 'block-sequential',
  more = '',
}: RecipeParts): string {
  return [
    `model: ${model}`,
    sparsity,
    `calibrate: { text: ${sample}/calibration.txt, samples: 6, length: 64, seed: 3, flow: ${flow} }`,
    `save: { to: ${to} }`,
    more,
    '',
  ].join('\n');
}

interface RecipeParts {
  readonly model?: string;
  readonly to: string;
  readonly sparsity?: string;
  readonly flow?: string;
  readonly more?: string;
}

export async function runRecipe(text: string, options: Partial<RunOptions> = {}, changes: Partial<Context> = {}) {
  const { recipe, problems } = parseRecipe(text);
  if (!recipe) throw new Error(problems.map((problem) => problem.message).join('\n'));
  return run(resolveRecipe(recipe, '/'), { fresh: false, recipeText: text, ...options }, testContext(changes));
}

/** SHA-256 of every file of a checkpoint but its report, which holds times. */
export function hashFolder(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => !name.startsWith('secateur-report.'));
  return Object.fromEntries(
    names.toSorted().map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}
