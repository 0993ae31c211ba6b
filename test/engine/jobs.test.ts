import { describe, expect, it } from 'vitest';
import { createJobs } from '../../src/engine/jobs.ts';
import type { JobEvent } from '../../src/protocol/engine.ts';

const { signal } = new AbortController();

function started() {
  const events: [string, JobEvent][] = [];
  return { jobs: createJobs((job, event) => events.push([job, event])), events };
}

describe('the engine’s jobs', () => {
  it('are one at a time: a second is refused by the name of the first, and let in after it, however that ended', async () => {
    const { jobs } = started();
    let fail = (_: Error) => {};
    const first = jobs.run('a prune', { job: 'a', compute: {} }, signal, () => new Promise((_, reject) => (fail = reject)));
    const second = () => jobs.run('a measure', { job: 'b', compute: {} }, signal, async () => 'done');
    await expect(second()).rejects.toMatchObject({ code: 'BUSY', message: expect.stringContaining('a prune'), hint: expect.any(String) });
    fail(new Error('it broke'));
    await expect(first).rejects.toThrow('it broke');
    expect(await second()).toBe('done');
  });

  it('let what takes moments be done beside them', async () => {
    const { jobs } = started();
    await jobs.run('a prune', { job: 'a', compute: { threads: 1 } }, signal, async (ctx) => {
      const quiet = jobs.quiet({ threads: 1 }, signal);
      expect(quiet.runtime).toBe(ctx.runtime);
      expect([quiet.isDisturbed?.(), ctx.isDisturbed?.() ?? false]).toEqual([true, false]);
    });
    expect(jobs.quiet({ threads: 1 }, signal).isDisturbed?.()).toBe(false);
  });

  it('tell of progress ten times a second at most, but of the beginning and the end of every step', async () => {
    const { jobs, events } = started();
    const began = performance.now();
    await jobs.run('a prune', { job: 'a', compute: {} }, signal, async ({ onProgress, log }) => {
      for (const step of ['read', 'prune'] as const)
        for (let done = 1; done <= 20_000; done++) onProgress({ step, done, total: 20_000, unit: 'blocks', detail: '' });
      log('a word');
    });
    const most = 5 + (performance.now() - began) / 100;
    const told = events.flatMap(([, event]) => (event.type === 'progress' ? [`${event.progress.step} ${event.progress.done}`] : []));
    expect(told).toEqual(expect.arrayContaining(['read 1', 'read 20000', 'prune 1', 'prune 20000']));
    expect(told.length).toBeLessThan(most);
    expect(events.at(-1)).toEqual(['a', { type: 'log', line: 'a word' }]);
  });

  it.each([
    [{ provider: 'abacus' }, /abacus is not one of auto, cpu/],
    [{ threads: 0 }, /threads 0 is not a whole number from 1/],
    [{ threads: 1.5 }, /threads 1\.5/],
  ])('refuse %j', async (compute, message) => {
    const { jobs } = started();
    const refused = { code: 'BAD_ARGUMENT', message: expect.stringMatching(message) };
    await expect(jobs.run('a prune', { job: 'a', compute }, signal, async () => 1)).rejects.toMatchObject(refused);
    await expect(jobs.run('a prune', { job: 'a', compute: {} }, signal, async () => 1)).resolves.toBe(1);
  });
});
