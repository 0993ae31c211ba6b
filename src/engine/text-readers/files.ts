/** From the paths of a recipe to the files that hold the texts. */

import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SecateurError } from '../../error.ts';
import { throwIfCancelled } from '../context.ts';
import { concatenateDocuments, type DocumentOptions, type Documents } from './documents.ts';
import { openJsonl } from './jsonl.ts';
import { openParquet } from './parquet.ts';
import { openPlain } from './plain.ts';

/** What reads which file; alphabetical. */
const readers: Readonly<Record<string, (path: string, options: DocumentOptions) => Promise<Documents>>> = {
  '.jsonl': openJsonl,
  '.md': openPlain,
  '.parquet': openParquet,
  '.txt': openPlain,
};

const tokenExtension = '.safetensors';

/** Files that tell of a folder's texts and are none of them. */
const aboutTheFolder = /^(readme|licen[cs]e|copying|notice)\b/i;

export interface TextFiles {
  readonly paths: readonly string[];
  /** Whether they hold token ids instead of text. */
  readonly isTokens: boolean;
  /** What a person would call them. */
  readonly label: string;
  /** Bytes of all files. */
  readonly size: number;
}

/**
 * The files that paths mean: a file, the files of a folder in the order of their names, or `default` for the text that comes along.
 *
 * @throws `FILE_MISSING`; `UNSUPPORTED` for a kind of file that nothing here reads, or for texts and token ids at once
 */
export async function findTextFiles(paths: readonly string[]): Promise<TextFiles> {
  const found = (await Promise.all(paths.map(expand))).flat();
  if (found.length === 0) throw new SecateurError('FILE_MISSING', 'no text is named', 'Name a file, a folder, or default.');
  const isTokens = found.some((path) => extensionOf(path) === tokenExtension);
  if (isTokens && found.length > 1)
    throw new SecateurError('UNSUPPORTED', `${found.length} files with token ids among them`, 'Name one file of token ids, or only texts.');
  const sizes = await Promise.all(found.map(async (path) => (await stat(path)).size));
  const names = paths.map((path) => (path === 'default' ? 'the default text' : basename(path)));
  return { paths: found, isTokens, label: names.join(', '), size: sizes.reduce((sum, size) => sum + size, 0) };
}

export async function openDocuments({ paths }: TextFiles, options: DocumentOptions): Promise<Documents> {
  const members: Documents[] = [];
  try {
    for (const path of paths) members.push(await readers[extensionOf(path)](path, options));
  } catch (error) {
    await concatenateDocuments(members)[Symbol.asyncDispose]();
    throw error;
  }
  return members.length === 1 ? members[0] : concatenateDocuments(members);
}

/** Tells one state of the files from another without reading them: name, size and time of each, plain data to be hashed as JSON. */
export async function stampTextFiles({ paths }: TextFiles): Promise<unknown[][]> {
  return Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return [basename(path), size, mtimeMs];
    }),
  );
}

/** SHA-256 of the file's bytes; of several files, of their hashes in hexadecimal, a line each. */
export async function hashTextFiles({ paths }: TextFiles, signal?: AbortSignal): Promise<string> {
  const hashes: string[] = [];
  for (const path of paths) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      if (signal) throwIfCancelled(signal);
      hash.update(chunk);
    }
    hashes.push(hash.digest('hex'));
  }
  return hashes.length === 1
    ? hashes[0]
    : createHash('sha256')
        .update(hashes.map((hash) => `${hash}\n`).join(''))
        .digest('hex');
}

async function expand(path: string): Promise<string[]> {
  if (path === 'default') return [findDefaultText()];
  const stats = await stat(path).catch(() => undefined);
  if (!stats) throw new SecateurError('FILE_MISSING', `${path} is not there`, 'Name a text file, a folder of them, or default.');
  if (!stats.isDirectory()) {
    if (isKnown(path)) return [path];
    throw new SecateurError('UNSUPPORTED', `${path}: a text ends in ${knownExtensions()}`, 'Rename or unpack the file.');
  }
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory() && isKnown(entry.name) && !aboutTheFolder.test(entry.name))
    .map(({ name }) => name);
  if (names.length === 0) throw new SecateurError('FILE_MISSING', `${path}: no file in this folder ends in ${knownExtensions()}`);
  return names.sort().map((name) => join(path, name));
}

function extensionOf(path: string): string {
  return extname(path).toLowerCase();
}

function isKnown(path: string): boolean {
  return Object.hasOwn(readers, extensionOf(path)) || extensionOf(path) === tokenExtension;
}

function knownExtensions(): string {
  return `${Object.keys(readers).join(', ')} or ${tokenExtension}`;
}

/** It lies in the package's media folder, at another depth from the source than from the bundle. */
function findDefaultText(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const path = join(folder, 'media', 'default-text', 'default.txt');
    if (existsSync(path)) return path;
    if (folder === dirname(folder))
      throw new SecateurError('FILE_MISSING', 'the default text is not there', 'Install Secateur again, or name a text.');
    folder = dirname(folder);
  }
}
