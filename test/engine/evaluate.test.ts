import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import { evaluate } from '../../src/engine/evaluate.ts';
import { evaluationWindows } from '../../src/engine/texts.ts';
import { openTokenizer } from '../../src/engine/tokenizer.ts';
import { testContext } from '../support/context.ts';

const sample = new URL('../../media/sample/', import.meta.url).pathname;
const reference = JSON.parse(readFileSync(new URL('../reference/perplexity.json', import.meta.url), 'utf8')) as Record<
  string,
  { perplexity: number; nll: number[]; windows: number; length: number }
>;

describe('evaluate', () => {
  it('gives the perplexity of transformers on the sample’s evaluation text, window by window', async () => {
    const expected = reference['sample-model/evaluation'];
    const request = { path: `${sample}evaluation.txt`, field: 'text', length: expected.length };
    const windows = await evaluationWindows(request, await openTokenizer(sample), {});
    const result = await evaluate(await openCheckpoint(sample), windows, testContext());
    expect(result.windows).toBe(expected.windows);
    expect(result.perplexity / expected.perplexity).toBeCloseTo(1, 5);
    result.windowNll.forEach((nll, w) => {
      expect(nll).toBeCloseTo(expected.nll[w], 4);
    });
  });

  it('gives the same when hidden states go through a scratch file', async () => {
    const windows = await evaluationWindows(
      { path: `${sample}evaluation.txt`, field: 'text', length: 64, windows: 9 },
      await openTokenizer(sample),
      {},
    );
    const checkpoint = await openCheckpoint(sample);
    const inMemory = await evaluate(checkpoint, windows, testContext());
    const onDisk = await evaluate(checkpoint, windows, testContext({ memoryLimitBytes: 1000 }));
    expect(onDisk).toEqual(inMemory);
  });

  it('stops at the next window when it is cancelled', async () => {
    const windows = await evaluationWindows(
      { path: `${sample}evaluation.txt`, field: 'text', length: 64, windows: 9 },
      await openTokenizer(sample),
      {},
    );
    const controller = new AbortController();
    let seen = 0;
    const running = evaluate(await openCheckpoint(sample), windows, testContext({ signal: controller.signal }), () => {
      seen++;
      if (seen === 5) controller.abort();
    });
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(seen).toBe(5);
  });
});
