import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/recipe/parse.ts';
import type { Problem } from '../../src/recipe/problem.ts';
import { recipeSchema } from '../../src/recipe/schema.ts';
import { starterRecipe } from '../../src/recipe/starter.ts';

const minimal = 'model: ./SmolLM2-135M\nsparsity: 0.5\n';

function only(text: string): Problem {
  const { problems, recipe } = parseRecipe(text);
  expect(problems.map(({ message }) => message)).toHaveLength(1);
  expect(recipe === undefined).toBe(problems[0].severity === 'error');
  return problems[0];
}

describe('parseRecipe', () => {
  it('fills in every default', () => {
    expect(parseRecipe(minimal)).toEqual({
      problems: [],
      recipe: {
        model: './SmolLM2-135M',
        sparsity: 0.5,
        calibrate: { text: 'default', field: 'text', samples: 128, seed: 0, flow: 'block-sequential' },
        measure: { method: 'error-curve' },
        allocate: { method: 'uniform', min: 0, max: 1, fixed: {} },
        solve: { method: 'obs', score: { method: 'obs', form: 'sequential' }, damping: 0.01, blockSize: 128 },
        save: { format: 'safetensors', overwrite: false },
      },
    });
  });

  it('reads everything a recipe can say', () => {
    const text = `model: C:\\models\\a
pattern: 4:8
calibrate: { text: [a.TXT, ./b.d/, c], field: body, samples: 3, length: 64, seed: 9, flow: dense }
measure: { method: error-curve }
allocate: { min: 0.2, max: 0.9, fixed: { "*.q_proj": 0, model.layers.0.*: 0 } }
solve: { method: mask, score: { method: ria, exponent: 0.25 }, damping: 0.1, finish: { method: least-squares, iterations: 7 } }
evaluate: { text: default, windows: 20, length: 128, control: true }
save: { to: ../out, overwrite: true }
`;
    expect(parseRecipe(text)).toEqual({
      problems: [],
      recipe: {
        model: 'C:\\models\\a',
        sparsity: 0.5,
        pattern: { n: 4, m: 8 },
        calibrate: { text: ['a.TXT', './b.d/', 'c'], field: 'body', samples: 3, length: 64, seed: 9, flow: 'dense' },
        measure: { method: 'error-curve' },
        allocate: { method: 'uniform', min: 0.2, max: 0.9, fixed: { '*.q_proj': 0, 'model.layers.0.*': 0 } },
        solve: {
          method: 'mask',
          score: { method: 'ria', exponent: 0.25 },
          damping: 0.1,
          finish: { method: 'least-squares', iterations: 7 },
        },
        evaluate: { text: 'default', field: 'text', windows: 20, length: 128, control: true },
        save: { format: 'safetensors', to: '../out', overwrite: true },
      },
    });
  });

  it('takes a finish of none for no finish', () => {
    expect(parseRecipe(`${minimal}solve: { finish: { method: none } }`).recipe?.solve).not.toHaveProperty('finish');
  });

  it('lets aliases stand for values and maps', () => {
    const { recipe, problems } = parseRecipe(
      `model: a\nsparsity: &s 0.3\nallocate: { fixed: &f { "*.q_proj": *s } }\nsave: { to: &o out }\n`,
    );
    expect(problems).toEqual([]);
    expect(recipe?.allocate.fixed).toEqual({ '*.q_proj': 0.3 });
  });

  it('keeps the order of globs, since the last one counts', () => {
    const { recipe } = parseRecipe(`${minimal}allocate: { fixed: { "*.b": 0.1, "*.a": 0.2, "*.c": 0.3 } }`);
    expect(Object.keys(recipe!.allocate.fixed)).toEqual(['*.b', '*.a', '*.c']);
  });

  it.each([
    ['a key that does not exist', 'calibrate: { sampels: 1 }', 'UNKNOWN_KEY', ['calibrate', 'sampels'], 'sampels', 'samples?'],
    ['a key of every object there is', 'constructor: 1', 'UNKNOWN_KEY', ['constructor'], 'constructor', undefined],
    ['a key that changes objects', '__proto__: { model: b }', 'UNKNOWN_KEY', ['__proto__'], '__proto__', undefined],
    ['an option of another method', 'solve: { iterations: 3 }', 'UNKNOWN_KEY', ['solve', 'iterations'], 'iterations', 'least-squares'],
    ['a method by its common name', 'solve: { method: SparseGPT }', 'UNKNOWN_METHOD', ['solve', 'method'], 'SparseGPT', 'obs?'],
    ['a criterion in place of a solver', 'solve: { method: wanda }', 'UNKNOWN_METHOD', ['solve', 'method'], 'wanda', 'solve.score'],
    [
      'a solver that cannot finish',
      'solve: { finish: { method: obs } }',
      'UNKNOWN_METHOD',
      ['solve', 'finish', 'method'],
      'obs',
      undefined,
    ],
    ['a method in place of a step', 'solve: obs', 'BAD_VALUE', ['solve'], 'obs', '{ method: obs }'],
    ['a list in place of a step', 'calibrate: []', 'BAD_VALUE', ['calibrate'], '[]', undefined],
    ['a list in place of globs', 'allocate: { fixed: [0.5] }', 'BAD_VALUE', ['allocate', 'fixed'], '[0.5]', undefined],
    ['a step without a value', 'calibrate:', 'BAD_VALUE', ['calibrate'], 'calibrate', undefined],
    ['a number in quotes', 'solve: { damping: "0.1" }', 'BAD_VALUE', ['solve', 'damping'], '"0.1"', 'Write 0.1.'],
    ['no whole number', 'calibrate: { samples: 1.5 }', 'BAD_VALUE', ['calibrate', 'samples'], '1.5', undefined],
    ['no number at all', 'calibrate: { samples: .nan }', 'BAD_VALUE', ['calibrate', 'samples'], '.nan', undefined],
    ['a text of a kind nothing reads', 'calibrate: { text: a.pdf }', 'BAD_VALUE', ['calibrate', 'text'], 'a.pdf', undefined],
    ['no text in a list', 'calibrate: { text: [] }', 'BAD_VALUE', ['calibrate', 'text'], '[]', undefined],
    ['a list of texts to evaluate on', 'evaluate: { text: [a.txt] }', 'BAD_VALUE', ['evaluate', 'text'], '[a.txt]', undefined],
    ['a glob that is none', 'allocate: { fixed: { "a[b": 0 } }', 'BAD_VALUE', ['allocate', 'fixed', 'a[b'], '"a[b"', undefined],
    ['a glob twice', 'allocate: { fixed: { a: 0, "a": 1 } }', 'DUPLICATE_KEY', ['allocate', 'fixed', 'a'], '"a"', undefined],
    ['the model in place of the output', 'save: { to: SmolLM2-135M/. }', 'CONTRADICTION', ['save', 'to'], 'SmolLM2-135M/.', undefined],
    ['the calibration text to evaluate on', 'evaluate: { text: default }', 'SAME_TEXT', ['evaluate', 'text'], 'default', undefined],
  ] as const)('points at %s', (_name, line, code, path, marked, hint) => {
    const text = minimal + line;
    const problem = only(text);
    expect(problem).toMatchObject({ code, path });
    expect(text.slice(problem.range.start.offset, problem.range.end.offset)).toBe(marked);
    expect(problem.hint ?? '').toContain(hint ?? '');
  });

  it.each([
    ['50', 'write 0.5'],
    ['50%', 'Write 0.5'],
    ['1', undefined],
  ])('does not take a sparsity of %s', (written, hint) => {
    const problem = only(`model: a\nsparsity: ${written}`);
    expect(problem.message).toBe(`sparsity is ${written}, not a number from 0 to 0.99`);
    expect(problem.hint ?? '').toContain(hint ?? '');
  });

  it.each(['4:2', '2:2', '0:4', '2:65', '1:128', '2', '2:4:8', '02:4'])('does not take a pattern of %s', (written) => {
    expect(only(`model: a\npattern: ${written}`)).toMatchObject({ code: 'BAD_VALUE', path: ['pattern'] });
  });

  it('holds a pattern against what stands beside it', () => {
    expect(parseRecipe('model: a\npattern: 1:3\nsparsity: 0.67\nsolve: { method: mask }').problems).toEqual([]);
    expect(parseRecipe('model: a\npattern: 1:3\nsparsity: 0.67').problems).toMatchObject([
      { path: ['solve', 'blockSize'], hint: 'Write 129.' },
    ]);
    expect(only('model: a\npattern: 2:4\nsparsity: 0.51').code).toBe('CONTRADICTION');
    expect(only('model: a\npattern: 2:4\nsparsity: 0.6')).toMatchObject({ code: 'CONTRADICTION', path: ['sparsity'] });
    expect(only('model: a\npattern: 2:4\nallocate: { fixed: { b: 0, c: 0.5 } }').path).toEqual(['allocate', 'fixed', 'c']);
  });

  it('points at what needs a key that is not there', () => {
    expect(parseRecipe('evaluate: {}').problems).toMatchObject([
      { code: 'MISSING_KEY', path: ['evaluate', 'text'], range: { end: { column: 9 } } },
      { code: 'MISSING_KEY', path: ['model'], range: { start: { line: 1, column: 1 } } },
      { code: 'MISSING_KEY', path: ['sparsity'] },
    ]);
  });

  it.each(['sparsty: 0.5', 'patern: 2:4'])('tells of %s that it is misspelt, and not that it is missing', (line) => {
    expect(only(`model: a\n${line}`)).toMatchObject({
      code: 'UNKNOWN_KEY',
      hint: expect.stringMatching(/^Did you mean (sparsity|pattern)\?$/),
    });
  });

  it('asks for a target where another key is misspelt, or one of that name stands elsewhere', () => {
    expect(parseRecipe('model: a\nsolv: {}').problems.map(({ code }) => code)).toEqual(['MISSING_KEY', 'UNKNOWN_KEY']);
    expect(parseRecipe('model: a\nsave: { sparsty: 0.5 }').problems.map(({ code }) => code)).toEqual(['MISSING_KEY', 'UNKNOWN_KEY']);
  });

  it('lists what is allowed where it can be listed', () => {
    expect(only(`${minimal}calibrate: { flow: densse }`)).toMatchObject({
      allowed: ['block-sequential', 'dense', 'true-sequential'],
      hint: 'Did you mean dense?',
    });
    expect(only(`${minimal}solve: { method: alps }`).allowed).toEqual(expect.arrayContaining(['mask', 'obs']));
    expect(only(`${minimal}save: { into: x }`).allowed).toEqual(['format', 'to', 'overwrite']);
  });

  it('says the places of YAML that is broken, and does not look further', () => {
    expect(parseRecipe('model: a\nsparsity: 0.5\nsolve: { method: obs\n').problems).toMatchObject([
      { code: 'NOT_YAML', range: { start: { line: 4 } } },
    ]);
    expect(only('model: a\n---\nmodel: b')).toMatchObject({ code: 'NOT_YAML', range: { start: { line: 2 } } });
  });
});

