/** docs/methods.md: every method as its card tells of it. */

import { allocators } from '../../src/methods/allocate/index.ts';
import type { Card, Options } from '../../src/methods/card.ts';
import type { Criterion } from '../../src/methods/criterion.ts';
import { measures } from '../../src/methods/measure/index.ts';
import type { Measure } from '../../src/methods/measure.ts';
import { criteria } from '../../src/methods/score/index.ts';
import { solvers } from '../../src/methods/solve/index.ts';
import type { Solver } from '../../src/methods/solver.ts';
import type { Entries } from '../../src/recipe/fields.ts';
import { refiners } from '../../src/recipe/method-step.ts';
import { keysTable, madeFromCode } from './markdown.ts';

export function methodsPage(): string {
  return [
    madeFromCode,
    '',
    '# Methods',
    '',
    'A weight matrix W is `[out, in]`; X holds the inputs that calibration measured, a row a token; H = XᵀX is their Gram matrix; λ is the',
    'damping. A mask M is 1 where a weight is kept.',
    '',
    '## Criteria',
    '',
    'What each weight is worth: `solve: { score: { method: … } }`. The least worth are pruned.',
    '',
    ...section(criteria, ({ scope, needs }: Criterion) => [
      scope === 'row' ? 'Compares the weights of one output row.' : 'Compares all weights of a matrix.',
      needs.length > 0 ? 'Needs calibration.' : 'Needs no calibration.',
    ]),
    '## Solvers',
    '',
    'What the kept weights become: `solve: { method: … }`.',
    '',
    ...section(solvers, (solver: Solver, name) => [
      ...solverNotes(solver),
      ...(Object.hasOwn(refiners, name) ? ['Can be the `finish` of another solver.'] : []),
    ]),
    '## Measures',
    '',
    'How much each matrix minds being pruned: `measure: { method: … }`. Always of the unpruned model, with calibration.',
    '',
    ...section<Measure>(measures, () => []),
    '## Allocators',
    '',
    'How the zeros are shared out among the matrices: `allocate: { method: … }`. The total is exact whatever the allocator.',
    '',
    ...section(allocators, () => []),
  ].join('\n');
}

function solverNotes(solver: Solver): readonly string[] {
  if (solver.scope === 'block')
    return ['Prunes a decoder block as a whole, with the masks that the criterion makes.', 'Needs calibration.'];
  return [
    solver.choosesMask ? 'Chooses the mask as it goes, where the criterion allows.' : 'Is given a mask, which the criterion makes.',
    solver.needs.length > 0 ? 'Needs calibration.' : 'Needs no calibration.',
  ];
}

function section<C extends Card<Options>>(
  cards: Readonly<Record<string, C>>,
  notes: (card: C, name: string) => readonly string[],
): string[] {
  return Object.entries(cards).flatMap(([name, card]) => [
    `### \`${name}\`: ${card.title}`,
    '',
    [card.summary, ...notes(card, name)].join(' '),
    '',
    ...(card.formula === '' ? [] : ['```', card.formula, '```', '']),
    ...(card.paper === null ? [] : [`Paper: ${paperLink(card.paper)}`, '']),
    ...(Object.keys(card.options.entries).length === 0 ? [] : [keysTable(card.options.entries as Entries), '']),
  ]);
}

function paperLink(paper: string): string {
  const [scheme, id] = paper.split(/:(.*)/s);
  if (scheme === 'arXiv') return `[${paper}](https://arxiv.org/abs/${id})`;
  if (scheme === 'doi') return `[${paper}](https://doi.org/${id})`;
  return paper;
}
