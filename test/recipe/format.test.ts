import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEdits } from '../../src/recipe/format.ts';
import { starterRecipe } from '../../src/recipe/starter.ts';
import { readYaml } from '../../src/recipe/yaml-text.ts';

function formatted(text: string): string {
  return formatEdits(text).reduceRight(
    (after, edit) => after.slice(0, edit.offset) + edit.text + after.slice(edit.offset + edit.length),
    text,
  );
}

describe('formatEdits', () => {
  it.each([
    ['model:   a\nsparsity :  0.5', 'model: a\nsparsity: 0.5\n'],
    ['solve: {method: obs,damping:  0.1}\n', 'solve: { method: obs, damping: 0.1 }\n'],
    ['solve: {   }\n', 'solve: {}\n'],
    ['calibrate: { text: [ a.txt ,b.txt ] }\n', 'calibrate: { text: [a.txt, b.txt] }\n'],
    ['model: a   \n\n\n\nsparsity: 0.5\n\n\n', 'model: a\n\nsparsity: 0.5\n'],
    ['\n\n# c\nmodel: a', '# c\nmodel: a\n'],
    [
      'solve:\n      method: obs\n      score:\n         method: obs\n      damping: 0.1\n',
      'solve:\n  method: obs\n  score:\n    method: obs\n  damping: 0.1\n',
    ],
    ['solve:\n    # one\n    method: obs\n    # two\nmodel: a\n', 'solve:\n  # one\n  method: obs\n  # two\nmodel: a\n'],
    [
      'solve:\n    score: {\n        method: obs,\n        form: static\n    }\n',
      'solve:\n  score: {\n      method: obs,\n      form: static\n  }\n',
    ],
    ['calibrate:\n    text:\n    -   a.txt\n    -   b.txt\n', 'calibrate:\n  text:\n  - a.txt\n  - b.txt\n'],
    ['model:  a\r\nsolve:\r\n    method:  obs', 'model: a\r\nsolve:\r\n  method: obs\r\n'],
    ['\ufeffmodel:  a', '\ufeffmodel: a\n'],
    ['model: a    # lined up\nsparsity: 0.5 # by hand\n', 'model: a    # lined up\nsparsity: 0.5 # by hand\n'],
    ['model: "a   b"\n', 'model: "a   b"\n'],
    ['', ''],
    ['# only\n', '# only\n'],
  ])('makes of %j %j', (text, wanted) => {
    expect(formatted(text)).toBe(wanted);
  });

  it('leaves alone what is no sound YAML', () => {
    for (const text of ['solve: {  method: obs\n', 'a:  1\n b:  2\n', 'model: "a\n', 'model:   a\n---\nmodel:   b\n', 'a:\n\tb:  1\n'])
      expect(formatEdits(text), text).toEqual([]);
  });

  it('has nothing to do with the recipe that init writes', () => {
    expect(formatEdits(starterRecipe({ model: './m', sparsity: 0.5, evaluateText: 'a.txt', maxLength: 99 }))).toEqual([]);
  });

  it('edits only where something changes', () => {
    expect(formatEdits('model:  a\nsparsity: 0.5\n')).toEqual([{ offset: 6, length: 2, text: ' ' }]);
  });

  it('keeps every word and comment, and has nothing to do the second time', () => {
    const folder = new URL('../golden/recipe/', import.meta.url).pathname;
    const golden = readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => readFileSync(`${folder}${name}`, 'utf8'));
    const piece = fc.constantFrom(
      'a',
      'solve',
      ':',
      ': ',
      ' ',
      '  ',
      '\n',
      '\n  ',
      '\n    ',
      '\r\n',
      '{',
      '}',
      '[',
      ']',
      ', ',
      '"x"',
      "'y'",
      '# c\n',
      '- ',
      '&a ',
      '*a',
      '|\n',
      '? ',
      '!t ',
      'é',
    );
    const random = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...golden), random), (text) => {
        const once = formatted(text);
        expect(formatted(once)).toBe(once);
        expect(once.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        expect(readYaml(once).faults.length).toBe(readYaml(text).faults.length);
      }),
      { numRuns: 800 },
    );
  });

  it('takes a long line in its stride', () => {
    const text = `allocate: { fixed: {${Array.from({ length: 4000 }, (_, i) => `l.${i}.q:0.5`).join(',')}} }\n`;
    const start = performance.now();
    formatEdits(text);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
