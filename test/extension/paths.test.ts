import { describe, expect, it } from 'vitest';
import { freeName, pathFrom } from '../../src/extension/paths.ts';

describe('pathFrom', () => {
  it.each([
    ['/w', '/w/model', './model'],
    ['/w', '/w/a/b.txt', './a/b.txt'],
    ['/w/a', '/w/model', '../model'],
    ['/w', '/elsewhere/t.txt', '../elsewhere/t.txt'],
  ])('from %s, %s is %s', (folder, path, seen) => {
    expect(pathFrom(folder, path)).toBe(seen);
  });
});

describe('freeName', () => {
  it('counts on until a name is free', () => {
    const taken = new Set(['/w/m.prune.yaml', '/w/m-2.prune.yaml']);
    expect(freeName('/w/m', '.prune.yaml', (path) => taken.has(path))).toBe('/w/m-3.prune.yaml');
    expect(freeName('/w/n', '.prune.yaml', (path) => taken.has(path))).toBe('/w/n.prune.yaml');
  });
});
