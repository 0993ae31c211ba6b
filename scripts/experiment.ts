/**
 * Runs an experiment, goes on with one, or makes the page of its results.
 *
 *     npm run experiment mixgpt -- --model DIR --calibrate TEXT-OR-TOKENS --evaluate TEXT [--only 'GLOB'] [--minutes N] [--list]
 *     npm run experiment prediction -- --model DIR --calibrate TEXT-OR-TOKENS --evaluate TEXT [--budgets 30] [--minutes N]
 *     npm run experiment mixgpt -- --name NAME --report [--peer FOLDER]
 *
 * Results are lines of docs/results/NAME/records.jsonl; what is there already is not run again. docs/results/README.md says more.
 */

import { basename } from 'node:path';
import { SecateurError } from '../src/error.ts';
import { cellsOf, choose, whyNotAvailable } from './experiment/grid.ts';
import { runMixgpt } from './experiment/mixgpt.ts';
import { type Options, readOptions } from './experiment/options.ts';
import { mixgptPage, type Page } from './experiment/page.ts';
import { addPeers } from './experiment/peers.ts';
import { predictionPage, runPrediction } from './experiment/prediction.ts';
import { type Results, readResults, recordsIn } from './experiment/records.ts';
import { writePage } from './experiment/write-page.ts';

interface Experiment {
  run(options: Options, signal: AbortSignal, say: (line: string) => void): Promise<void>;
  page(results: Results, name: string): Page;
}

const experiments: Readonly<Record<string, Experiment>> = {
  mixgpt: { run: runMixgpt, page: mixgptPage },
  prediction: { run: runPrediction, page: predictionPage },
};

const options = readOptions(process.argv.slice(2));
const experiment = experiments[options.experiment];
if (!experiment) throw new Error(`There is no experiment ${options.experiment}; there are ${Object.keys(experiments).join(' and ')}.`);

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

addPeers(options);
if (options.list) list(options);
else {
  if (!options.report) await runUntilStopped(experiment, options);
  writePage(options.folder, experiment.page(readResults(recordsIn(options.folder)), basename(options.folder)));
}

/** Being stopped is no failure: the page shows what there is by then. */
async function runUntilStopped({ run }: Experiment, options: Options): Promise<void> {
  try {
    await run(options, stop.signal, console.log);
  } catch (error) {
    if (!(error instanceof SecateurError) || error.code !== 'CANCELLED') throw error;
    console.log('Stopped; the same command goes on.');
  }
}

/** Every chosen cell: done, to be run, or why not. */
function list({ seeds, only, folder }: Options): void {
  const { cells } = readResults(recordsIn(folder));
  for (const cell of choose(cellsOf(seeds), only)) {
    const record = cells.get(cell.id);
    const reason = whyNotAvailable(cell);
    const state = record ? `perplexity ${record.perplexity.toFixed(3)}` : reason ? `not available: ${reason}` : 'to be run';
    console.log(`${cell.id.padEnd(52)} ${state}`);
  }
}
