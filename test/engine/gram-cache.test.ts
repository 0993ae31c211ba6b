import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Checkpoint, openCheckpoint } from '../../src/engine/checkpoint.ts';
import type { Context } from '../../src/engine/context.ts';
import { walkDense } from '../../src/engine/dense-walk.ts';
import { gramBytes, gramFolderName, openGramCache } from '../../src/engine/gram-cache.ts';
import { measure } from '../../src/engine/measure.ts';
import { type ResolvedRecipe, resolveRecipe } from '../../src/engine/plan.ts';
import type { Windows } from '../../src/engine/texts.ts';
import { tryOut } from '../../src/engine/trials.ts';
import type { BlockInput } from '../../src/methods/measure.ts';
import type { Statistics } from '../../src/methods/statistics.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { testContext } from '../support/context.ts';
import { sampleWindows } from '../support/labs.ts';
import { sample, sampleRecipe, temporaryFolder } from '../support/runs.ts';

const nBlocks = 6;
const needs = ['gram', 'norms', 'windows'] as const;
let source: Checkpoint;
let windows: Windows;

beforeAll(async () => {
  source = await openCheckpoint(sample);
  windows = await sampleWindows({ samples: 3, length: 32 });
});

/** Of every matrix, the hash of its statistics: to compare all their numbers one by one takes seconds. */
type Seen = readonly { readonly name: string; readonly stats: string }[];

function hashOf({ gram, norms, windows: n }: Statistics): string {
  return createHash('sha256').update(new Uint8Array(gram.data.buffer)).update(new Uint8Array(norms.buffer)).update(`${n}`).digest('hex');
}

/** What a walk sees of every matrix, and whether it calibrated: whether blocks were told of as they went on. */
async function walk(cacheFolder: string | undefined, changes: Partial<Context> = {}, until = nBlocks) {
  const ctx = testContext(changes);
  const grams = cacheFolder === undefined ? undefined : openGramCache(source.model, cacheFolder, 'grams-own', ctx);
  const seen: { name: string; stats: string }[] = [];
  let calibrated = 0;
  const look = async ({ block, linears }: BlockInput<(typeof needs)[number]>) => {
    if (block >= until) throw new Error('cut off');
    seen.push(...linears.map(({ slot, stats }) => ({ name: slot.name, stats: hashOf(stats) })));
  };
  const onProgress = () => {
    calibrated++;
  };
  const done = walkDense({ source, windows, grams, damping: 0.01, needs, look, onProgress }, ctx);
  await (until < nBlocks ? expect(done).rejects.toThrow('cut off') : done);
  return { seen: seen as Seen, calibrated };
}

