/** The recipe that `secateur init` writes: the good defaults, and a line to every step. */

import { flowText } from './flow-text.ts';

export interface StarterOptions {
  /** Paths as seen from the folder the recipe will stand in. */
  readonly model: string;
  readonly sparsity: number;
  /** `n:m`, which stands in the place of the sparsity. */
  readonly pattern?: string;
  /** The calibration text; the bundled one unless given. */
  readonly text?: string;
  /** Without it the step `evaluate` is there as a comment. */
  readonly evaluateText?: string;
  /** Tokens the model was made for at most. */
  readonly maxLength?: number;
}

export function starterRecipe({ model, sparsity, pattern, text = 'default', evaluateText, maxLength }: StarterOptions): string {
  const length =
    maxLength === undefined ? [] : [`  length: ${Math.min(2048, maxLength)} # tokens of a window; the model takes up to ${maxLength}`];
  const evaluate = ['evaluate:', `  text: ${flowText(evaluateText ?? './some-text.txt')} # all of it, unless windows: says how much`];
  return [
    '# A recipe for Secateur. `secateur plan` shows what it would do, `secateur prune` does it; docs/recipe.md has every key.',
    '# Paths are relative to this file.',
    '',
    `model: ${flowText(model)}`,
    '',
    ...(pattern === undefined ? sparsityLines(sparsity) : patternLines(pattern)),
    '',
    '# What the model reads while the inputs of its matrices are measured. Text like that of its later work is best.',
    'calibrate:',
    `  text: ${flowText(text)}`,
    '  samples: 128 # windows of the text; more measure better and take longer',
    ...length,
    '  seed: 0',
    '',
    ...measureLines(pattern),
    '# How the zeros are shared out. `fixed` sets single matrices by name; the others share the rest, so that the total stays exact.',
    'allocate:',
    `  method: ${pattern === undefined ? 'curves' : 'uniform'}`,
    '  fixed: {} # such as { "model.layers.0.*": 0, "*.down_proj": 0.3 }',
    '',
    '# Which weights go (score), what the others become (method), and a last step that betters the kept ones (finish).',
    'solve:',
    '  method: obs',
    '  score: { method: obs }',
    '  damping: 0.01 # raise it if the kept weights grow too large',
    '  finish: { method: least-squares, iterations: 20 }',
    '',
    `# Perplexity before and after, on a text the model is not calibrated with.${evaluateText === undefined ? ' Take the # away to have it.' : ''}`,
    ...evaluate.map((line) => (evaluateText === undefined ? `# ${line}` : line)),
    '',
    '# The pruned checkpoint. Without `to` it is written beside the model, under its name with sparsity and method added.',
    'save:',
    '  format: safetensors',
    '  overwrite: false',
    '',
  ].join('\n');
}

function sparsityLines(sparsity: number): readonly string[] {
  return [
    '# The share of zeros over all prunable weights. To keep n of every m weights instead, write `pattern: 2:4` in its place.',
    `sparsity: ${flowText(sparsity)}`,
  ];
}

/** A pattern leaves nothing to share out, so that nothing is measured for it. */
function measureLines(pattern: string | undefined): readonly string[] {
  if (pattern !== undefined) return [];
  return [
    '# How much each matrix minds being pruned, found before the run: once, since it is kept. `uniform` in the next step does without.',
    'measure:',
    '  method: scan',
    '',
  ];
}

function patternLines(pattern: string): readonly string[] {
  return [
    '# n weights are kept of every m consecutive inputs of a row. For a share of zeros instead, write `sparsity: 0.5` in its place.',
    `pattern: ${flowText(pattern)}`,
  ];
}
