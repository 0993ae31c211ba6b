/** What a run has finished, one line a step, on disk before it counts: a run that died goes on behind the last whole line. */

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import type { Sensitivity } from '../methods/sensitivity.ts';
import type { FileDigest, MatrixReport, Perplexity, StepReport } from '../protocol/report.ts';

export type JournalEntry =
  /** The first line: the hash of everything that decides the result, and of the recipe's part of it alone, which earlier versions left out. */
  | { readonly type: 'run'; readonly key: string; readonly recipe?: string }
  /** The weight files are copied whole; zeros by tensor as the source has them. */
  | {
      readonly type: 'copied';
      readonly files: readonly FileDigest[];
      /** What was copied beside the weights. */
      readonly others: readonly { readonly name: string; readonly bytes: number }[];
      readonly zeros: Readonly<Record<string, number>>;
      readonly steps: readonly StepReport[];
    }
  /** What the allocator is fed, so that a later sitting goes by the same budget whatever became of the cache. */
  | { readonly type: 'measured'; readonly sensitivity: Sensitivity; readonly steps: readonly StepReport[] }
  | { readonly type: 'before' | 'after'; readonly perplexity: Perplexity; readonly steps: readonly StepReport[] }
  /** A block's pruned weights are in the target. */
  | { readonly type: 'block'; readonly block: number; readonly matrices: readonly BlockMatrix[]; readonly steps: readonly StepReport[] }
  /** The uniform control is whole: its matrices as its file had them. */
  | {
      readonly type: 'control';
      readonly matrices: readonly MatrixReport[];
      readonly perplexity: Perplexity;
      readonly steps: readonly StepReport[];
    }
  /** A later sitting began. */
  | { readonly type: 'resumed' };

/** What is known of a matrix before the written file is read back; its zeros are those that were to be written. */
export type BlockMatrix = Omit<MatrixReport, 'sparsity' | 'sensitivity' | 'control'>;

export interface Journal extends Disposable {
  readonly entries: readonly JournalEntry[];
  append(entry: JournalEntry): void;
}

/** The first entry of a type. */
export function findEntry<T extends JournalEntry['type']>(
  { entries }: Pick<Journal, 'entries'>,
  type: T,
): Extract<JournalEntry, { type: T }> | undefined {
  return entries.find((entry): entry is Extract<JournalEntry, { type: T }> => entry.type === type);
}

/** Opens the journal at `path`; a torn last line, left by a process that died while writing it, is cut off. */
export function openJournal(path: string): Journal {
  const entries = existsSync(path) ? readWhole(path) : [];
  let file: number | undefined = openSync(path, 'a');
  return {
    entries,
    append(entry) {
      if (file === undefined) throw new Error(`${path} is closed`);
      writeSync(file, `${JSON.stringify(entry)}\n`);
      fsyncSync(file);
      entries.push(entry);
    },
    [Symbol.dispose]() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** The first entry of the journal at `path`, which another process may be writing: nothing is changed. */
export function readFirstEntry(path: string): JournalEntry | undefined {
  const [line] = readFileSync(path, 'utf8').split('\n', 1);
  return parse(line!);
}

/** The lines up to the first that is not whole, whatever was done to the file; what follows that is cut off. */
function readWhole(path: string): JournalEntry[] {
  const entries: JournalEntry[] = [];
  const lines = readFileSync(path, 'utf8').split('\n');
  let bytes = 0;
  for (const line of lines.slice(0, -1)) {
    const entry = parse(line);
    if (!entry) break;
    entries.push(entry);
    bytes += Buffer.byteLength(line) + 1;
  }
  truncateSync(path, bytes);
  return entries;
}

function parse(line: string): JournalEntry | undefined {
  try {
    return JSON.parse(line) as JournalEntry;
  } catch {
    return undefined;
  }
}
