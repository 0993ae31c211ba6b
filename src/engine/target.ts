/** The checkpoint a run writes: beside its final name until it is whole, then renamed; never the source. */

import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SecateurError } from '../error.ts';
import { reportFileName } from '../protocol/file-names.ts';
import { type Checkpoint, companions, type TensorEntry, weightsIn } from './checkpoint.ts';
import type { Context } from './context.ts';
import { digestFiles } from './digest.ts';
import { syncFile, syncFolder } from './files.ts';
import { type Journal, openJournal } from './journal.ts';
import { lockFolder, lockName } from './lock.ts';
import { partialOf, publish, readReportIn } from './output-folder.ts';
import type { WeightFiles } from './runtime.ts';
import { createStopwatch } from './stopwatch.ts';

export interface Target extends Disposable {
  /** The folder it is written in until it is whole. */
  readonly folder: string;
  readonly weights: WeightFiles;
  readonly journal: Journal;
  /** Overwrites one tensor with bytes of the same length. */
  write(tensor: TensorEntry, bytes: Uint8Array): void;
  /** Puts the source's bytes back. */
  restore(tensors: readonly TensorEntry[]): void;
  /** Returns when everything written is on disk. */
  sync(): void;
  /** Adds the files given, and gives the folder its final name. */
  finish(files: Readonly<Record<string, string>>): void;
}

/** What a journal says of the run it is of. */
export interface RunId {
  readonly key: string;
  /** The hash of the recipe alone. */
  readonly recipe: string;
}

export const journalName = 'secateur-journal.jsonl';

/** Keeps others from writing to `to`; a folder that nothing was put into is removed at the end. */
export function lockOutput(to: string): Disposable {
  const folder = partialOf(to);
  mkdirSync(folder, { recursive: true });
  const lock = lockFolder(folder);
  return {
    [Symbol.dispose]() {
      lock[Symbol.dispose]();
      if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
    },
  };
}

/** Gives a result its name that an earlier run finished and could not rename any more. The output must be locked. */
export function publishFinished(to: string): boolean {
  const folder = partialOf(to);
  const isFinished = !existsSync(join(folder, journalName)) && readReportIn(folder) !== undefined;
  if (isFinished) publish(to);
  return isFinished;
}

/** Whether what was begun there is a run with this key; it was allowed to replace what it will replace. The output must be locked. */
export function hasBegun(to: string, key: string): boolean {
  const path = join(partialOf(to), journalName);
  if (!existsSync(path)) return false;
  using journal = openJournal(path);
  const [first] = journal.entries;
  return first?.type === 'run' && first.key === key;
}

/**
 * Opens the folder a run with this key writes to, which must be locked: the one a dead run left, or a new copy of the source.
 *
 * @throws `OUTPUT_EXISTS` where the folder is there and was not begun by a run; `CANCELLED`
 */
export async function openTarget(
  source: Checkpoint,
  to: string,
  options: RunId & { readonly fresh: boolean },
  ctx: Context,
): Promise<Target> {
  const folder = partialOf(to);
  refuseForeign(folder);
  const journal = (!options.fresh && resume(folder, options.key)) || (await startOver(source, folder, options, ctx));
  return writable(source, to, journal);
}

function refuseForeign(folder: string): void {
  const names = readdirSync(folder).filter((name) => !name.startsWith(lockName));
  if (names.length > 0 && !names.includes(journalName) && !names.includes(reportFileName))
    throw new SecateurError(
      'OUTPUT_EXISTS',
      `${folder} is there and was not begun by a run: it holds ${names[0]}`,
      'Move it away, or name another folder.',
    );
}

/** The journal of a run with the same key that has at least copied its source. */
function resume(folder: string, key: string): Journal | undefined {
  const journal = openJournal(join(folder, journalName));
  const [first] = journal.entries;
  const copied = journal.entries.find((entry) => entry.type === 'copied');
  if (
    copied &&
    first?.type === 'run' &&
    first.key === key &&
    [...copied.files, ...copied.others].every((file) => hasSize(join(folder, file.name), file.bytes))
  ) {
    journal.append({ type: 'resumed' });
    return journal;
  }
  journal[Symbol.dispose]();
  return undefined;
}

function hasSize(path: string, bytes: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === bytes;
}

async function startOver(source: Checkpoint, folder: string, { key, recipe }: RunId, ctx: Context): Promise<Journal> {
  const left = readdirSync(folder).filter((name) => !name.startsWith(lockName));
  if (left.some((name) => name !== journalName)) ctx.log(`${folder}: what was begun there does not fit this run; starting over`);
  for (const name of left) rmSync(join(folder, name), { recursive: true });
  const journal = openJournal(join(folder, journalName));
  journal.append({ type: 'run', key, recipe });
  const stopwatch = createStopwatch();
  const digests = await stopwatch.time('read and copy', () => copySource(source, folder, ctx));
  syncFolder(folder);
  const zeros = new Map(digests.flatMap((digest) => [...digest.zeros]));
  journal.append({
    type: 'copied',
    files: digests.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
    others: companions(source),
    zeros: Object.fromEntries(source.linears.map(({ tensor }) => [tensor, zeros.get(tensor)!])),
    steps: stopwatch.steps(),
  });
  return journal;
}

async function copySource(source: Checkpoint, folder: string, ctx: Context) {
  const digests = await digestFiles(
    source.folder,
    source.files,
    { step: 'read', tensors: [...source.tensors.values()], copyTo: folder },
    ctx,
  );
  for (const { name } of companions(source)) {
    copyFileSync(join(source.folder, name), join(folder, name));
    // A copy keeps the mode of what it copies, and a source may be read-only.
    chmodSync(join(folder, name), 0o644);
    syncFile(join(folder, name));
  }
  return digests;
}

function writable(source: Checkpoint, to: string, journal: Journal): Target {
  const folder = partialOf(to);
  const handles = new Map(source.files.map(({ name }) => [name, openSync(join(folder, name), 'r+')]));
  const write = ({ file, offset }: TensorEntry, bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length; ) done += writeSync(handles.get(file)!, bytes, done, bytes.length - done, offset + done);
  };
  const release = () => {
    journal[Symbol.dispose]();
    for (const handle of handles.values()) closeSync(handle);
    handles.clear();
  };
  return {
    folder,
    weights: weightsIn(folder, source.tensors),
    journal,
    write,
    restore(tensors) {
      for (const tensor of tensors) write(tensor, readTensor(source, tensor));
    },
    sync() {
      for (const handle of handles.values()) fdatasyncSync(handle);
    },
    finish(files) {
      for (const [name, text] of Object.entries(files)) {
        writeFileSync(join(folder, name), text);
        syncFile(join(folder, name));
      }
      release();
      // From here on the report in the folder says that it is whole: `publishFinished` finds it if the process dies before the renaming.
      rmSync(join(folder, journalName));
      syncFolder(folder);
      publish(to);
    },
    [Symbol.dispose]: release,
  };
}

/** One tensor's bytes as the source has them. */
export function readTensor(source: Checkpoint, { name, file, offset, bytes }: TensorEntry): Uint8Array {
  const handle = openSync(join(source.folder, file), 'r');
  try {
    const buffer = new Uint8Array(bytes);
    for (let done = 0; done < bytes; ) {
      const got = readSync(handle, buffer, done, bytes - done, offset + done);
      if (got === 0) throw new SecateurError('BAD_CHECKPOINT', `${file} ends inside tensor ${name}`);
      done += got;
    }
    return buffer;
  } finally {
    closeSync(handle);
  }
}
