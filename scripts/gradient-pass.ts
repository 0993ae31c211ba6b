/**
 * One pass through the model as the benchmark times it: gradients, or products of the Hessian with one probe.
 *
 *     node scripts/run.mjs gradient-pass gradient|curvature --model DIR --tokens FILE [--windows 4] [--length 512] [--threads 2]
 *
 * Prints one line of JSON: the seconds of the pass itself, and the sum of what it found, to be held against another's.
 */

import { parseArgs } from 'node:util';
import { openCheckpoint } from '../src/engine/checkpoint.ts';
import { curvatures, gradientNorms } from '../src/engine/gradients.ts';
import { lendContext, lendRuntime } from '../src/engine/lend.ts';
import { drawWindows } from '../src/engine/texts.ts';
import { openTokenizerIfAny } from '../src/engine/tokenizer.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: '' },
    tokens: { type: 'string', default: '' },
    windows: { type: 'string', default: '4' },
    length: { type: 'string', default: '512' },
    threads: { type: 'string', default: '2' },
  },
});
const ctx = lendContext(
  lendRuntime('cpu', Number(values.threads)),
  {},
  { signal: new AbortController().signal, onProgress: () => {}, log: () => {} },
);
const source = await openCheckpoint(values.model);
const passage = { windows: Number(values.windows), length: Number(values.length) };
const tokenizer = await openTokenizerIfAny(values.model, source.model.vocabSize);
const text = await drawWindows({ paths: [values.tokens], samples: passage.windows, seed: 0 }, tokenizer);

const started = performance.now();
const found =
  positionals[0] === 'gradient'
    ? await gradientNorms(source, text, { ...passage, labels: 'text', seed: 0, form: 'gradient' }, ctx)
    : await curvatures(source, text, { ...passage, law: 'rademacher', seeds: [0] }, ctx);
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ seconds, sum: found.reduce((sum, each) => each.reduce((total, value) => total + value, sum), 0) }));
