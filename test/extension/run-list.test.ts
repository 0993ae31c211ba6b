import { describe, expect, it } from 'vitest';
import { isResumable, perplexityOf, type RunRecord, restoreRuns, withRun } from '../../src/extension/run-list.ts';

const run = (id: string, over: Partial<RunRecord> = {}): RunRecord => ({
  id,
  kind: 'prune',
  title: id,
  recipe: null,
  folder: null,
  model: null,
  state: 'done',
  pruned: true,
  startedMs: 5,
  endedMs: 6,
  message: null,
  hint: null,
  perplexity: null,
  ...over,
});

describe('withRun', () => {
  it('puts a new run first and changes a known one in its place', () => {
    const list = withRun(withRun([], run('a')), run('b'));
    expect(list.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(withRun(list, run('a', { state: 'failed' })).map(({ id, state }) => `${id} ${state}`)).toEqual(['b done', 'a failed']);
  });

  it('keeps fifty', () => {
    const list = Array.from({ length: 60 }, (_, i) => run(String(i))).reduce(withRun, [] as readonly RunRecord[]);
    expect(list).toHaveLength(50);
    expect(list[0]!.id).toBe('59');
  });
});

describe('restoreRuns', () => {
  it('counts a run whose window closed as stopped', () => {
    expect(restoreRuns([run('a', { state: 'running', endedMs: null })])).toEqual([run('a', { state: 'stopped', endedMs: 5 })]);
  });

  it('leaves out what is no run', () => {
    expect(restoreRuns([null, 3, {}, { ...run('a'), state: 'toString' }, run('b')])).toEqual([run('b')]);
    expect(restoreRuns(undefined)).toEqual([]);
    expect(restoreRuns('runs')).toEqual([]);
  });
});

describe('isResumable', () => {
  it('holds for a prune that stopped, or failed after it had begun to prune', () => {
    const states = ['running', 'stopping', 'done', 'stopped', 'failed'] as const;
    expect(states.filter((state) => isResumable(run('a', { state })))).toEqual(['stopped', 'failed']);
    expect(isResumable(run('a', { state: 'failed', pruned: false }))).toBe(false);
    expect(isResumable(run('a', { state: 'stopped', pruned: false }))).toBe(true);
    expect(isResumable(run('a', { kind: 'measure', state: 'stopped' }))).toBe(false);
  });
});

describe('perplexityOf', () => {
  it('is what the newest run found of a checkpoint before it was pruned, or an evaluation of it', () => {
    const runs = [
      run('other', { model: '/w/other', perplexity: { before: 1, after: 2 } }),
      run('unevaluated', { model: '/w/m' }),
      run('pruned', { kind: 'evaluate', folder: '/w/m-50', perplexity: { before: null, after: 30 } }),
      run('newest', { model: '/w/m', perplexity: { before: 17, after: 25 } }),
      run('older', { kind: 'evaluate', folder: '/w/m', perplexity: { before: null, after: 16 } }),
    ];
    expect(perplexityOf(runs, '/w/m')).toBe(17);
    expect(perplexityOf(runs.slice(4), '/w/m')).toBe(16);
    expect(perplexityOf(runs, '/w/none')).toBeNull();
    expect(perplexityOf(restoreRuns(runs.map(({ model: _, ...old }) => old)), '/w/m'), 'runs of an earlier version').toBe(16);
  });
});
