/** The checkpoint a run writes: beside its final name until it is whole, then renamed; never the source. */

import {
  closeSync,
  copyFileSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SecateurError } from '../error.ts';
import { type Checkpoint, type TensorEntry, weightsIn } from './checkpoint.ts';
import type { Context } from './context.ts';
import { digestFile } from './digest.ts';
import { syncFile, syncFolder } from './files.ts';
import { type Journal, openJournal } from './journal.ts';
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

export const reportName = 'secateur-report.json';
const journalName = 'journal.jsonl';
const lockName = 'lock';

/**
 * Opens the folder a run with this key writes to: the one a dead run left, or a new copy of the source.
 *
 * @throws `OUTPUT_EXISTS`, `BUSY`, `CANCELLED`
 */
export async function openTarget(
  source: Checkpoint,
  to: string,
  options: { readonly key: string; readonly fresh: boolean },
  ctx: Context,
): Promise<Target> {
  const folder = `${to}.partial`;
  mkdirSync(folder, { recursive: true });
  lock(folder);
  try {
    const known = openJournal(join(folder, journalName));
    const first = known.entries[0];
    const resumes =
      !options.fresh && first?.type === 'run' && first.key === options.key && known.entries.some((entry) => entry.type === 'copied');
    if (resumes) known.append({ type: 'resumed' });
    else known[Symbol.dispose]();
    const journal = resumes ? known : await startOver(source, folder, options.key, first !== undefined, ctx);
    return writable(source, folder, to, journal);
  } catch (error) {
    rmSync(join(folder, lockName), { force: true });
    throw error;
  }
}

/** Refuses an output folder that is there, unless it is an earlier result that may be replaced. */
export function checkOutput(to: string, mayReplace: boolean): void {
  if (!existsSync(to)) return;
  if (!existsSync(join(to, reportName)))
    throw new SecateurError('OUTPUT_EXISTS', `${to} exists and is not a result of Secateur`, 'Name another folder: --set save.to=DIR.');
  if (!mayReplace)
    throw new SecateurError(
      'OUTPUT_EXISTS',
      `${to} exists: an earlier result`,
      'Name another folder (--set save.to=DIR), or replace it: --set save.overwrite=true.',
    );
}

async function startOver(source: Checkpoint, folder: string, key: string, hadOther: boolean, ctx: Context): Promise<Journal> {
  if (hadOther) ctx.log(`${folder}: what was begun there does not fit this run; starting over`);
  for (const name of readdirSync(folder)) if (name !== lockName) rmSync(join(folder, name), { recursive: true });
  const journal = openJournal(join(folder, journalName));
  journal.append({ type: 'run', key });
  const stopwatch = createStopwatch();
  const digests = await stopwatch.time('read and copy', () => copySource(source, folder, ctx));
  syncFolder(folder);
  journal.append({
    type: 'copied',
    files: digests.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
    zeros: Object.fromEntries(digests.flatMap((digest) => [...digest.zeros])),
    steps: stopwatch.steps(),
  });
  return journal;
}

async function copySource(source: Checkpoint, folder: string, ctx: Context) {
  const total = source.files.reduce((sum, file) => sum + file.bytes, 0);
  const tensors = source.linears.map((linear) => source.tensors.get(linear.tensor)!);
  const digests: Awaited<ReturnType<typeof digestFile>>[] = [];
  let done = 0;
  for (const { name } of source.files) {
    const onBytes = (bytes: number) => {
      done += bytes;
      ctx.onProgress({ step: 'read', done, total, unit: 'bytes', detail: name });
    };
    digests.push(await digestFile(source.folder, name, { tensors, copyTo: folder, signal: ctx.signal, onBytes }));
  }
  for (const name of companions(source)) {
    copyFileSync(join(source.folder, name), join(folder, name));
    syncFile(join(folder, name));
  }
  return digests;
}

/** Config, tokenizer and whatever else belongs to the checkpoint: every plain file that holds no weights and is not ours. */
function companions(source: Checkpoint): string[] {
  const weights = new Set(source.files.map((file) => file.name));
  return readdirSync(source.folder).filter(
    (name) =>
      !weights.has(name) &&
      !/\.(safetensors|gguf|bin|pt|pth|h5|msgpack|onnx)$|\.prune\.yaml$|^secateur-report\./.test(name) &&
      statSync(join(source.folder, name)).isFile(),
  );
}

function writable(source: Checkpoint, folder: string, to: string, journal: Journal): Target {
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
      rmSync(join(folder, journalName));
      rmSync(join(folder, lockName), { force: true });
      syncFolder(folder);
      replace(folder, to);
    },
    [Symbol.dispose]() {
      release();
      rmSync(join(folder, lockName), { force: true });
    },
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

function replace(folder: string, to: string): void {
  const old = `${to}.replaced`;
  if (existsSync(to)) renameSync(to, old);
  renameSync(folder, to);
  rmSync(old, { recursive: true, force: true });
}

/** Keeps a second run out. A lock whose process is gone was left by a run that died. */
function lock(folder: string): void {
  const path = join(folder, lockName);
  if (existsSync(path)) {
    const pid = Number(readFileSync(path, 'utf8'));
    if (isAlive(pid)) throw new SecateurError('BUSY', `${folder} is being written by process ${pid}`, 'Wait for it, or stop it.');
    rmSync(path, { force: true });
  }
  writeFileSync(path, `${process.pid}`, { flag: 'wx' });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
