import { describe, expect, it } from 'vitest';
import { findNode, nodeAround, nodesOf, readOutline } from '../../src/recipe/outline.ts';
import { pathName } from '../../src/recipe/problem.ts';
import { readYaml } from '../../src/recipe/yaml-text.ts';

const outlineOf = (text: string) => readOutline(text, readYaml(text).document);

/** Path, kind, key, value and whole of every node as text. */
function told(text: string) {
  return [...nodesOf(outlineOf(text))].map(({ path, kind, key, value, range }) => [
    pathName(path),
    kind,
    key && text.slice(...key),
    value && text.slice(...value),
    text.slice(...range),
  ]);
}

describe('readOutline', () => {
  it('has every key with its place, its value and all that belongs to it', () => {
    expect(told('# c\nmodel: "a" # d\ncalibrate:\n  text:\n    - x\n    - y # e\n  # f\nsolve: {}\n').slice(1)).toEqual([
      ['model', 'scalar', 'model', '"a"', 'model: "a"'],
      ['calibrate', 'map', 'calibrate', 'text:\n    - x\n    - y', 'calibrate:\n  text:\n    - x\n    - y'],
      ['calibrate.text', 'list', 'text', '- x\n    - y', 'text:\n    - x\n    - y'],
      ['calibrate.text[0]', 'scalar', undefined, 'x', 'x'],
      ['calibrate.text[1]', 'scalar', undefined, 'y', 'y'],
      ['solve', 'map', 'solve', '{}', 'solve: {}'],
    ]);
  });

  it('has keys without a value, and keys of text that is broken further on', () => {
    expect(told('model:\nsolve: { method: obs, dam').slice(1)).toEqual([
      ['model', 'none', 'model', undefined, 'model:'],
      ['solve', 'map', 'solve', '{ method: obs, dam', 'solve: { method: obs, dam'],
      ['solve.method', 'scalar', 'method', 'obs', 'method: obs'],
      ['solve.dam', 'none', 'dam', undefined, 'dam'],
    ]);
  });

  it('is empty for an empty text, and for one that is not looked at', () => {
    expect(outlineOf('').children).toEqual([]);
    expect(outlineOf(`a: ${'['.repeat(50)}`).kind).toBe('none');
  });

  it('finds a node by its path, and the innermost around an offset', () => {
    const text = 'solve: { score: { method: obs } }';
    const outline = outlineOf(text);
    expect(findNode(outline, ['solve', 'score', 'method'])?.scalar).toBe('obs');
    expect(findNode(outline, ['solve', 'other', 'method'])).toBeUndefined();
    expect(pathName(nodeAround(outline, text.indexOf('obs')).path)).toBe('solve.score.method');
    expect(pathName(nodeAround(outline, text.indexOf('{')).path)).toBe('solve');
  });
});
