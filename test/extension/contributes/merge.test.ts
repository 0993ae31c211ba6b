import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { manifest } from '../../../scripts/generated/manifest.ts';
import { mergeParts } from '../../../src/extension/contributes/merge.ts';

describe('mergeParts', () => {
  it('lets lists follow one another and merges maps', () => {
    const a = { commands: [1], menus: { palette: [1] }, views: { s: [1] } };
    const b = { commands: [2], menus: { palette: [2], title: [3] } };
    expect(mergeParts([a, b])).toEqual({ commands: [1, 2], menus: { palette: [1, 2], title: [3] }, views: { s: [1] } });
  });

  it('refuses one key that is said twice', () => {
    expect(() => mergeParts([{ configuration: { title: 'a' } }, { configuration: { title: 'b' } }])).toThrow(
      'contributes.configuration.title is said twice',
    );
  });
});

describe('manifest', () => {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');

  it('leaves alone what is not generated, and the order of its keys', () => {
    const before = JSON.parse(text);
    const after = JSON.parse(manifest(text));
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const key of ['name', 'version', 'scripts', 'dependencies', 'devDependencies']) expect(after[key]).toEqual(before[key]);
  });

  it('puts what the file has not got yet behind `main`', () => {
    const { contributes: _, icon: __, capabilities: ___, ...bare } = JSON.parse(text);
    expect(manifest(JSON.stringify(bare))).toBe(text);
  });
});
