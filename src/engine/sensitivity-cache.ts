/** Keeps what was measured in a folder of its own, each under the hash of what decides it. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { measures } from '../methods/measure/index.ts';
import { type Measure, readsText } from '../methods/measure.ts';
import type { Sensitivity } from '../methods/sensitivity.ts';
import { parseSensitivity, type SensitivityFile, sensitivityFormat } from '../protocol/sensitivity.ts';
import { version } from '../version.ts';
import { type Checkpoint, stampCheckpoint } from './checkpoint.ts';
import type { ResolvedRecipe } from './plan.ts';
import { findTextFiles, stampTextFiles } from './text-readers/files.ts';

/** Beyond the curves of any model; what is larger is not read into memory. */
const mostBytes = 256 * 2 ** 20;

type Decisive = Pick<ResolvedRecipe, 'recipe' | 'calibrationText'>;

/**
 * Where a sensitivity is kept: the hash of everything that decides it. The sparsity is part of that only for a measure that works at that
 * one, since values are read from curves at any sparsity. Texts go in by name, size and time, for their own hash would mean reading them;
 * where none is read, nothing of them goes in.
 */
export async function sensitivityPath(folder: string, resolved: Decisive, source: Checkpoint): Promise<string> {
  return join(folder, `${await decisiveHash(resolved, source, resolved.recipe.measure)}.json`);
}

/** Where a measure keeps the state from which it goes on: for all recipes that differ at most in when it ends. */
export async function statePath(folder: string, resolved: Decisive, source: Checkpoint): Promise<string> {
  const card: Measure = measures[resolved.recipe.measure.method];
  const ends = (card.scope === 'model' && card.anytime?.ends) || [];
  const what = Object.entries(resolved.recipe.measure).filter(([name]) => !ends.includes(name));
  return join(folder, `state-${await decisiveHash(resolved, source, what)}.json`);
}

async function decisiveHash({ recipe, calibrationText }: Decisive, source: Checkpoint, measure: unknown): Promise<string> {
  const { text: _text, flow: _flow, ...drawn } = recipe.calibrate;
  const card: Measure = measures[recipe.measure.method];
  const texts = async () => stampTextFiles(await findTextFiles(calibrationText));
  const read = readsText(card) ? [drawn, recipe.solve.damping, await texts()] : [];
  const solve = card.scope === 'model' && card.prunes ? [recipe.solve] : [];
  const level = card.scope === 'model' && card.anytime ? [recipe.sparsity] : [];
  const parts = [sensitivityFormat, version, measure, ...read, ...solve, ...level, ...stampCheckpoint(source)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * What a file says that anyone may have edited.
 *
 * @param wanted  the measure, and the matrices in their order
 * @returns       `undefined` where there is none; a file that is damaged, or of something else, counts as none
 */
export function readSensitivity(
  path: string,
  wanted: { readonly method: string; readonly names: readonly string[] },
): Sensitivity | undefined {
  const sensitivity = parseSensitivity(readJsonOrNothing(path));
  const fits =
    sensitivity?.method === wanted.method &&
    sensitivity.matrices.length === wanted.names.length &&
    sensitivity.matrices.every(({ name }, i) => name === wanted.names[i]);
  return fits ? sensitivity : undefined;
}

/** What the file holds, unchecked; `undefined` where that is no JSON. */
export function readJsonOrNothing(path: string): unknown {
  try {
    return statSync(path).size > mostBytes ? undefined : JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

export function writeSensitivity(path: string, sensitivity: Sensitivity): void {
  writeJson(path, { format: sensitivityFormat, sensitivity } satisfies SensitivityFile);
}

/** The file is whole or not there. The folder is kept out of version control. */
export function writeJson(path: string, value: unknown): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, '.gitignore'))) writeFileSync(join(folder, '.gitignore'), '*\n');
  const partial = `${path}.${process.pid}.partial`;
  try {
    writeFileSync(partial, `${JSON.stringify(value)}\n`);
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
}
