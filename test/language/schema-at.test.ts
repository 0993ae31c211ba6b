import { describe, expect, it } from 'vitest';
import { schemaAt } from '../../src/language/schema-at.ts';
import { descriptionOf, placeOf, wordsOf } from '../../src/recipe/fields.ts';

const at = (path: (string | number)[], methods: Record<string, string> = {}) => schemaAt(path, (step) => methods[step.join('.')]);

describe('schemaAt', () => {
  it('finds keys, items of lists, and values under keys of the user’s own', () => {
    expect(descriptionOf(at(['solve', 'damping'])!)).toMatch(/diagonal/);
    expect(placeOf(at(['calibrate', 'text', 3])!)).toBe('text');
    expect(wordsOf(at(['allocate', 'fixed', '*.q'])!)).toBe('a number from 0 to 0.99');
  });

  it('goes by the method a step names, and by any where that does not exist', () => {
    expect(at(['solve', 'blockSize'])).toBeDefined();
    expect(at(['solve', 'blockSize'], { solve: 'mask' })).toBeUndefined();
    expect(at(['solve', 'blockSize'], { solve: 'nonsense' })).toBeDefined();
    expect(at(['solve', 'finish', 'iterations'], { 'solve.finish': 'least-squares' })).toBeDefined();
  });

  it('finds nothing where nothing may stand', () => {
    for (const path of [['nonsense'], ['model', 'x'], ['model', 0], ['solve', 'toString'], ['solve', 'score', 'nonsense', 'x']])
      expect(at(path), path.join()).toBeUndefined();
  });
});