describe('the cache of Grams', () => {
  it('gives a later walk bit for bit what the first one calibrated, without calibrating', async () => {
    const cache = join(temporaryFolder(), 'cache');
    const plain = await walk(undefined);
    const first = await walk(cache);
    const later = await walk(cache);
    expect(first.seen).toEqual(plain.seen);
    expect(later.seen).toEqual(plain.seen);
    expect([first.calibrated > 0, later.calibrated]).toEqual([true, 0]);
    expect(readdirSync(join(cache, 'grams-own')).toSorted()).toEqual(Array.from({ length: nBlocks }, (_, i) => `block-${i}`));
    const bytes = readdirSync(join(cache, 'grams-own')).map((name) => statSync(join(cache, 'grams-own', name)).size);
    expect(bytes.reduce((a, b) => a + b)).toBe(gramBytes(source.model));
    expect(readFileSync(join(cache, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it.each(['one byte of it is another', 'it is cut short', 'it is gone'])(
    'calibrates again where a file is damaged: %s',
    async (damage) => {
      const cache = join(temporaryFolder(), 'cache');
      const { seen } = await walk(cache);
      const path = join(cache, 'grams-own', 'block-3');
      const whole = readFileSync(path);
      if (damage === 'it is gone') rmSync(path);
      else if (damage === 'it is cut short') truncateSync(path, whole.length - 4);
      else writeFileSync(path, whole.with(1000, whole[1000]! ^ 1));
      const mended = await walk(cache);
      expect(mended.seen).toEqual(seen);
      expect(mended.calibrated).toBeGreaterThan(0);
      expect(readFileSync(path).equals(whole)).toBe(true);
      expect((await walk(cache)).calibrated).toBe(0);
    },
  );

  it('goes on from the blocks that a walk has left that was cut off', async () => {
    const cache = join(temporaryFolder(), 'cache');
    await walk(cache, {}, 2);
    expect(readdirSync(join(cache, 'grams-own')).toSorted()).toEqual(['block-0', 'block-1', 'block-2']);
    expect((await walk(cache)).seen).toEqual((await walk(undefined)).seen);
    expect((await walk(cache)).calibrated).toBe(0);
  });

  it('serves trials as well, which are then the same', async () => {
    const cache = join(temporaryFolder(), 'cache');
    await walk(cache);
    let calibrations = 0;
    const attempt = (grams?: ReturnType<typeof openGramCache>) =>
      tryOut(
        { source, text: windows, grams, damping: 0.01 },
        {
          windows: 1,
          length: 16,
          spans: [[0, nBlocks - 1]],
          versions: 1,
          needs,
          propose: async ({ linears }) =>
            linears.map(({ weight, stats }, linear) => ({
              trial: 0,
              linear,
              weight: { ...weight, data: weight.data.map((value, at) => (stats.norms[at % weight.cols]! < stats.norms[0]! ? 0 : value)) },
            })),
        },
        testContext({ onProgress: () => calibrations++ }),
      );
    const plain = await attempt();
    const steps = calibrations;
    expect(plain[0]!.kl).toBeGreaterThan(0);
    expect(await attempt(openGramCache(source.model, cache, 'grams-own', testContext()))).toEqual(plain);
    expect(calibrations - steps).toBeLessThan(steps);
  });

  it('says beforehand how much it keeps, and keeps nothing beyond the limit', async () => {
    const cache = join(temporaryFolder(), 'cache');
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    const bytes = gramBytes(source.model);
    await walk(cache, { log, gramCacheBytes: bytes - 1 });
    expect(readdirSync(join(cache, '..'))).toEqual([]);
    expect(lines).toEqual([expect.stringMatching(/not kept for later measures: they take .*, and the limit is/)]);
    await walk(cache, { log, gramCacheBytes: bytes });
    expect(lines.slice(1)).toEqual([expect.stringMatching(/kept for later measures: .* in .*grams-own/)]);
    expect(readdirSync(join(cache, 'grams-own'))).toHaveLength(nBlocks);
  });

  it('lets the one that was used longest ago make way', async () => {
    const cache = join(temporaryFolder(), 'cache');
    const bytes = gramBytes(source.model);
    await walk(cache);
    for (const [i, name] of ['grams-older', 'grams-newer'].entries()) {
      const ctx = testContext({ gramCacheBytes: 10 * bytes });
      await walkDense(
        {
          source,
          windows,
          grams: openGramCache(source.model, cache, name, ctx),
          damping: 0.01,
          needs,
          look: async () => {},
          onProgress: () => {},
        },
        ctx,
      );
      utimesSync(join(cache, name), i, i);
    }
    rmSync(join(cache, 'grams-own'), { recursive: true });
    await walk(cache, { gramCacheBytes: 2 * bytes });
    expect(readdirSync(cache).toSorted()).toEqual(['.gitignore', 'grams-newer', 'grams-own']);
  });

  it('that cannot be written loses nothing but itself', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const lines: string[] = [];
    expect((await walk(join(file, 'cache'), { log: (line) => lines.push(line) })).seen).toHaveLength(42);
    expect(lines).toEqual([expect.stringMatching(/could not be kept.*ENOTDIR/)]);
  });
});

describe('where Grams are kept', () => {
  const resolved = (more = '', draw = 'seed: 3'): ResolvedRecipe =>
    resolveRecipe(parseRecipe(sampleRecipe({ to: '/nowhere', more }).replace('seed: 3', draw)).recipe!, '/');

  it('goes by checkpoint, text and draw, and not by methods or sparsity', async () => {
    const name = await gramFolderName(resolved(), source);
    expect(await gramFolderName(resolved('solve: { method: mask }\nmeasure: { method: scan }'), source)).toBe(name);
    expect(await gramFolderName(resolved('', 'seed: 4'), source)).not.toBe(name);
    expect(await gramFolderName({ ...resolved(), calibrationText: [join(sample, 'evaluation.txt')] }, source)).not.toBe(name);
  });

  it('is told by no measure that reads no statistics, and by the next measure with another method found', async () => {
    const cache = join(temporaryFolder(), 'cache');
    await measure(resolved('measure: { method: prior }'), cache, testContext());
    expect(readdirSync(cache).some((name) => name.startsWith('grams-'))).toBe(false);
    await measure(resolved('measure: { method: error-curve }'), cache, testContext());
    const [name] = readdirSync(cache).filter((file) => file.startsWith('grams-'));
    const written = statSync(join(cache, name!, 'block-0')).mtimeMs;
    const owl = await measure(resolved('measure: { method: owl }'), cache, testContext());
    expect(statSync(join(cache, name!, 'block-0')).mtimeMs).toBe(written);
    expect(owl.matrices).toEqual((await measure(resolved('measure: { method: owl }'), undefined, testContext())).matrices);
  });

  it('is nowhere where the limit is nothing', async () => {
    const cache = join(temporaryFolder(), 'cache');
    await measure(resolved(), cache, testContext({ gramCacheBytes: 0 }));
    expect(readdirSync(cache).some((name) => name.startsWith('grams-'))).toBe(false);
  });
});
