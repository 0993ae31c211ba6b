/** What an experiment is told on the command line. */

import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  readonly experiment: string;
  /** Folder of the checkpoint; only a page can be made without one. */
  readonly model: string | undefined;
  /** A text, or token ids in a safetensors file, from whose rows every seed takes its own. */
  readonly calibrate: string | undefined;
  readonly evaluate: string | undefined;
  readonly samples: number;
  /** Tokens of a calibration window; `undefined`: those of the file of token ids, or the model's own. */
  readonly calibrationLength: number | undefined;
  readonly windows: number;
  /** Tokens of an evaluation window. */
  readonly length: number | undefined;
  readonly seeds: readonly number[];
  readonly only: readonly string[];
  /** No cell is begun after so many. */
  readonly minutes: number;
  /** Random budgets of the prediction experiment. */
  readonly budgets: number;
  readonly threads: number | undefined;
  readonly list: boolean;
  readonly report: boolean;
  /** Folders of published codes' results that are to be set beside ours. */
  readonly peers: readonly string[];
  /** Where the records and pictures of this experiment stand; its page stands beside, under the folder's name. */
  readonly folder: string;
  /** For sensitivities, unfinished checkpoints and slices of token files. */
  readonly cache: string;
}

export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      calibrate: { type: 'string' },
      evaluate: { type: 'string' },
      samples: { type: 'string', default: '16' },
      'calibration-length': { type: 'string' },
      windows: { type: 'string', default: '40' },
      length: { type: 'string' },
      seeds: { type: 'string', default: '0,1' },
      only: { type: 'string', multiple: true, default: [] },
      minutes: { type: 'string', default: 'Infinity' },
      budgets: { type: 'string', default: '30' },
      threads: { type: 'string' },
      list: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      peer: { type: 'string', multiple: true, default: [] },
      name: { type: 'string' },
      results: { type: 'string', default: 'docs/results' },
      cache: { type: 'string', default: '.secateur/experiment' },
    },
  });
  const [experiment = ''] = positionals;
  if (!values.model && !values.name) throw new Error('Name the checkpoint with --model, or the results with --name.');
  const name = values.name ?? `${experiment}-${basename(resolve(values.model!))}`;
  const optional = (key: 'calibration-length' | 'length' | 'threads') =>
    values[key] === undefined ? undefined : wholeNumber(key, values[key]);
  return {
    experiment,
    model: values.model && resolve(values.model),
    calibrate: values.calibrate && resolve(values.calibrate),
    evaluate: values.evaluate && resolve(values.evaluate),
    samples: wholeNumber('samples', values.samples),
    calibrationLength: optional('calibration-length'),
    windows: wholeNumber('windows', values.windows),
    length: optional('length'),
    seeds: values.seeds.split(',').map((seed) => wholeNumber('seeds', seed)),
    only: values.only,
    minutes: limit('minutes', values.minutes),
    budgets: wholeNumber('budgets', values.budgets),
    threads: optional('threads'),
    list: values.list,
    report: values.report,
    peers: values.peer.map((folder) => resolve(folder)),
    folder: resolve(join(values.results, name)),
    cache: resolve(join(values.cache, name)),
  };
}

function limit(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} ${text} is not a number above 0`);
  return value;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || text === '') throw new Error(`--${name} ${text} is not a whole number`);
  return value;
}
