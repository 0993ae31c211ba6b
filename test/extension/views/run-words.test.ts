import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../src/extension/run-list.ts';
import { badgeOf, runWordsOf } from '../../../src/extension/views/run-words.ts';
import type { Progress } from '../../../src/protocol/data.ts';

const now = 1_700_000_100_000;
const progress: Progress = { step: 'prune', done: 2.6, total: 6, unit: 'blocks', detail: 'model.layers.2.mlp.up_proj' };

function run(parts: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'a',
    kind: 'prune',
    title: 'half.prune.yaml',
    recipe: 'file:///w/half.prune.yaml',
    folder: '/w/model-50-obs',
    model: null,
    state: 'done',
    pruned: true,
    startedMs: now - 75_000,
    endedMs: now - 10_000,
    message: null,
    hint: null,
    perplexity: { before: 20.123, after: 24.5 },
    ...parts,
  };
}

describe('what is said of a run', () => {
  it('is how long it took and what it did to perplexity, once it is done', () => {
    const words = runWordsOf(run(), null, now);
    expect(words.label).toBe('Prune half.prune.yaml');
    expect(words.description).toBe('done · 1:05 · perplexity 20.12 → 24.50');
    expect(words.spoken).toBe('Prune half.prune.yaml, done, 1:05, perplexity 20.12 → 24.50');
    expect(words.contextValue).toBe('over report recipe');
  });

  it('is how far it is while it is under way', () => {
    const active = run({ state: 'running', endedMs: null, perplexity: null });
    expect(runWordsOf(active, null, now)).toMatchObject({ description: 'starting', contextValue: 'running recipe' });
    expect(runWordsOf(active, progress, now).description).toBe('prune 43 %');
    expect(runWordsOf(active, progress, now).tooltip).toContain('model.layers.2.mlp.up_proj');
    expect(runWordsOf(active, { ...progress, done: 0, total: 0 }, now).description).toBe('prune 0 %');
    expect(runWordsOf({ ...active, state: 'stopping' }, progress, now)).toMatchObject({ description: 'stopping', contextValue: 'recipe' });
  });

  it('is why it failed, on one line, with the way out when pointed at', () => {
    const words = runWordsOf(run({ state: 'failed', message: 'the disk\nis full', hint: 'Make room.', perplexity: null }), null, now);
    expect(words.description).toBe('failed: the disk is full · 1:05');
    expect(words.tooltip).toContain('Make room.');
    expect(words.contextValue).toBe('over resumable recipe');
  });

  it('offers no report where none was written', () => {
    expect(runWordsOf(run({ kind: 'measure', folder: null, perplexity: null }), null, now).contextValue).toBe('over recipe');
    expect(runWordsOf(run({ state: 'stopped' }), null, now).contextValue).toBe('over resumable recipe');
    expect(runWordsOf(run({ kind: 'evaluate', recipe: null, perplexity: { before: null, after: 31.2 } }), null, now)).toMatchObject({
      contextValue: 'over',
      description: 'done · 1:05 · perplexity 31.20',
    });
  });

  it('is on the badge of the view while one is under way', () => {
    expect(badgeOf(null)).toBeUndefined();
    expect(badgeOf(run({ state: 'running' }))).toEqual({ value: 1, tooltip: 'Prune half.prune.yaml is under way' });
  });
});
