import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lossGradientBytes, takeLossGradients } from '../../src/engine/loss-gradients.ts';
import { testContext } from '../support/context.ts';
import { temporaryFolder } from '../support/runs.ts';
import { beginAtReference, expectSummary, reference } from '../support/saliency-gradients.ts';

describe('takeLossGradients', () => {
  it.each([
    ['in memory', 2 ** 40],
    ['in a scratch file that leaves nothing behind', 2 ** 20],
  ])(
    'is the root mean square over windows of the gradient of the mean cross entropy that PyTorch gives, kept %s',
    async (_, memoryLimitBytes) => {
      const { source, windows, block } = await beginAtReference();
      const scratchFolder = temporaryFolder();
      const shares: number[] = [];
      {
        using gradients = await takeLossGradients(source, windows, 99, testContext({ memoryLimitBytes, scratchFolder }), (share) => {
          shares.push(share);
        });
        expect([...gradients.read(0).keys()]).toEqual(source.model.linears(0).map(({ tensor }) => tensor));
        for (const [tensor, gradient] of gradients.read(block)) expectSummary(gradient, reference.loss[tensor], 1e-4);
      }
      expect(shares.at(-1)).toBeCloseTo(1, 10);
      expect(readdirSync(scratchFolder)).toEqual([]);
    },
  );

  it('takes the first windows where it is to take fewer', async () => {
    const { ctx, source, windows, block } = await beginAtReference();
    const first = { ...windows, samples: 1, ids: windows.ids.slice(0, windows.length) };
    using some = await takeLossGradients(source, windows, 1, ctx, () => {});
    using all = await takeLossGradients(source, first, 1, ctx, () => {});
    expect(some.read(block)).toEqual(all.read(block));
  });

  it('says beforehand how much it keeps', async () => {
    const { source } = await beginAtReference();
    expect(lossGradientBytes(source.model)).toBe(4 * source.linears.reduce((sum, linear) => sum + linear.out * linear.in, 0));
  });
});
