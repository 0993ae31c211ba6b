import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorAt } from '../../src/language/cursor.ts';
import { pathName } from '../../src/recipe/problem.ts';
import { marked } from './support.ts';

function cursorIn(text: string) {
  const { text: plain, offset } = marked(text);
  const cursor = cursorAt(plain, offset);
  return cursor && { ...cursor, replaced: plain.slice(...cursor.replace) };
}

describe('cursorAt', () => {
  it.each([
    ['▮', 'key', '', ''],
    ['mo▮', 'key', '', 'mo'],
    ['mo▮del: x', 'key', '', 'model'],
    ['model: ▮', 'value', 'model', ''],
    ['model: ./a▮', 'value', 'model', './a'],
    ['model: ./a▮bc # c', 'value', 'model', './abc'],
    ['model: "./a▮', 'value', 'model', '"./a'],
    ['model: "./a▮b"', 'value', 'model', '"./ab"'],
    ['solve:\n  ▮', 'key', 'solve', ''],
    ['solve:\n  ▮\nsave:\n  to: x', 'key', 'solve', ''],
    ['solve:\n  me▮\nsave:', 'key', 'solve', 'me'],
    ['solve:\n  score:\n    ▮\n  damping: 1', 'key', 'solve.score', ''],
    ['solve:\n  score:\n  ▮', 'key', 'solve', ''],
    ['solve:\n  score:\n▮', 'key', '', ''],
    ['solve: ▮', 'value', 'solve', ''],
    ['solve: { ▮ }', 'key', 'solve', ''],
    ['solve: {▮', 'key', 'solve', ''],
    ['solve: { da▮', 'key', 'solve', 'da'],
    ['solve: { method: obs, da▮ }', 'key', 'solve', 'da'],
    ['solve: { method: ▮', 'value', 'solve.method', ''],
    ['solve: { method: o▮, damping: 1 }', 'value', 'solve.method', 'o'],
    ['solve: { score: { method: w▮', 'value', 'solve.score.method', 'w'],
    ['solve: { score: { method: wanda }, ▮ }', 'key', 'solve', ''],
    ['solve: {\n  method: obs,\n  ▮\n}', 'key', 'solve', ''],
    ['solve: {\n  method: obs,\n  da▮', 'key', 'solve', 'da'],
    ['calibrate: { text: [a.txt, ▮] }', 'value', 'calibrate.text[1]', ''],
    ['calibrate:\n  text:\n    - a.txt\n    - b▮', 'value', 'calibrate.text[1]', 'b'],
    ['calibrate:\n  text:\n  - ▮', 'value', 'calibrate.text[0]', ''],
    ['allocate:\n  fixed:\n    "*.q▮', 'key', 'allocate.fixed', '"*.q'],
    ['allocate:\n  fixed:\n    "*.q▮"\n    "*.k": 0', 'key', 'allocate.fixed', '"*.q"'],
    ['allocate:\n  fixed:\n    "*.q▮_proj": 0', 'key', 'allocate.fixed', '"*.q_proj"'],
    ['allocate: { fixed: { "a": 0, "*.q▮', 'key', 'allocate.fixed', '"*.q'],
    ['{ model: a,\nsolve: { ▮ } }', 'key', 'solve', ''],
    ['\ufeffmo▮', 'key', '', 'mo'],
    ['model: a\r\nsolve:\r\n  me▮\r\n', 'key', 'solve', 'me'],
  ])('finds in %j the %s at %j, and replaces %j', (text, role, path, replaced) => {
    const cursor = cursorIn(text);
    expect(cursor && { role: cursor.role, path: pathName(cursor.path), replaced: cursor.replaced }).toEqual({ role, path, replaced });
  });

  it.each(['# mo▮', 'model: a # b▮', 'model: a\n  ▮', 'model:▮', 'solve: { a: 1 # b▮\n }', 'solve: { method: obs } ▮'])(
    'finds nothing in %j',
    (text) => {
      expect(cursorIn(text)).toBeUndefined();
    },
  );

  it('ends brackets and quotes that are left open at a line that is indented less', () => {
    expect(cursorIn('allocate: { fixed: { "*.q\nsolve:\n  ▮')).toMatchObject({ path: ['solve'], role: 'key' });
  });

  it('knows the other keys of the map, above and below, and the methods of steps', () => {
    const cursor = cursorIn('solve:\n  damping: 1\n  s▮\n  method: mask\n  finish: { method: none }\nmodel: x');
    expect([...cursor!.siblings].toSorted()).toEqual(['damping', 'finish', 'method']);
    expect(cursor!.methodAt(['solve'])).toBe('mask');
    expect(cursor!.methodAt(['solve', 'finish'])).toBe('none');
    expect([...cursorIn('solve: { method: obs, ▮, score: {} }')!.siblings].toSorted()).toEqual(['method', 'score']);
  });

  it('tells whether the key has its colon', () => {
    expect(cursorIn('mo▮del: x')!.hasColon).toBe(true);
    expect(cursorIn('mo▮')!.hasColon).toBe(false);
    expect(cursorIn('solve: { da▮mping : 1 }')!.hasColon).toBe(true);
  });

  it('never throws, and replaces a part of the text that the cursor is in', () => {
    const piece = fc.constantFrom(
      'a',
      'solve',
      ':',
      ' ',
      '  ',
      '\n',
      '\r\n',
      '{',
      '}',
      '[',
      ']',
      ',',
      '"',
      "'",
      '#',
      '- ',
      '*',
      '&a',
      '\t',
      '\\',
      '|',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(100), (pieces, at) => {
        const text = pieces.join('');
        const offset = at % (text.length + 1);
        const cursor = cursorAt(text, offset);
        if (!cursor) return;
        const [start, end] = cursor.replace;
        expect(0 <= start && start <= offset && offset <= end && end <= text.length).toBe(true);
        expect(text.slice(start, end)).not.toContain('\n');
      }),
      { numRuns: 3000 },
    );
  });
});
