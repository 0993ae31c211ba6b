/** The report as Markdown: what a person reads in a preview or in a pull request. */

import { allocationTables, type FigureTable } from './allocation.ts';
import { pairedSentence, pairNll } from './comparison.ts';
import { bullets, code, folded, table, text } from './markdown.ts';
import { formatCount, formatShare } from './quantity.ts';
import { type FileDigest, type MatrixReport, type Report, zerosAlone } from './report.ts';

/** The report as Markdown, readable in a preview and in a pull request. Text from files stands in code spans, never as markup. */
export function renderReport(report: Report): string {
  const { sparsity, source, perplexity, measure, calibration, evaluation, environment: env } = report;
  return [
    `# Pruned ${code(source.path.split(/[\\/]/).at(-1)!)} to ${formatShare(sparsity.achieved)}`,
    '',
    table(
      ['', 'before', 'after'],
      [
        ...(perplexity ? [['perplexity', perplexity.before.perplexity.toFixed(3), perplexity.after.perplexity.toFixed(3)]] : []),
        ['zeros in the prunable weights', formatCount(source.zeros), formatCount(sparsity.zeros)],
        ['sparsity of the prunable weights', formatShare(source.zeros / sparsity.prunable), formatShare(sparsity.achieved)],
        ['weights that are not zero', formatCount(source.parameters - source.zeros), formatCount(source.parameters - sparsity.zeros)],
      ],
    ),
    '',
    ...change(report),
    zerosAlone,
    '',
    '## How',
    '',
    ...bullets([
      ['asked', `${formatShare(sparsity.asked)} of ${formatCount(sparsity.prunable)} prunable weights`],
      ['method', code(JSON.stringify(report.recipe.solve))],
      ['allocation', code(JSON.stringify(report.recipe.allocate))],
      ...(measure ? [['measure', `${code(measure.description)}, in ${text(measure.unit)}`] as const] : []),
      ['calibration', `${code(calibration.description)}, seed ${calibration.seed}, ${text(calibration.flow)}`],
      ...(evaluation ? [['evaluation', `${code(evaluation.description)}. ${text(evaluation.protocol)}`] as const] : []),
      [
        'machine',
        `${code(env.cpu)}, ${env.threads} threads, provider ${text(env.provider)}, onnxruntime ${text(env.onnxruntime)}, Node ${text(env.node)}, ${text(env.platform)}`,
      ],
      ['Secateur', text(report.secateur)],
      ...(report.resumed > 0 ? [['resumed', `${report.resumed} times`] as const] : []),
    ]),
    ...allocationTables(report).flatMap(renderFigures),
    ...(report.notes.length > 0 ? ['', '## Notes', '', ...report.notes.map((note) => `- ${text(note)}`)] : []),
    '',
    '## Matrices',
    '',
    'The error is tr((W−V)H(W−V)ᵀ) / tr(WHWᵀ) with the undamped Hessian of the calibration tokens and V as stored; “mask only” is the dense weight under the same mask.',
    '',
    table(['kind', 'matrices', 'sparsity', 'mean error', 'mean mask only', 'largest error', 'in block'], kindRows(report.matrices)),
    '',
    ...folded(`All ${report.matrices.length} matrices`, matrixTable(report.matrices)),
    '',
    '## Steps',
    '',
    table(
      ['step', 'seconds', 'peak memory, MiB'],
      report.steps.map((step) => [text(step.step), step.seconds.toFixed(1), (step.peakBytes / 2 ** 20).toFixed(0)]),
    ),
    '',
    '## Files',
    '',
    table(['file', 'in', 'SHA-256', 'bytes'], [...fileRows('source', source.files), ...fileRows('output', report.output.files)], 3),
    '',
  ].join('\n');
}

/** What the evaluation says of the difference, with how sure it is. */
function change({ perplexity }: Report): string[] {
  if (!perplexity) return [];
  const { before, after } = perplexity;
  const difference = after.perplexity - before.perplexity;
  const paired = pairNll(before, after);
  const detail = paired ? ` (${pairedSentence(paired, after.windows)})` : '';
  return [`Perplexity ${difference < 0 ? 'falls' : 'rises'} by ${Math.abs(difference).toFixed(3)}${detail}.`, ''];
}

function renderFigures({ title, meaning, head, rows, conclusion }: FigureTable): string[] {
  return ['', `## ${title}`, '', meaning, '', table(head, rows), ...(conclusion === undefined ? [] : ['', conclusion])];
}

/** One row a kind of linear. */
function kindRows(matrices: readonly MatrixReport[]): string[][] {
  return [...new Set(matrices.map(({ kind }) => kind))].map((kind) => {
    const members = matrices.filter((matrix) => matrix.kind === kind);
    const sum = (pick: (matrix: MatrixReport) => number) => members.reduce((total, matrix) => total + pick(matrix), 0);
    const worst = members.reduce((most, matrix) => (matrix.relativeError > most.relativeError ? matrix : most));
    return [
      code(kind),
      String(members.length),
      formatShare(sum(({ zeros }) => zeros) / sum(({ shape }) => shape[0] * shape[1])),
      (sum(({ relativeError }) => relativeError) / members.length).toPrecision(3),
      (sum(({ maskOnlyError }) => maskOnlyError) / members.length).toPrecision(3),
      worst.relativeError.toPrecision(3),
      String(worst.block),
    ];
  });
}

/** A column for every figure that any of the matrices has. */
function matrixTable(matrices: readonly MatrixReport[]): string {
  const columns = matrixColumns.filter(([, , isThere = () => true]) => matrices.some(isThere));
  return table(
    columns.map(([title]) => title),
    matrices.map((matrix) => columns.map(([, cell]) => cell(matrix))),
    2,
  );
}

const isMeasured = ({ sensitivity }: MatrixReport) => sensitivity !== undefined;
const isEstimated = ({ sensitivity }: MatrixReport) => sensitivity?.standardError !== undefined;
const isControlled = ({ control }: MatrixReport) => control !== undefined;

const matrixColumns: readonly [title: string, cell: (matrix: MatrixReport) => string, isThere?: (matrix: MatrixReport) => boolean][] = [
  ['matrix', ({ name }) => code(name)],
  ['set by', ({ setBy }) => code(setBy)],
  ['shape', ({ shape }) => shape.join(' × ')],
  ['sparsity', ({ sparsity }) => formatShare(sparsity)],
  ['zeros', ({ zeros }) => formatCount(zeros)],
  ['error', ({ relativeError }) => relativeError.toPrecision(3)],
  ['mask only', ({ maskOnlyError }) => maskOnlyError.toPrecision(3)],
  ['damping', ({ damping }) => String(damping)],
  ['sensitivity', ({ sensitivity }) => sensitivity?.value.toPrecision(3) ?? '', isMeasured],
  ['standard error', ({ sensitivity }) => sensitivity?.standardError?.toPrecision(2) ?? '', isEstimated],
  ['rank', ({ sensitivity }) => String(sensitivity?.rank ?? ''), isMeasured],
  ['sparsity, uniform', ({ control }) => (control ? formatShare(control.sparsity) : ''), isControlled],
  ['error, uniform', ({ control }) => control?.relativeError.toPrecision(3) ?? '', isControlled],
];

function fileRows(of: string, files: readonly FileDigest[]): string[][] {
  return files.map((file) => [code(file.name), of, code(file.sha256), formatCount(file.bytes)]);
}
