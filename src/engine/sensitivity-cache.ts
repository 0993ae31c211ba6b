/** Keeps what was measured in a folder of its own, each under the hash of what decides it. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Sensitivity } from '../protocol/data.ts';
import { version } from '../version.ts';
import { type Checkpoint, stampCheckpoint } from './checkpoint.ts';
import type { ResolvedRecipe } from './plan.ts';
import { findTextFiles, stampTextFiles } from './text-readers/files.ts';

/**
 * Where a sensitivity is kept: the hash of everything that decides it but the sparsity, since values are read from curves at any
 * sparsity. Texts go in by name, size and time, for their own hash would mean reading them.
 */
export async function sensitivityPath(folder: string, { recipe, calibrationText }: ResolvedRecipe, source: Checkpoint): Promise<string> {
  const { text: _text, flow: _flow, ...drawn } = recipe.calibrate;
  const texts = await stampTextFiles(await findTextFiles(calibrationText));
  const parts = [version, recipe.measure, drawn, recipe.solve.damping, texts, ...stampCheckpoint(source)];
  return join(folder, `${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}.json`);
}

/** `undefined` where there is none; a file that is damaged counts as none. */
export function readSensitivity(path: string, nMatrices: number): Sensitivity | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const found = JSON.parse(readFileSync(path, 'utf8')) as Sensitivity;
    return found.matrices.length === nMatrices ? found : undefined;
  } catch {
    return undefined;
  }
}

/** The file is whole or not there. The folder is kept out of version control. */
export function writeSensitivity(path: string, sensitivity: Sensitivity): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, '.gitignore'))) writeFileSync(join(folder, '.gitignore'), '*\n');
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, `${JSON.stringify(sensitivity)}\n`);
  renameSync(partial, path);
}
