import { describe, expect, it } from 'vitest';
import { allocators } from '../../src/methods/allocate/index.ts';
import { type Allocator, isFedBy } from '../../src/methods/allocator.ts';
import { measures } from '../../src/methods/measure/index.ts';
import type { Measure } from '../../src/methods/measure.ts';
import { enumerate } from '../../src/recipe/fields.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';

const problemsOf = (rest: string, target = 'sparsity: 0.5') => parseRecipe(`model: a\n${target}\n${rest}`).problems;
const everyAllocator = Object.entries<Allocator>(allocators);
const everyMeasure = Object.entries<Measure>(measures);

describe('what an allocator is fed by', () => {
  it.each(everyAllocator)(
    'fits where the recipe leaves the measure out, and where it names what %s takes itself',
    (allocator, { feed }) => {
      expect(problemsOf(`allocate: { method: ${allocator} }`)).toEqual([]);
      expect(problemsOf(`allocate: { method: ${allocator} }\nmeasure: { method: ${feed?.measure ?? 'error-curve'} }`)).toEqual([]);
    },
  );

  it.each(everyAllocator)('is held against what the measure gives: %s with each measure', (allocator, { feed }) => {
    for (const [method, { gives }] of everyMeasure) {
      const problems = problemsOf(`allocate: { method: ${allocator} }\nmeasure: { method: ${method} }`);
      if (!feed || isFedBy(feed, { method, gives })) expect(problems).toEqual([]);
      else expect(problems).toMatchObject([{ code: 'CONTRADICTION', severity: 'error', path: ['measure', 'method'] }]);
    }
  });

  it('names the measures that would do', () => {
    expect(problemsOf('allocate: { method: owl }\nmeasure: { method: alpha }')).toMatchObject([
      {
        message: 'measure.method is alpha, but allocate.method is owl, which is fed by owl',
        hint: 'Write owl; or take measure out, and it is owl.',
      },
    ]);
    const giving = everyMeasure.flatMap(([method, { gives }]) => (gives === 'loss' ? [method] : []));
    expect(giving.length).toBeGreaterThan(1);
    expect(problemsOf('allocate: { method: curves }\nmeasure: { method: prior }')).toMatchObject([
      { hint: `Write ${enumerate(giving)}; or take measure out, and it is scan.` },
    ]);
  });

  it('is nothing to those that take nothing', () => {
    for (const allocator of ['uniform', 'prior'])
      for (const [method] of everyMeasure)
        expect(problemsOf(`allocate: { method: ${allocator} }\nmeasure: { method: ${method} }`)).toEqual([]);
  });
});

describe('a pattern', () => {
  it('leaves an allocator nothing to choose', () => {
    for (const [allocator] of everyAllocator)
      expect(problemsOf(`allocate: { method: ${allocator} }`, 'pattern: 2:4').map(({ code, path }) => [code, path])).toEqual(
        allocator === 'uniform' ? [] : [['CONTRADICTION', ['allocate', 'method']]],
      );
  });

  it('says so once, whatever the measure', () => {
    expect(problemsOf('allocate: { method: curves }\nmeasure: { method: prior }', 'pattern: 2:4')).toMatchObject([
      {
        message: 'allocate.method is curves, but with pattern 2:4 every matrix has the same share of zeros',
        hint: 'Take the method out, or write sparsity in the place of pattern.',
      },
    ]);
  });
});
