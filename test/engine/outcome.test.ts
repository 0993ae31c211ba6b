import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { outcomeOf } from '../../src/engine/outcome.ts';
import { runRecipe, sampleRecipe, temporaryFolder } from '../support/runs.ts';

it('tells what is where a result will stand: nothing, a run that can be resumed, a result, or something else', async () => {
  const to = join(temporaryFolder(), 'pruned');
  const state = () => outcomeOf(to).state;
  expect(outcomeOf(to)).toEqual({ to, state: 'absent' });

  const controller = new AbortController();
  const onProgress = ({ step, done }: { step: string; done: number }) => step === 'prune' && done > 1 && controller.abort();
  const text = sampleRecipe({ to });
  await expect(runRecipe(text, {}, { signal: controller.signal, onProgress })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(state()).toBe('partial');

  await runRecipe(text);
  expect(state()).toBe('finished');

  mkdirSync(`${to}.partial`);
  writeFileSync(join(`${to}.partial`, 'secateur.lock'), '1');
  expect(state()).toBe('finished');
  writeFileSync(join(`${to}.partial`, 'secateur-journal.jsonl'), '');
  expect(state()).toBe('partial');
});

it('takes a folder for foreign that no run has made, whole or begun', () => {
  const to = join(temporaryFolder(), 'pruned');
  mkdirSync(`${to}.partial`);
  expect(outcomeOf(to).state).toBe('absent');
  writeFileSync(join(`${to}.partial`, 'mine.txt'), '');
  expect(outcomeOf(to).state).toBe('foreign');
  mkdirSync(to);
  expect(outcomeOf(to).state).toBe('foreign');
});
