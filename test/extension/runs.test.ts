import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SecateurError } from '../../src/error.ts';
import { EngineGone } from '../../src/extension/engine-client.ts';
import type { RunRecord } from '../../src/extension/run-list.ts';
import { createRuns, type Job, type RunChange } from '../../src/extension/runs.ts';
import type { JobEvent, SolvedMatrix } from '../../src/protocol/engine.ts';

const recipe = 'file:///w/a.prune.yaml';
const matrix = (name: string, zeros = 1): SolvedMatrix => ({ name, zeros, relativeError: 0.1, maskOnlyError: 0.2, damping: 0.01 });
const progress = (done: number): JobEvent => ({
  type: 'progress',
  progress: { step: 'prune', done, total: 10, unit: 'blocks', detail: '' },
});

/** An engine that answers when it is told to. */
function setUp(kept: unknown = undefined) {
  const listeners = new Map<string, (event: JobEvent) => void>();
  const saved: (readonly RunRecord[])[] = [];
  const changes: RunChange[] = [];
  const log: string[] = [];
  let time = 1000;
  const runs = createRuns({
    engine: {
      onEvent(job, listener) {
        listeners.set(job, listener);
        const dispose = () => void listeners.delete(job);
        return { dispose, [Symbol.dispose]: dispose };
      },
    },
    log: (line) => log.push(line),
    load: () => kept,
    save: (list) => saved.push(list),
    now: () => time++,
  });
  runs.onDidChange((change) => changes.push(change));
  const begin = (over: Partial<Job<number>> = {}) => {
    let resolve: (value: number) => void = () => {};
    let reject: (error: unknown) => void = () => {};
    const promise = new Promise<number>((...both) => {
      [resolve, reject] = both;
    });
    let signal: AbortSignal | undefined;
    const ask = (_job: string, given: AbortSignal) => {
      signal = given;
      return promise;
    };
    const ended = runs.start<number>({ kind: 'prune', title: 'a.prune.yaml', recipe, folder: '/w/out', ask, ...over });
    const send = (event: JobEvent) => listeners.get(runs.current?.id ?? '')?.(event);
    return { ended, resolve, reject, send, signal: () => signal };
  };
  return { runs, begin, changes, saved, log, listeners };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('createRuns', () => {
  it('goes from running to done, and keeps what the result says', async () => {
    const { runs, begin, saved, listeners } = setUp();
    const { ended, resolve } = begin({ summary: () => ({ perplexity: { before: 10, after: 11 } }) });
    expect(runs.current).toMatchObject({ kind: 'prune', state: 'running', endedMs: null });
    expect(runs.stateOf(recipe)).toMatchObject({ state: 'running', progress: null, matrices: [] });
    resolve(7);
    expect(await ended).toMatchObject({ state: 'done', result: 7 });
    expect(runs.current).toBeNull();
    expect(runs.list).toMatchObject([{ state: 'done', startedMs: 1000, endedMs: 1001, perplexity: { before: 10, after: 11 } }]);
    expect(saved.at(-1)).toEqual(runs.list);
    expect(listeners.size).toBe(0);
  });

  it('refuses a second job while one is under way', async () => {
    const { runs, begin } = setUp();
    const { ended, resolve } = begin();
    await expect(begin({ title: 'b' }).ended).rejects.toMatchObject({ code: 'BUSY', message: expect.stringContaining('a.prune.yaml') });
    resolve(1);
    await ended;
    expect(runs.list).toHaveLength(1);
  });

  it('tells progress ten times a second at most, and with it every matrix once', () => {
    const { runs, begin, changes } = setUp();
    const { send } = begin();
    changes.length = 0;
    for (let i = 0; i < 50; i++) send(progress(i));
    send({ type: 'matrices', matrices: [matrix('a'), matrix('b')] });
    expect(changes).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(changes).toMatchObject([{ isProgress: true, matrices: [{ name: 'a' }, { name: 'b' }] }]);
    send({ type: 'matrices', matrices: [matrix('b', 5), matrix('c')] });
    vi.advanceTimersByTime(100);
    expect(changes[1]).toMatchObject({ isProgress: true, matrices: [{ name: 'b' }, { name: 'c' }] });
    expect(runs.progress?.done).toBe(49);
    expect(runs.stateOf(recipe)?.matrices.map(({ name, zeros }) => [name, zeros])).toEqual([
      ['a', 1],
      ['b', 5],
      ['c', 1],
    ]);
  });

  it('tells matrices that came last together with the end', async () => {
    const { runs, begin, changes } = setUp();
    const { send, resolve, ended } = begin();
    send({ type: 'matrices', matrices: [matrix('z')] });
    resolve(1);
    await ended;
    expect(changes.at(-1)).toMatchObject({ isProgress: false, matrices: [{ name: 'z' }], run: { state: 'done' } });
    expect(runs.stateOf(recipe)?.matrices).toHaveLength(1);
    const nChanges = changes.length;
    vi.advanceTimersByTime(1000);
    expect(changes).toHaveLength(nChanges);
  });

  it('keeps what a measure has found, each matrix as it came last, and since when it goes at its pace', () => {
    const { runs, begin, changes } = setUp();
    const { send } = begin({ kind: 'measure' });
    const measured = (done: number): JobEvent => ({
      type: 'progress',
      progress: { step: 'measure', done, total: 1, unit: 'parts', detail: '' },
    });
    changes.length = 0;
    send(measured(0.1));
    send({
      type: 'sensitivities',
      matrices: [
        { name: 'a', value: 1 },
        { name: 'b', value: 2 },
      ],
    });
    vi.advanceTimersByTime(100);
    send({ type: 'sensitivities', matrices: [{ name: 'a', value: 3 }] });
    send(measured(0.2));
    vi.advanceTimersByTime(100);
    expect(changes.map(({ sensitivities }) => sensitivities.map(({ name }) => name))).toEqual([['a', 'b'], ['a']]);
    expect(runs.stateOf(recipe)).toMatchObject({
      from: { done: 0.1 },
      matrices: [],
      sensitivities: [
        { name: 'a', value: 3 },
        { name: 'b', value: 2 },
      ],
    });
  });

  it('asks the engine to stop once, and counts what follows as stopped', async () => {
    const { runs, begin, changes } = setUp();
    const { ended, reject, signal } = begin();
    runs.stop();
    runs.stop();
    expect(signal()?.aborted).toBe(true);
    expect(changes.filter(({ run }) => run?.state === 'stopping')).toHaveLength(1);
    reject(new SecateurError('CANCELLED', 'stopped by the user'));
    expect(await ended).toMatchObject({ state: 'stopped' });
    expect(runs.stateOf(recipe)).toMatchObject({ state: 'stopped', message: null });
  });

  it('keeps the message and the hint of a failure', async () => {
    const { runs, begin } = setUp();
    const { ended, reject } = begin();
    reject(new SecateurError('DISK_FULL', 'the disk is full', 'Make room.'));
    expect(await ended).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL' } });
    expect(runs.stateOf(recipe)).toMatchObject({ state: 'failed', message: 'the disk is full', hint: 'Make room.' });
  });

  it('counts the death of the engine as a failure that can be resumed, and its being stopped as a stop', async () => {
    const { runs, begin } = setUp();
    const died = begin();
    died.send(progress(1));
    died.reject(new EngineGone({ code: null, signal: 'SIGKILL', stderr: [] }, false));
    await died.ended;
    expect(runs.list[0]).toMatchObject({
      state: 'failed',
      pruned: true,
      message: expect.stringContaining('SIGKILL'),
      hint: expect.stringContaining('Resume'),
    });
    const ended = begin();
    ended.reject(new EngineGone({ code: null, signal: 'SIGKILL', stderr: [] }, true));
    expect(await ended.ended).toMatchObject({ state: 'stopped' });
  });

  it('knows a prune that was refused from one that had begun', async () => {
    const { runs, begin } = setUp();
    const { ended, reject, send } = begin();
    send({ type: 'progress', progress: { step: 'read', done: 1, total: 9, unit: 'bytes', detail: '' } });
    reject(new SecateurError('DISK_FULL', 'there is no room', 'Make room.'));
    await ended;
    expect(runs.list[0]).toMatchObject({ state: 'failed', pruned: false });
  });

  it('keeps where and when a step counted in blocks began', () => {
    const { runs, begin } = setUp();
    const { send } = begin();
    const told = (event: JobEvent) => {
      send(event);
      vi.advanceTimersByTime(100);
      return runs.stateOf(recipe)?.from;
    };
    expect(told({ type: 'progress', progress: { step: 'read', done: 1, total: 9, unit: 'bytes', detail: '' } })).toBeNull();
    expect(told(progress(6))).toEqual({ done: 6, atMs: 1001 });
    expect(told(progress(8))).toEqual({ done: 6, atMs: 1001 });
    expect(told({ type: 'progress', progress: { step: 'save', done: 1, total: 9, unit: 'bytes', detail: '' } })).toBeNull();
  });

  it('counts the pace of a run that goes on from the end of its first own block', () => {
    const { runs, begin } = setUp();
    const { send } = begin();
    const told = (event: JobEvent) => {
      send(event);
      vi.advanceTimersByTime(100);
      return runs.stateOf(recipe)?.from;
    };
    expect(told({ type: 'matrices', matrices: [matrix('a')] })).toBeNull();
    expect(told(progress(0.6))).toBeNull();
    expect(told(progress(2))).toBeNull();
    expect(told({ type: 'matrices', matrices: [matrix('b')] })).toEqual({ done: 2, atMs: 1001 });
    expect(told(progress(3))).toEqual({ done: 2, atMs: 1001 });
  });

  it('starts a recipe’s state anew with its next run', async () => {
    const { runs, begin } = setUp();
    const first = begin();
    first.send({ type: 'matrices', matrices: [matrix('a')] });
    first.resolve(1);
    await first.ended;
    begin();
    expect(runs.stateOf(recipe)).toMatchObject({ state: 'running', matrices: [] });
  });

  it('forgets an answer to a prompt when it has ended', async () => {
    const { runs, begin } = setUp();
    const { ended, resolve } = begin({ kind: 'generate', recipe: null });
    expect(runs.list).toHaveLength(1);
    resolve(1);
    await ended;
    expect(runs.list).toEqual([]);
  });

  it('removes runs that have ended, and never the one under way', async () => {
    const { runs, begin } = setUp();
    const first = begin();
    first.resolve(1);
    await first.ended;
    begin();
    const [active, ended] = runs.list;
    runs.remove(active!.id);
    expect(runs.list).toHaveLength(2);
    runs.remove(ended!.id);
    expect(runs.list).toEqual([active]);
    runs.clear();
    expect(runs.list).toEqual([active]);
  });

  it('passes lines of the log on', () => {
    const { begin, log } = setUp();
    begin().send({ type: 'log', line: 'damping raised' });
    expect(log).toEqual(['damping raised']);
  });
});
