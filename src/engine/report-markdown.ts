/** The report as Markdown: what a person reads in a preview or in a pull request. */

import type { MatrixReport, Report } from '../protocol/report.ts';

/** What everyone who sees a sparsity is told with it. */
export const zerosAlone = 'Zeros alone make a dense file neither smaller nor faster; a sparse runtime or a sparse format does.';

/** The report as Markdown, readable in a preview and in a pull request. Text from files stands in code spans, never as markup. */
export function renderReport(report: Report): string {
  const { sparsity, source, perplexity, calibration, evaluation, environment: env } = report;
  return [
    `# Pruned ${code(source.path.split(/[\\/]/).at(-1)!)} to ${share(sparsity.achieved)}`,
    '',
    table(
      ['', 'before', 'after'],
      [
        ...(perplexity ? [['perplexity', perplexity.before.perplexity.toFixed(3), perplexity.after.perplexity.toFixed(3)]] : []),
        ['zeros in the prunable weights', count(source.zeros), count(sparsity.zeros)],
        ['sparsity of the prunable weights', share(source.zeros / sparsity.prunable), share(sparsity.achieved)],
        ['weights that are not zero', count(source.parameters - source.zeros), count(source.parameters - sparsity.zeros)],
      ],
    ),
    '',
    zerosAlone,
    '',
    '## How',
    '',
    ...bullets([
      ['asked', `${share(sparsity.asked)} of ${count(sparsity.prunable)} prunable weights`],
      ['method', code(JSON.stringify(report.recipe.solve))],
      ['allocation', code(JSON.stringify(report.recipe.allocate))],
      [
        'calibration',
        `${code(calibration.description)}, ${calibration.windows} × ${calibration.length} tokens, seed ${calibration.seed}, ${text(calibration.flow)}`,
      ],
      ...(evaluation
        ? [
            [
              'evaluation',
              `${code(evaluation.description)}, ${evaluation.windows} windows of ${evaluation.length} tokens. ${text(evaluation.protocol)}`,
            ] as const,
          ]
        : []),
      [
        'machine',
        `${code(env.cpu)}, ${env.threads} threads, provider ${text(env.provider)}, onnxruntime ${text(env.onnxruntime)}, Node ${text(env.node)}, ${text(env.platform)}`,
      ],
      ['Secateur', text(report.secateur)],
      ...(report.resumed > 0 ? [['resumed', `${report.resumed} times`] as const] : []),
    ]),
    ...(report.notes.length > 0 ? ['', '## Notes', '', ...report.notes.map((note) => `- ${text(note)}`)] : []),
    '',
    '## Steps',
    '',
    table(
      ['step', 'seconds', 'peak memory, MiB'],
      report.steps.map((step) => [text(step.step), step.seconds.toFixed(1), (step.peakBytes / 2 ** 20).toFixed(0)]),
    ),
    '',
    '## Matrices',
    '',
    'The error is tr((W−V)H(W−V)ᵀ) / tr(WHWᵀ) with the undamped Hessian of the calibration tokens and V as stored; “mask only” is the dense weight under the same mask.',
    '',
    table(['matrix', 'shape', 'sparsity', 'zeros', 'error', 'mask only', 'damping', 'set by'], report.matrices.map(matrixRow)),
    '',
    '## Files',
    '',
    table(
      ['file', 'bytes', 'SHA-256 of the source', 'SHA-256 of the output'],
      source.files.map((file, i) => [
        code(file.name),
        count(file.bytes),
        code(file.sha256),
        code(report.output.files[i]?.sha256 ?? 'none'),
      ]),
    ),
    '',
  ].join('\n');
}

function matrixRow(matrix: MatrixReport): string[] {
  return [
    code(matrix.name),
    matrix.shape.join(' × '),
    share(matrix.sparsity),
    count(matrix.zeros),
    matrix.relativeError.toPrecision(3),
    matrix.maskOnlyError.toPrecision(3),
    String(matrix.damping),
    code(matrix.setBy),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function bullets(entries: readonly (readonly [string, string])[]): string[] {
  return entries.map(([name, value]) => `- ${name}: ${value}`);
}

/** Text in which nothing is markup. */
function text(value: string): string {
  return value.replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, ' ').replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}

/** A code span that no text can break out of. */
function code(value: string): string {
  const plain = value.replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, ' ').replaceAll('|', '\\|');
  const fence = '`'.repeat(Math.max(0, ...Array.from(plain.matchAll(/`+/g), ([run]) => run.length)) + 1);
  return fence.length > 1 ? `${fence} ${plain} ${fence}` : `\`${plain}\``;
}

function share(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
