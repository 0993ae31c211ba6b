/** The page of the MixGPT experiment, made of its records: tables, pictures, what is missing, and what the figures say by rules. */

import { formatSigned } from '../../src/protocol/comparison.ts';
import { bullets, code, table } from '../../src/protocol/markdown.ts';
import { formatCount } from '../../src/protocol/quantity.ts';
import { againstPeers, bests, comparisons, costs, type Goals } from './claims.ts';
import { allocations, measureOf, showLevel, solvers } from './grid.ts';
import { missingLines } from './missing.ts';
import { picturesOf } from './pictures.ts';
import type { Results } from './records.ts';
import { type Difference, differenceTo, type Group, groupsOf, isShare, membersOf, perplexityOf, settingsOf } from './view.ts';

export interface Page {
  readonly markdown: string;
  /** By file name, in the folder of the records. */
  readonly pictures: ReadonlyMap<string, string>;
}

/** Of the checkpoint that they were set for. */
const goals: Readonly<Record<string, Goals>> = {
  'SmolLM2-135M-Instruct': {
    'sparsegpt 0.6': 0.65,
    'sparsegpt 0.7': 0.45,
    'owl 0.6': 0.85,
    'owl 0.7': 0.85,
    'prior 0.6': 0.85,
    'prior 0.7': 0.85,
  },
};

/** @param name  of the folder that holds the records and the pictures, as seen from the page */
export function mixgptPage(results: Results, name: string): Page {
  const { setup, dense } = results;
  if (!setup || !dense) throw new Error(`${name}: there are no results yet`);
  const groups = groupsOf(results.cells);
  const names = Object.keys(allocations).filter((allocation) =>
    groups.some(({ cells }) => cells.some((cell) => cell.allocation === allocation)),
  );
  const others = names.filter((allocation) => allocation !== 'uniform');
  const pictures = picturesOf(groups, names, setup);
  const mixed = names.filter((allocation) => allocation.startsWith('mixed'));
  const learned = names.filter((allocation) => allocation.startsWith('curves') || allocation === 'search');
  const markdown = [
    `# ${setup.experiment} on ${code(setup.model)}`,
    '',
    '<!-- Made from the records by `npm run experiment`; change those or the script, not this page. -->',
    '',
    ...setupLines(results),
    '',
    '## Perplexity',
    '',
    ...[...pictures].flatMap(([file, { chart }]) => [`![${chart.title}. ${chart.description}](${name}/${file})`, '']),
    `The checkpoint as it was has ${dense.perplexity.toFixed(3)}. In brackets the lowest and the highest of several calibration seeds.`,
    '',
    ...settingsOf(groups).flatMap(([solver, finish]) => perplexityTable(groups, names, solver, finish)),
    '## Against uniform',
    '',
    'Change of perplexity at the same zeros, solver, finish and calibration, ± one paired standard error over the windows; then the same in nats',
    'per token, and in brackets that of each seed where there are several.',
    '',
    ...settingsOf(groups).flatMap(([solver, finish]) => differenceTable(groups, others, solver, finish)),
    '## What the figures say',
    '',
    'By rule: a difference counts from two paired standard errors on, over the windows and the seeds that both were run with.',
    '',
    ...comparisons(groups, others, 'uniform'),
    ...['mixed-hessian-trace', 'mixed-fisher'].flatMap((base) => comparisons(groups, learned, base)),
    ...comparisons(groups, [...learned, ...mixed], 'prior'),
    ...bests(groups, results.measured.values(), measureOf),
    '',
    ...againstPeers(groups, [...results.peers.values()], names, goals[setup.model] ?? {}),
    '',
    '## What measuring takes',
    '',
    ...costs(groups, results.measured.values()),
    '',
    '## What is missing',
    '',
    ...missingLines(results),
    '',
  ];
  return {
    markdown: `${markdown
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trimEnd()}\n`,
    pictures: new Map([...pictures].map(([file, { svg }]) => [file, svg])),
  };
}

function setupLines({ setup, dense, cells }: Results): string[] {
  const { calibration, evaluation, files, prunable } = setup!;
  const environments = [...new Set([dense!, ...cells.values()].map(({ environment }) => describe(environment)))];
  const versions = [...new Set([dense!, ...cells.values()].map(({ secateur, commit }) => `${secateur} (${commit})`))];
  return bullets([
    [
      'checkpoint',
      `${formatCount(prunable)} prunable weights; ${Object.entries(files)
        .map(([file, sha]) => `${code(file)} ${code(sha.slice(0, 12))}`)
        .join(', ')}`,
    ],
    [
      'calibration',
      `${calibration.samples} windows${calibration.length ? ` of ${calibration.length} tokens` : ''} of ${code(calibration.text)}, the same for all cells of a seed`,
    ],
    [
      'evaluation',
      `the first ${evaluation.windows} windows of ${evaluation.length} tokens of ${code(evaluation.text)} (ids ${code(evaluation.sha256.slice(0, 12))})`,
    ],
    ...Object.entries(solvers).map(([name, step]): [string, string] => [`solver ${code(name)}`, code(JSON.stringify(step))]),
    ['Secateur', versions.join(', ')],
    ['machine', environments.join('; ')],
  ]);
}

function describe(environment: Readonly<Record<string, string | number>>): string {
  return Object.entries(environment)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}

function perplexityTable(groups: readonly Group[], names: readonly string[], solver: string, finish: string): string[] {
  return levelTable(membersOf(groups, solver, finish), names, `${solver}, ${finish}`, (group, name) => {
    const found = perplexityOf(group, name);
    if (!found) return '';
    const { perplexity, seeds } = found;
    const range = seeds.length < 2 ? '' : ` (${show(Math.min(...seeds))} … ${show(Math.max(...seeds))})`;
    return `${show(perplexity)}${range}`;
  });
}

function differenceTable(groups: readonly Group[], names: readonly string[], solver: string, finish: string): string[] {
  const members = membersOf(groups, solver, finish).filter(({ level }) => isShare(level));
  return levelTable(members, names, `${solver}, ${finish}`, (group, name) => {
    const difference = differenceTo(group, name, 'uniform');
    return difference ? showDifference(difference) : '';
  });
}

/** Rows and columns that are all empty are left out. */
function levelTable(
  groups: readonly Group[],
  names: readonly string[],
  title: string,
  cell: (group: Group, name: string) => string,
): string[] {
  const rows = names
    .map((name) => [name, ...groups.map((group) => cell(group, name))])
    .filter((row) => row.slice(1).some((text) => text !== ''));
  return rows.length === 0 ? [] : [table([title, ...groups.map(({ level }) => showLevel(level))], rows), ''];
}

function showDifference({ mean, standardError, seeds }: Difference): string {
  const change = 100 * (Math.exp(mean) - 1);
  const percent = `${formatSigned(change, (value) => value.toFixed(1))} % ± ${(100 * Math.exp(mean) * standardError).toFixed(1)}`;
  const each = seeds.length < 2 ? '' : ` (${seeds.map((value) => formatSigned(value, (nats) => nats.toFixed(3))).join(', ')})`;
  return `${percent}; ${formatSigned(mean, (nats) => nats.toFixed(3))}${each}`;
}

function show(perplexity: number): string {
  return perplexity < 1000 ? perplexity.toFixed(2) : formatCount(Math.round(perplexity));
}
