/** The recipe's keys, step by step: range, default and meaning. Methods and their options come from the method cards. */

import * as v from 'valibot';
import { allocators } from '../methods/allocate/index.ts';
import { measures } from '../methods/measure/index.ts';
import { criteria } from '../methods/score/index.ts';
import { solvers } from '../methods/solve/index.ts';
import { enumerate } from './fields.ts';
import { globFault } from './match.ts';
import { methodStep, refiners } from './method-step.ts';

/** Of the files a text may be read from. */
export const textEndings = ['.txt', '.md', '.jsonl', '.parquet', '.safetensors'];
/** A known ending, in large letters too; or a slash, or no dot in the last part, as of a folder. */
const endingPattern = textEndings
  .map((ending) => `\\${ending.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)}`)
  .join('|');
const textPath = new RegExp(`(${endingPattern}|[\\\\/]|(^|[\\\\/])(\\.\\.?|[^.\\\\/]+))$`);
const text = v.pipe(
  v.string(),
  v.regex(textPath),
  v.metadata({ words: `default, a folder or a file that ends in ${enumerate(textEndings)}`, place: 'text' }),
);
const texts = v.pipe(
  v.union([text, v.pipe(v.array(text), v.minLength(1))]),
  v.metadata({ words: `default, a folder or a file that ends in ${enumerate(textEndings)}, or a list of these`, place: 'text' }),
  v.description(
    'What the model reads while its inputs are measured: `default` is a text that comes with Secateur; else files or folders (one with a dot in its name ends in a slash). Text like that of the model’s later work is best. A `.safetensors` file holds token ids.',
  ),
);
const field = v.optional(
  v.pipe(v.string(), v.nonEmpty(), v.description('The field of a `.jsonl` line, or the column of a `.parquet` file, that holds the text.')),
  'text',
);
const path = v.pipe(v.string(), v.nonEmpty(), v.metadata({ words: 'a path' }));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(0.99));
const length = v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(131_072));

export const sparsity = v.pipe(share, v.description('The share of zeros over all prunable weights together.'));

const calibrate = v.optional(
  v.pipe(
    v.strictObject({
      text: v.optional(texts, 'default'),
      field,
      samples: v.optional(
        v.pipe(
          v.number(),
          v.integer(),
          v.minValue(1),
          v.maxValue(65_536),
          v.description('How many windows of the text are read. More measure better and take longer.'),
        ),
        128,
      ),
      length: v.optional(
        v.pipe(length, v.description('Tokens of one window. Left out: 2048, or the most the model was made for if that is less.')),
      ),
      seed: v.optional(
        v.pipe(
          v.number(),
          v.integer(),
          v.minValue(0),
          v.maxValue(4_294_967_295),
          v.description('Draws the windows from the text. The same seed draws the same windows.'),
        ),
        0,
      ),
      flow: v.optional(
        v.pipe(
          v.picklist(['block-sequential', 'dense', 'true-sequential']),
          v.description(
            'What a block is measured with. block-sequential: the outputs of the pruned blocks before it. true-sequential: within a block, too, each linear sees those before it pruned; slower. dense: the outputs of the unpruned model.',
          ),
        ),
        'block-sequential',
      ),
    }),
    v.description('Measures what the inputs of every linear look like, on a text.'),
  ),
  {},
);

const glob = v.pipe(
  v.string(),
  v.check(
    (text) => globFault(text) === undefined,
    ({ input }) => globFault(input) ?? '',
  ),
);
const fixed = v.optional(
  v.pipe(
    v.record(glob, share),
    v.description(
      'Sparsity of the tensors or modules whose name matches a glob: `"*.down_proj": 0.3`, `"model.layers.0.*": 0` (left dense). Of several globs that match, the last one counts. All others share the rest, so that the total stays exact.',
    ),
  ),
  {},
);

const min = v.optional(v.pipe(share, v.description('The least sparsity of a matrix that is not fixed.')), 0);
const max = v.optional(
  v.pipe(v.number(), v.minValue(0), v.maxValue(1), v.description('The most sparsity of a matrix that is not fixed.')),
  1,
);

const measure = v.optional(
  v.pipe(
    methodStep(measures, undefined, {}, {}),
    v.description(
      'Finds how much each matrix minds being pruned, with the unpruned model on the text of `calibrate`; what an allocator is fed by. Left out: what the allocator takes, or `error-curve` where it takes nothing.',
    ),
  ),
);

const damping = v.optional(
  v.pipe(
    v.number(),
    v.minValue(0.0001),
    v.maxValue(1),
    v.description(
      'The share of the mean of the Hessian’s diagonal that is added to the diagonal. Raised by itself where the Hessian cannot be factored.',
    ),
  ),
  0.01,
);

const allocate = v.optional(
  v.pipe(
    methodStep(allocators, 'uniform', {}, { min, max, fixed }),
    v.description('Gives every matrix a sparsity of its own, under the total.'),
  ),
  {},
);
const score = v.optional(
  v.pipe(
    methodStep(criteria, 'obs', {}, {}),
    v.description('The criterion that says what each weight is worth; the least worth are pruned.'),
  ),
  {},
);
const finish = v.optional(
  v.pipe(
    methodStep(refiners, undefined, {}, {}),
    v.description('A second solver, which betters the weights that were kept and leaves the zeros where they are. Left out: none.'),
  ),
);
const solve = v.optional(
  v.pipe(
    methodStep(solvers, 'obs', { score, damping }, { finish }),
    v.description('Prunes one matrix after another, and says what the kept weights become.'),
  ),
  {},
);

const evaluate = v.optional(
  v.pipe(
    v.strictObject({
      text: v.pipe(text, v.description('The text on which perplexity is measured, before and after; not the one of `calibrate`.')),
      field,
      length: v.optional(
        v.pipe(length, v.description('Tokens of one window. Left out: 2048, or the most the model was made for if that is less.')),
      ),
      windows: v.optional(
        v.pipe(
          v.number(),
          v.integer(),
          v.minValue(1),
          v.description('How many windows from the start of the text are read. Left out: all.'),
        ),
      ),
      control: v.optional(
        v.pipe(
          v.boolean(),
          v.description(
            'Whether the checkpoint is pruned a second time, for the report alone: with as many zeros shared out uniformly, all else the same. What the allocation has won is the difference.',
          ),
        ),
        false,
      ),
    }),
    v.description('Measures perplexity before and after. Left out: skipped.'),
  ),
);

const save = v.optional(
  v.pipe(
    v.strictObject({
      format: v.optional(v.pipe(v.picklist(['safetensors']), v.description('The format of the written checkpoint.')), 'safetensors'),
      to: v.optional(
        v.pipe(
          path,
          v.metadata({ place: 'output' }),
          v.description('The folder to write. Left out: beside the model, under its name with sparsity and method added.'),
        ),
      ),
      overwrite: v.optional(v.pipe(v.boolean(), v.description('Whether a folder that is there already may be replaced.')), false),
    }),
    v.description('Writes the pruned checkpoint.'),
  ),
  {},
);

export const model = v.pipe(
  path,
  v.metadata({ place: 'checkpoint' }),
  v.description('The folder of the checkpoint, relative to the recipe.'),
);
export const steps = { calibrate, measure, allocate, solve, evaluate, save };
