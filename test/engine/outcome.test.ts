import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { outcomeOf } from '../../src/engine/outcome.ts';
import { resolveRecipe } from '../../src/engine/plan.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { runRecipe, sampleRecipe, temporaryFolder } from '../support/runs.ts';

const outcome = (text: string) => outcomeOf(resolveRecipe(parseRecipe(text).recipe!, '/'));

it('tells what is where a result will stand: nothing, a run that can be resumed, a result, or something else', async () => {
  const to = join(temporaryFolder(), 'pruned');
  const text = sampleRecipe({ to });
  const state = () => outcome(text).state;
  expect(outcome(text)).toEqual({ to, state: 'absent' });

  const controller = new AbortController();
  const onProgress = ({ step, done }: { step: string; done: number }) => step === 'prune' && done > 1 && controller.abort();
  await expect(runRecipe(text, {}, { signal: controller.signal, onProgress })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(state()).toBe('partial');
  const journal = join(`${to}.partial`, 'secateur-journal.jsonl');
  const written = readFileSync(journal, 'utf8');
  writeFileSync(journal, `${written}{"type":"blo`);
  expect(outcome(sampleRecipe({ to, sparsity: 'sparsity: 0.6' })).state).toBe('other');
  expect(outcome(text.replace('save: {', 'save: { overwrite: true,')).state).toBe('partial');
  // A run that is on may be writing just there, so nothing may have been cut off.
  expect(readFileSync(journal, 'utf8')).toBe(`${written}{"type":"blo`);

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
  const state = () => outcome(sampleRecipe({ to })).state;
  mkdirSync(`${to}.partial`);
  expect(state()).toBe('absent');
  writeFileSync(join(`${to}.partial`, 'mine.txt'), '');
  expect(state()).toBe('foreign');
  mkdirSync(to);
  expect(state()).toBe('foreign');
});

it('takes a run that an earlier version began for one that can be resumed', () => {
  const to = join(temporaryFolder(), 'pruned');
  mkdirSync(`${to}.partial`);
  writeFileSync(join(`${to}.partial`, 'secateur-journal.jsonl'), '{"type":"run","key":"a"}\n');
  expect(outcome(sampleRecipe({ to })).state).toBe('partial');
});
