/** Looks at the folders a recipe speaks of: headers of its checkpoint, kept until its files change, and what lies at its paths. */

import { existsSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Checkpoint, openCheckpoint } from '../engine/checkpoint.ts';
import { SecateurError } from '../error.ts';
import { reportFileName } from '../protocol/file-names.ts';
import { defaultOutput } from '../recipe/schema.ts';
import type { Analysis } from './analysis.ts';
import { type CheckpointFacts, type Facts, type Found, noFacts, pathsIn } from './facts.ts';
import { createMeasured } from './measured.ts';

/** The files whose change makes a checkpoint another. */
export const checkpointFiles = ['config.json', 'model.safetensors.index.json', 'model.safetensors'] as const;

const mostKept = 16;

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

export interface World {
  /**
   * @param folder       what the recipe's paths are relative to, absolute; `undefined` for a document that lies nowhere
   * @param cacheFolder  where what was measured is kept, absolute; `null` where that is not known
   */
  factsOf(analysis: Analysis, folder: string | undefined, cacheFolder: string | null): Promise<Facts>;
  /** After a change of files that the stamps do not show, such as a shard that was replaced. */
  forget(): void;
}

export function createWorld(): World {
  const kept = new Map<string, { readonly stamp: string; readonly reading: Promise<Reading> }>();
  const measured = createMeasured();
  const checkpointIn = (folder: string): Promise<Reading> => {
    const stamp = stampOf(folder);
    const known = kept.get(folder);
    if (known?.stamp === stamp) return known.reading;
    const reading = readCheckpoint(folder).then((read) => {
      // A shard may come without a change of the index that names it.
      if (read.facts.state === 'bad' && read.facts.code === 'FILE_MISSING') kept.delete(folder);
      return read;
    });
    kept.delete(folder);
    kept.set(folder, { stamp, reading });
    if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
    return reading;
  };
  return {
    forget: () => kept.clear(),
    async factsOf(analysis, folder, cacheFolder) {
      if (folder === undefined) return noFacts;
      const { recipe } = analysis;
      const paths = pathsIn(analysis);
      const model = paths.find(({ place }) => place === 'checkpoint')?.path;
      const written = recipe && recipe.save.to === undefined ? [defaultOutput(recipe)] : [];
      const wanted = [...new Set([...paths.map(({ path }) => path), ...written])];
      const reading: Reading = model === undefined ? { facts: { state: 'unknown' } } : await checkpointIn(resolve(folder, model));
      const isKnown = recipe && reading.source && cacheFolder !== null;
      return {
        checkpoint: reading.facts,
        sensitivity: isKnown ? await measured(recipe, reading.source, { cacheFolder, folder }) : null,
        found: new Map(await Promise.all(wanted.map(async (path) => [path, await findAt(resolve(folder, path))] as const))),
      };
    },
  };
}

/** What is in a folder, folders first; nothing where it cannot be read. */
export async function listFolder(folder: string): Promise<readonly FolderEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const listed = await Promise.all(
    entries.map(async (entry) => ({
      name: entry.name,
      isFolder: entry.isSymbolicLink() ? (await findAt(join(folder, entry.name))) !== 'file' : entry.isDirectory(),
    })),
  );
  return listed.toSorted((a, b) => Number(b.isFolder) - Number(a.isFolder) || (a.name < b.name ? -1 : 1));
}

async function findAt(path: string): Promise<Found> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats) return 'absent';
  if (!stats.isDirectory()) return 'file';
  return existsSync(join(path, reportFileName)) ? 'result' : 'folder';
}

/** Changes whenever the headers might. */
function stampOf(folder: string): string {
  return checkpointFiles.map((name) => stampOfFile(join(folder, name))).join();
}

function stampOfFile(path: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats ? `${stats.mtimeMs}:${stats.size}` : '';
  } catch {
    // No permission, or a path that the system does not take: the reading that follows says so.
    return '';
  }
}

interface Reading {
  readonly facts: CheckpointFacts;
  /** Where it could be read. */
  readonly source?: Checkpoint;
}

async function readCheckpoint(folder: string): Promise<Reading> {
  try {
    const source = await openCheckpoint(folder);
    const { model, linears } = source;
    const { modelType, nBlocks, maxLength } = model;
    const slots = linears.map(({ tensor, block, kind, out, in: width }) => ({ name: tensor, block, kind, out, in: width }));
    return { facts: { state: 'ready', modelType, nBlocks, maxLength, slots }, source };
  } catch (error) {
    if (error instanceof SecateurError) return { facts: { state: 'bad', code: error.code, message: error.message, hint: error.hint } };
    return { facts: { state: 'bad', code: 'FILE_DENIED', message: `${folder}: ${(error as Error).message}`, hint: undefined } };
  }
}