describe('parseRecipe, whatever the text', () => {
  function checkSound(text: string): void {
    const { recipe, problems } = parseRecipe(text);
    expect(recipe === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
    if (recipe) expect(v.is(recipeSchema, recipe), text).toBe(true);
    let last = 0;
    for (const { message, range } of problems) {
      expect(message).not.toBe('');
      expect(range.start.offset).toBeGreaterThanOrEqual(last);
      expect(range.end.offset).toBeGreaterThanOrEqual(range.start.offset);
      expect(range.end.offset).toBeLessThanOrEqual(text.length);
      expect(text.split('\n')[range.start.line - 1].length).toBeGreaterThanOrEqual(range.start.column - 1);
      last = range.start.offset;
    }
  }

  const starter = starterRecipe({ model: './m', sparsity: 0.5, evaluateText: 'w.txt', maxLength: 512 });
  const scrap = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '\n',
      '\n  ',
      '\t',
      '\r\n',
      ': ',
      '- ',
      '? ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '#',
      '"',
      "'",
      '|',
      '>',
      '&a ',
      '*a',
      '!!',
      '!!float ',
      '!!binary ',
      '%YAML 1.1\n',
      '---',
      '...',
      '\ufeff',
      '\u2028',
      '<<',
      '~',
      'null',
      '.inf',
      '-0',
      '1e999',
      '0x',
      '2:4',
      'method',
      'solve',
      'fixed',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );

  it('takes any scraps of YAML', () => {
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 40 }), (scraps) => checkSound(scraps.join(''))),
      { numRuns: 200 },
    );
  });

  it('takes a recipe with pieces cut out, put in and swapped', () => {
    const change = fc.tuple(fc.nat(starter.length), fc.nat(12), scrap);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) =>
        checkSound(changes.reduce((text, [at, length, piece]) => text.slice(0, at) + piece + text.slice(at + length), starter)),
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['is too long', `# ${'x'.repeat(2 ** 18)}`, 'TOO_LARGE'],
    ['nests flow maps without end', '{'.repeat(20_000), 'TOO_LARGE'],
    ['nests blocks without end', '- '.repeat(20_000), 'TOO_LARGE'],
    ['has thousands of faults', '"'.repeat(20_000), 'NOT_YAML'],
    [
      'multiplies its aliases',
      `a: &a [x]\n${Array.from('bcdefghijklm', (name, i) => `${name}: &${name} [${`*${'abcdefghijkl'[i]},`.repeat(9)}]`).join('\n')}\nmodel: *m`,
      'BAD_VALUE',
    ],
    ['refers to itself', 'model: &m [*m]\nsparsity: *m\n', 'BAD_VALUE'],
  ])('gives an answer soon to a text that %s', (_name, text, code) => {
    checkSound(text);
    expect(parseRecipe(text).problems.map((problem) => problem.code)).toContain(code);
  });
});
