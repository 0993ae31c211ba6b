import { describe, expect, it } from 'vitest';
import { type Facts, noFacts } from '../../src/language/facts.ts';
import { quickFixes } from '../../src/language/fixes.ts';
import { criteria } from '../../src/methods/score/index.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { studyOf, withCheckpoint } from './support.ts';

const uri = 'file:///r.prune.yaml';

/** What each fix makes of the text, by its title. */
function fixes(text: string, facts: Facts = noFacts): Record<string, string> {
  const study = studyOf(text, facts);
  const lines = text.split('\n');
  const at = ({ line, character }: { line: number; character: number }) =>
    lines.slice(0, line).reduce((sum, { length }) => sum + length + 1, 0) + character;
  return Object.fromEntries(
    quickFixes(study, uri, [0, text.length]).map(({ title, edit }) => [
      title,
      (edit?.changes?.[uri] ?? []).reduceRight(
        (after, { range, newText }) => after.slice(0, at(range.start)) + newText + after.slice(at(range.end)),
        text,
      ),
    ]),
  );
}

describe('quickFixes', () => {
  it('renames a key to the one that was meant', () => {
    expect(fixes('model: m\nsparsty: 0.5 # c\n')['Change to sparsity']).toBe('model: m\nsparsity: 0.5 # c\n');
    expect(fixes('model: m\nsparsity: 0.5\nsolve: { dampng: 0.1 }')).toEqual({
      'Change to damping': 'model: m\nsparsity: 0.5\nsolve: { damping: 0.1 }',
    });
  });

  it('offers no name that the map has already', () => {
    expect(fixes('model: m\nsparsity: 0.5\nsparsty: 0.4')).toEqual({});
  });

  it('changes a method to the one that was meant first, also where only its card speaks of it', () => {
    expect(Object.keys(fixes('model: m\nsparsity: 0.5\nsolve: { score: { method: wnda } }'))).toEqual([
      'Change to wanda',
      ...Object.keys(criteria)
        .filter((name) => name !== 'wanda')
        .map((name) => `Change to ${name}`),
    ]);
    expect(fixes('model: m\nsparsity: 0.5\nsolve: { method: sparsegpt }')['Change to obs']).toBe(
      'model: m\nsparsity: 0.5\nsolve: { method: obs }',
    );
  });

  it('changes a value to what the hint says', () => {
    expect(fixes('model: m\nsparsity: 50')).toEqual({ 'Change to 0.5': 'model: m\nsparsity: 0.5' });
    expect(fixes('model: m\nsparsity: 0.5\nsave: { overwrite: yes }')).toEqual({
      'Change to true': 'model: m\nsparsity: 0.5\nsave: { overwrite: true }',
    });
    expect(fixes('model: m\nsparsity: 0.5\ncalibrate:\n  flow: dens # c')['Change to dense']).toBe(
      'model: m\nsparsity: 0.5\ncalibrate:\n  flow: dense # c',
    );
    expect(fixes('model: m\npattern: 2:4\nsolve: { blockSize: 6 }')).toEqual({
      'Change to 8': 'model: m\npattern: 2:4\nsolve: { blockSize: 8 }',
    });
  });

  it('leaves a matrix dense that is fixed at a sparsity beside a pattern', () => {
    const text = 'model: m\npattern: 2:4\nallocate:\n  fixed:\n    "*.q_proj": 0.3 # c\n';
    expect(fixes(text)).toEqual({ 'Change to 0': text.replace('0.3', '0') });
  });

  it('makes a map of a method that stands by itself', () => {
    expect(fixes('model: m\nsparsity: 0.5\nsolve: obs')).toEqual({
      'Change to { method: obs }': 'model: m\nsparsity: 0.5\nsolve: { method: obs }',
    });
  });

  it('inserts a key that is missing, in its place', () => {
    expect(fixes('# c\nmodel: m\nsolve: {}\n')).toEqual({ 'Insert sparsity: 0.5': '# c\nmodel: m\nsparsity: 0.5\nsolve: {}\n' });
    expect(fixes('sparsity: 0.5\n')).toEqual({ 'Insert model: ./model': 'model: ./model\nsparsity: 0.5\n' });
    const mended = fixes('model: m\nsparsity: 0.5\nsolve:\n  finish:\n    iterations: 3\n')['Insert method: least-squares'];
    expect(parseRecipe(mended).recipe?.solve.finish).toMatchObject({ method: 'least-squares', iterations: 3 });
  });

  it('asks for the nearest sparsity that can be met', () => {
    const text = 'model: m\nsparsity: 0.99 # much\nallocate: { max: 0.6 }\n';
    const [[title, fixed]] = Object.entries(fixes(text, withCheckpoint));
    expect(title).toMatch(/^Change sparsity to 0\.\d+, the nearest that can be met$/);
    expect(fixed).toContain('# much');
    expect(studyOf(fixed, withCheckpoint).budget?.entries).toBeDefined();
  });

  it('changes a glob that matches nothing to a name there is, or takes it out', () => {
    const text = 'model: m\nsparsity: 0.5\nallocate:\n  fixed:\n    "*.q_prj": 0 # one\n    "*.down_proj": 0.3\n';
    const offered = fixes(text, withCheckpoint);
    expect(offered['Change to *.q_proj']).toBe(text.replace('q_prj', 'q_proj'));
    expect(offered['Remove *.q_prj']).not.toContain('q_prj');
    expect(parseRecipe(offered['Remove *.q_prj']).recipe?.allocate.fixed).toEqual({ '*.down_proj': 0.3 });
  });

  it('leaves those matrices dense that a pattern does not divide', () => {
    const offered = fixes('model: m\npattern: 2:4 # c\n', withCheckpoint);
    expect(Object.keys(offered)).toEqual(['Leave *.q_proj dense']);
    expect(studyOf(offered['Leave *.q_proj dense'], withCheckpoint).budget?.entries).toBeDefined();
    expect(offered['Leave *.q_proj dense']).toContain('2:4 # c');
  });

  it('shortens windows to what the model was made for', () => {
    expect(fixes('model: m\nsparsity: 0.5\ncalibrate: { length: 512 }', withCheckpoint)).toEqual({
      'Change to 256': 'model: m\nsparsity: 0.5\ncalibrate: { length: 256 }',
    });
  });

  it('offers only what mends, and only in the range asked for', () => {
    expect(fixes('model: m\nsparsity: 0.5\nallocate: { min: 0.9, max: 0.1 }')).toEqual({});
    expect(fixes('model: m\nsparsity: [')).toEqual({});
    const text = 'modl: m\nsparsty: 0.5';
    expect(quickFixes(studyOf(text), uri, [9, 9]).map(({ title }) => title)).toEqual(['Change to sparsity']);
  });

  it('prefers the first fix of a flaw, and names the flaw', () => {
    const [first, second] = quickFixes(studyOf('model: m\nsparsity: 0.5\nsolve: { method: msk }'), uri, [0, 100]);
    expect([first.title, first.isPreferred, second.isPreferred]).toEqual(['Change to mask', true, false]);
    expect(first.diagnostics?.[0].code).toBe('UNKNOWN_METHOD');
  });
});
