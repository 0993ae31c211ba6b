/** The results of an experiment: one JSON line each in a file that only grows, so that a second start goes on where the first ended. */

import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';

const perplexityFields = v.object({
  perplexity: v.number(),
  /** Mean nats per prediction. */
  nll: v.number(),
  /** The mean of each window, for paired differences. */
  windowNll: v.pipe(v.array(v.number()), v.readonly()),
});

const made = {
  secateur: v.string(),
  /** Of the repository; with `+` where files were changed since. */
  commit: v.string(),
  date: v.string(),
  environment: v.record(v.string(), v.union([v.string(), v.number()])),
};

/** What all records of a file have in common. A record of another setup does not belong there. */
const setup = v.object({
  type: v.literal('setup'),
  experiment: v.string(),
  /** The checkpoint's folder, by its last part. */
  model: v.string(),
  /** SHA-256 of its weight files, by name. */
  files: v.record(v.string(), v.string()),
  prunable: v.number(),
  calibration: v.object({ text: v.string(), samples: v.number(), length: v.nullable(v.number()) }),
  evaluation: v.object({ text: v.string(), windows: v.number(), length: v.number(), sha256: v.string() }),
});

/** The same windows by the checkpoint as it was. */
const dense = v.object({ type: v.literal('dense'), ...made, ...perplexityFields.entries });

/** What it took to measure the sensitivities that an allocator is fed by. */
const measured = v.object({
  type: v.literal('measured'),
  ...made,
  id: v.string(),
  measure: v.string(),
  seed: v.number(),
  seconds: v.number(),
});

const cell = v.object({
  type: v.literal('cell'),
  ...made,
  ...perplexityFields.entries,
  id: v.string(),
  recipe: v.string(),
  /** Zeros in the prunable weights, counted in the written file. */
  zeros: v.number(),
  /** Sparsity of all matrices of a kind together. */
  byKind: v.record(v.string(), v.number()),
  /** The least and the most sparsity of a matrix. */
  range: v.tuple([v.number(), v.number()]),
  /** By step of the run, and for the evaluation. */
  seconds: v.record(v.string(), v.number()),
  peakMiB: v.number(),
});

/** A published code on the same tokens and windows. */
const peer = v.object({
  type: v.literal('peer'),
  ...perplexityFields.entries,
  id: v.string(),
  method: v.string(),
  /** Share of zeros that was asked for. */
  level: v.number(),
  zeros: v.number(),
});

/** One budget drawn at random, what was predicted of it, and what was found. */
const predicted = v.object({
  type: v.literal('predicted'),
  ...made,
  ...perplexityFields.entries,
  id: v.string(),
  /** Share of zeros of the whole. */
  sparsity: v.number(),
  zeros: v.number(),
  prediction: v.object({
    perplexity: v.number(),
    low: v.nullable(v.number()),
    high: v.nullable(v.number()),
  }),
  seconds: v.record(v.string(), v.number()),
});

const entrySchema = v.variant('type', [setup, dense, measured, cell, peer, predicted]);

export type Entry = v.InferOutput<typeof entrySchema>;
export type SetupRecord = v.InferOutput<typeof setup>;
export type DenseRecord = v.InferOutput<typeof dense>;
export type CellRecord = v.InferOutput<typeof cell>;
export type PeerRecord = v.InferOutput<typeof peer>;
export type MeasuredRecord = v.InferOutput<typeof measured>;
export type PredictedRecord = v.InferOutput<typeof predicted>;
export type Made = Pick<DenseRecord, keyof typeof made>;

/** What there is, by type. Of two records with one id the later counts. */
export interface Results {
  readonly setup: SetupRecord | undefined;
  readonly dense: DenseRecord | undefined;
  readonly measured: ReadonlyMap<string, MeasuredRecord>;
  readonly cells: ReadonlyMap<string, CellRecord>;
  readonly peers: ReadonlyMap<string, PeerRecord>;
  readonly predicted: ReadonlyMap<string, PredictedRecord>;
}

export function recordsIn(folder: string): string {
  return join(folder, 'records.jsonl');
}

/** @throws  naming the line that is no record; a last line that a dying process left unfinished is passed over */
export function readResults(path: string): Results {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const entries = whole.split('\n').flatMap((line, i) => (line === '' ? [] : [readEntry(line, `${path}:${i + 1}`)]));
  const last = <T extends Entry['type']>(type: T) => entries.findLast((entry): entry is Extract<Entry, { type: T }> => entry.type === type);
  const all = <T extends Entry['type']>(type: T) => entries.filter((entry): entry is Extract<Entry, { type: T }> => entry.type === type);
  return {
    setup: last('setup'),
    dense: last('dense'),
    measured: byId(all('measured')),
    cells: byId(all('cell')),
    peers: byId(all('peer')),
    predicted: byId(all('predicted')),
  };
}

function byId<T extends { readonly id: string }>(entries: readonly T[]): Map<string, T> {
  return new Map(entries.map((entry) => [entry.id, entry]));
}

function readEntry(line: string, place: string): Entry {
  const result = v.safeParse(entrySchema, JSON.parse(line));
  if (result.success) return result.output;
  throw new Error(`${place} is no record: ${v.getDotPath(result.issues[0]) ?? ''} ${result.issues[0].message}`);
}

/** Adds one record, in the place of a line that an earlier process left unfinished. */
export function appendEntry(path: string, entry: Entry): void {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) truncateSync(path, readFileSync(path).lastIndexOf('\n') + 1);
  appendFileSync(path, `${JSON.stringify(entry)}\n`);
}

/** A perplexity as it is kept: nats to a millionth. */
export function kept({ perplexity, nll, windowNll }: v.InferOutput<typeof perplexityFields>): v.InferOutput<typeof perplexityFields> {
  const round = (value: number) => Math.round(value * 1e6) / 1e6;
  return { perplexity: round(perplexity), nll: round(nll), windowNll: windowNll.map(round) };
}
