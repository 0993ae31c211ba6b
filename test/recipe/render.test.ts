import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { createRanger, type Problem } from '../../src/recipe/problem.ts';
import { renderProblems } from '../../src/recipe/render.ts';

function problem(text: string, marked: string, more: Partial<Problem> = {}): Problem {
  const at = text.indexOf(marked);
  return { code: 'BAD_VALUE', severity: 'error', message: 'no', path: [], range: createRanger(text)(at, at + marked.length), ...more };
}

/** The line and the carets, without what stands before them. */
function excerpt(text: string, marked: string): string[] {
  const lines = renderProblems(text, [problem(text, marked)], 'f').split('\n');
  return lines.slice(2, 4).map((line) => line.replace(/^[\d ]+\| ?/, ''));
}

describe('renderProblems', () => {
  it('shows place, message, code, line, carets and hint', () => {
    const text = 'model: a\nsparsity: 50\n';
    expect(renderProblems(text, [problem(text, '50', { hint: 'Write 0.5.' })], 'dir/r.prune.yaml')).toBe(
      ['dir/r.prune.yaml:2:11: error: no [BAD_VALUE]', '  |', '2 | sparsity: 50', '  |           ^^', '  = Write 0.5.'].join('\n'),
    );
  });

  it('keeps the margin straight beside a line number of any length', () => {
    const text = `${'\n'.repeat(99)}model: x`;
    expect(renderProblems(text, [problem(text, 'x')], 'f').split('\n')).toEqual([
      'f:100:8: error: no [BAD_VALUE]',
      '    |',
      '100 | model: x',
      '    |        ^',
    ]);
  });

  it.each([
    ['wide characters', 'a: 模型 b', 'b', '        ^'],
    ['wide characters that are wrong', 'a: 模型 b', '模型', '   ^^^^'],
    ['an emoji of several code points', 'a: 👩‍🔬 b', 'b', '      ^'],
    ['a letter with its accent apart', 'a: e\u0301 b', 'b', '     ^'],
    ['a letter of two UTF-16 units', 'a: 𝑥 b', 'b', '     ^'],
  ])('puts carets below the right columns after %s', (_name, text, marked, carets) => {
    expect(excerpt(text, marked)).toEqual([text, carets]);
  });

  it('turns tabs into spaces up to the next stop', () => {
    expect(excerpt('a:\tb\tc', 'c')).toEqual(['a:  b   c', '        ^']);
    expect(excerpt('a:\tb\tc', '\tb')).toEqual(['a:  b   c', '  ^^^']);
  });

  it('shows signs for characters that would steer the terminal', () => {
    const text = 'a: \u001b[31mred\u202e';
    expect(excerpt(text, 'red')[0]).toBe('a: ␛[31mred\ufffd');
    expect(renderProblems(text, [problem(text, 'red', { message: 'is \u001b[2J' })], 'f')).not.toContain('\u001b');
  });

  it('cuts a long line to what is around the problem', () => {
    const text = `a: ${'x'.repeat(500)} here ${'y'.repeat(500)}`;
    const [line, carets] = excerpt(text, 'here');
    expect(line.length).toBeLessThan(130);
    expect(line).toMatch(/^…x+ here y+…$/);
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('here');
  });

  it('marks the place where something is missing, and only the first line of several', () => {
    const text = 'a: [b,\nc]\n';
    expect(excerpt(text, '')).toEqual(['a: [b,', '^']);
    expect(excerpt(text, '[b,\nc]')).toEqual(['a: [b,', '   ^^^']);
  });

  it('does not show the end of a Windows line', () => {
    expect(excerpt('a: b\r\nc: d\r\n', 'b\r\nc')).toEqual(['a: b', '   ^']);
  });

  it('shows no more than a screen can use', () => {
    const text = Array.from({ length: 200 }, (_, i) => `key${i}: 1`).join('\n');
    const lines = renderProblems(text, parseRecipe(text).problems, 'f').split('\n');
    expect(lines.filter((line) => line.includes('error:'))).toHaveLength(50);
    expect(lines.at(-1)).toBe('f: and 152 more');
  });

  it('is empty without a problem', () => {
    expect(renderProblems('', [], 'f')).toBe('');
  });
});
