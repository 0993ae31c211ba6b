/** docs/recipe.md: every key of a recipe. */

import { descriptionOf, type Entries, type Shape, shapeOf } from '../../src/recipe/fields.ts';
import { fileSchema } from '../../src/recipe/schema.ts';
import { starterRecipe } from '../../src/recipe/starter.ts';
import { keysTable, madeFromCode, table } from './markdown.ts';

const allKeys = `model: ./SmolLM2-135M
pattern: 2:4
calibrate: { text: [./books.jsonl, ./articles/], field: body, samples: 256, length: 1024, seed: 1, flow: true-sequential }
measure: { method: error-curve }
allocate: { method: uniform, fixed: { "model.layers.{0..2}.*": 0, "*.o_proj": 0 } }
solve:
  method: obs
  score: { method: obs, form: static }
  damping: 0.02
  blockSize: 64
  finish: { method: least-squares, iterations: 40 }
evaluate: { text: ./wiki.parquet, field: text, length: 2048, windows: 20 }
save: { format: safetensors, to: ./SmolLM2-135M-2of4, overwrite: true }`;

export function recipePage(): string {
  const entries = fileSchema.entries as Entries;
  const steps = Object.entries(entries).filter(([, schema]) => shapeOf(schema).kind !== 'value');
  const plain = Object.entries(entries).filter(([, schema]) => shapeOf(schema).kind === 'value');
  return [
    madeFromCode,
    '',
    '# The recipe',
    '',
    'A recipe is a YAML file, `NAME.prune.yaml`, that says all there is to say about a run. Its keys are the steps. Only `model` and one of',
    '`sparsity` and `pattern` are needed. A key that does not exist is a problem, never passed over. Paths are relative to the recipe.',
    '',
    'The smallest recipe:',
    '',
    '```yaml',
    'model: ./SmolLM2-135M',
    'sparsity: 0.5',
    '```',
    '',
    'What `secateur init` writes:',
    '',
    '```yaml',
    starterRecipe({ model: './SmolLM2-135M', sparsity: 0.5, evaluateText: './wiki.txt', maxLength: 8192 }).trimEnd(),
    '```',
    '',
    'All keys at once:',
    '',
    '```yaml',
    allKeys,
    '```',
    '',
    keysTable(Object.fromEntries(plain)),
    '',
    ...steps.flatMap(([name, schema]) => stepSection('##', name, descriptionOf(schema), shapeOf(schema))),
  ].join('\n');
}

function stepSection(heading: string, name: string, description: string, shape: Shape): string[] {
  const head = [`${heading} \`${name}\``, '', description, ''];
  if (shape.kind === 'map') return [...head, keysTable(shape.entries), ''];
  if (shape.kind === 'step') return [...head, ...methodSections(heading, name, shape)];
  return head;
}

/** The keys all methods of a step have, then those of single methods, then the steps within. */
function methodSections(heading: string, name: string, { methods, fallback }: Shape & { kind: 'step' }): string[] {
  const all = [...methods.values()].map(({ entries }) => entries);
  const common = Object.entries(all[0]).filter(([key]) => key !== 'method' && all.every((entries) => Object.hasOwn(entries, key)));
  const own = [...methods].map(([method, { title, summary, entries }]) => {
    const options = Object.entries(entries).filter(([key]) => key !== 'method' && !common.some(([shared]) => shared === key));
    return { method, title, summary, options: Object.fromEntries(options) };
  });
  const chosen = own.map(({ method, title, summary }) => [
    `\`${method}\`${method === fallback ? ' (default)' : ''}`,
    `${title}. ${summary}`,
  ]);
  return [
    table(['`method`', ''], chosen),
    '',
    ...(common.length > 0 ? [keysTable(Object.fromEntries(common)), ''] : []),
    ...own.flatMap(({ method, options }) =>
      Object.keys(options).length > 0 ? [`With \`method: ${method}\`:`, '', keysTable(options), ''] : [],
    ),
    ...common.flatMap(([key, schema]) =>
      shapeOf(schema).kind === 'step' ? stepSection(`#${heading}`, `${name}.${key}`, descriptionOf(schema), shapeOf(schema)) : [],
    ),
  ];
}
