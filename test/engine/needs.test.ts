import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import { runNeeds } from '../../src/engine/needs.ts';
import type { Runtime } from '../../src/engine/runtime.ts';
import { testContext } from '../support/context.ts';
import { sample } from '../support/runs.ts';

const work = { samples: 1, length: 16, products: 4 };

/** Counts the products that are asked of it. */
function countingRuntime(gemm = async () => {}) {
  const runtime = {
    ...testContext().runtime,
    nProducts: 0,
    async gemm() {
      runtime.nProducts++;
      await gemm();
    },
  } satisfies Runtime & { nProducts: number };
  return runtime;
}

describe('the speed of the machine', () => {
  it('is tried out once', async () => {
    const checkpoint = await openCheckpoint(sample);
    const runtime = countingRuntime();
    await runNeeds(checkpoint, work, testContext({ runtime }));
    const once = runtime.nProducts;
    await runNeeds(checkpoint, work, testContext({ runtime, isDisturbed: () => true }));
    expect(once).toBeGreaterThan(0);
    expect(runtime.nProducts).toBe(once);
  });

  it.each([
    ['was under way, and ended meanwhile', true],
    ['began meanwhile', false],
  ])('is tried out again where a job %s', async (_, atFirst) => {
    const checkpoint = await openCheckpoint(sample);
    let isBusy = atFirst;
    const runtime = countingRuntime(async () => {
      isBusy = !atFirst;
    });
    await runNeeds(checkpoint, work, testContext({ runtime, isDisturbed: () => isBusy }));
    const once = runtime.nProducts;
    for (let i = 0; i < 2; i++) await runNeeds(checkpoint, work, testContext({ runtime }));
    expect(runtime.nProducts).toBe(2 * once);
  });

  it('is tried out again where that failed', async () => {
    const checkpoint = await openCheckpoint(sample);
    let isBroken = true;
    const runtime = countingRuntime(async () => {
      if (isBroken) throw new Error('no such provider');
    });
    await expect(runNeeds(checkpoint, work, testContext({ runtime }))).rejects.toThrow('no such provider');
    isBroken = false;
    expect((await runNeeds(checkpoint, work, testContext({ runtime }))).seconds).toBeGreaterThan(0);
  });
});
