import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeWeights, openCheckpoint } from '../../src/engine/checkpoint.ts';
import { lockFolder, lockName } from '../../src/engine/lock.ts';
import { readTensor } from '../../src/engine/target.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { hashFolder, runRecipe, sample, sampleRecipe, temporaryFolder } from '../support/runs.ts';

async function readWeights(folder: string) {
  const checkpoint = await openCheckpoint(folder);
  return checkpoint.linears.map((linear) => {
    const entry = checkpoint.tensors.get(linear.tensor)!;
    return { ...linear, data: decodeWeights(readTensor(checkpoint, entry), entry.type, linear.out, linear.in).data };
  });
}

function countZeros(data: Float32Array): number {
  return data.reduce((zeros, value) => zeros + Number(value === 0), 0);
}

describe('a run', () => {
  it('writes the zeros asked for, to one weight over the model, and reports those that are in the file', async () => {
    const to = join(temporaryFolder(), 'pruned');
    const before = hashFolder(sample);
    const report = await runRecipe(sampleRecipe({ to, sparsity: 'sparsity: 0.3337' }));
    const weights = await readWeights(to);
    const total = weights.reduce((sum, { data }) => sum + data.length, 0);
    expect(weights.reduce((sum, { data }) => sum + countZeros(data), 0)).toBe(Math.round(0.3337 * total));
    expect(report.matrices.map(({ name, zeros }) => [name, zeros])).toEqual(weights.map(({ tensor, data }) => [tensor, countZeros(data)]));
    expect(hashFolder(sample)).toEqual(before);
  });

  it.each(['2:4', '4:8', '1:2', '3:4'])('with pattern %s keeps at most n of every m consecutive inputs', async (pattern) => {
    const [n, m] = pattern.split(':').map(Number);
    const to = join(temporaryFolder(), 'pruned');
    await runRecipe(sampleRecipe({ to, sparsity: `pattern: ${pattern}` }));
    for (const { data, tensor } of await readWeights(to)) {
      let most = 0;
      for (let at = 0; at < data.length; at += m) most = Math.max(most, m - countZeros(data.subarray(at, at + m)));
      expect(most, tensor).toBe(n);
      expect(countZeros(data), tensor).toBe((data.length * (m - n)) / m);
    }
  });

  it.each(['block-sequential', 'dense', 'true-sequential'])(
    'in %s flow goes on after it was stopped, with the same bytes',
    async (flow) => {
      const folder = temporaryFolder();
      const whole = join(folder, 'whole');
      const stopped = join(folder, 'stopped');
      await runRecipe(sampleRecipe({ to: whole, flow }));
      let resumed = 0;
      for (let nEvents = 0; ; nEvents = 0) {
        const controller = new AbortController();
        const onProgress = () => {
          nEvents++;
          if (nEvents === 70) controller.abort();
        };
        const outcome = await runRecipe(sampleRecipe({ to: stopped, flow }), {}, { signal: controller.signal, onProgress }).catch(
          (error) => error,
        );
        if (!(outcome instanceof Error)) {
          resumed = outcome.resumed;
          break;
        }
        expect(outcome).toMatchObject({ code: 'CANCELLED' });
        expect(existsSync(stopped)).toBe(false);
      }
      expect(resumed).toBeGreaterThan(1);
      const { 'stopped.prune.yaml': _a, ...files } = hashFolder(stopped);
      const { 'whole.prune.yaml': _b, ...expected } = hashFolder(whole);
      expect(files).toEqual(expected);
    },
  );

  it('gives other weights in each flow, since each is measured on other inputs', async () => {
    const folder = temporaryFolder();
    const flows = ['block-sequential', 'dense', 'true-sequential'];
    for (const flow of flows) await runRecipe(sampleRecipe({ to: join(folder, flow), flow }));
    expect(new Set(flows.map((flow) => hashFolder(join(folder, flow))['model.safetensors'])).size).toBe(3);
  });

  it('measures later blocks on what the pruned blocks before them give', async () => {
    const folder = temporaryFolder();
    const error = async (name: string, more: string) => {
      const report = await runRecipe(sampleRecipe({ to: join(folder, name), more }));
      return report.matrices.find((matrix) => matrix.name === 'model.layers.1.mlp.down_proj.weight')!.relativeError;
    };
    const afterPruned = await error('pruned', '');
    const afterDense = await error('dense', 'allocate: { fixed: { "model.layers.0.*": 0 }}');
    expect(Math.abs(afterPruned - afterDense) / afterPruned).toBeGreaterThan(1e-3);
  });

  it('starts over when the recipe changed, and never shows a mixture', async () => {
    const folder = temporaryFolder();
    const to = join(folder, 'pruned');
    const controller = new AbortController();
    const stop = (progress: { step: string; done: number }) => progress.step === 'prune' && progress.done > 3 && controller.abort();
    await expect(runRecipe(sampleRecipe({ to }), {}, { signal: controller.signal, onProgress: stop })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    const lines: string[] = [];
    const report = await runRecipe(sampleRecipe({ to, sparsity: 'sparsity: 0.6' }), {}, { log: (line) => lines.push(line) });
    await runRecipe(sampleRecipe({ to: join(folder, 'fresh'), sparsity: 'sparsity: 0.6' }));
    expect(report.resumed).toBe(0);
    expect(lines.join()).toContain('starting over');
    expect(hashFolder(to)['model.safetensors']).toBe(hashFolder(join(folder, 'fresh'))['model.safetensors']);
  });

  it('keeps names, order, dtypes and layout of the tensors, and copies what belongs to the checkpoint', async () => {
    const to = join(temporaryFolder(), 'pruned');
    await runRecipe(sampleRecipe({ to }));
    const [source, target] = await Promise.all([openCheckpoint(sample), openCheckpoint(to)]);
    expect([...target.tensors.values()]).toEqual([...source.tensors.values()]);
    for (const name of ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'])
      expect(readFileSync(join(to, name))).toEqual(readFileSync(join(sample, name)));
    expect(readdirSync(to).filter((name) => /journal|lock/.test(name))).toEqual([]);
  });

  it('prunes a checkpoint in shards, in F16, with matrices of odd sizes, on token ids where it has no tokenizer', async () => {
    const model = new URL('../reference/families/llama-sharded', import.meta.url).pathname;
    const folder = temporaryFolder();
    const to = join(folder, 'pruned');
    const source = join(folder, 'source');
    cpSync(model, source, { recursive: true });
    const ids = join(folder, 'ids.safetensors');
    writeTokens(ids, 5, 20, 61);
    const text = `model: ${source}\nsparsity: 0.41\ncalibrate: { text: ${ids}, samples: 5, length: 20 }\nsave: { to: ${to} }\n`;
    const report = await runRecipe(text);
    const weights = await readWeights(to);
    const total = weights.reduce((sum, { data }) => sum + data.length, 0);
    expect(weights.reduce((sum, { data }) => sum + countZeros(data), 0)).toBe(Math.round(0.41 * total));
    expect(report.output.files).toHaveLength(statSync(join(to, 'model.safetensors.index.json')).isFile() ? report.source.files.length : 0);
    expect(report.source.files.length).toBeGreaterThan(1);
    const words = text.replace(ids, join(sample, 'calibration.txt')).replace(to, `${to}-words`);
    await expect(runRecipe(words)).rejects.toMatchObject({ code: 'FILE_MISSING', message: expect.stringContaining('tokenizer.json') });
  });

  it.each([
    ['sparsity: 0.55', 'allocate: { fixed: { "*.down_proj": 0.2 }}'],
    ['sparsity: 0.55', 'solve: { method: mask, score: { method: wanda }}'],
    ['pattern: 2:4', ''],
    ['sparsity: 0.1', ''],
  ])('with %s never takes away a zero that the source has (%s)', async (sparsity, more) => {
    const folder = temporaryFolder();
    const once = join(folder, 'once');
    await runRecipe(sampleRecipe({ to: once, more: 'allocate: { fixed: { "*.down_proj": 0.7, "*.q_proj": 0.6 }}' }));
    const twice = join(folder, 'twice');
    const report = await runRecipe(sampleRecipe({ model: once, to: twice, sparsity, more }));
    const [first, second] = await Promise.all([readWeights(once), readWeights(twice)]);
    const total = second.reduce((sum, { data }) => sum + data.length, 0);
    second.forEach(({ data }, i) => {
      expect(first[i].data.every((value, k) => value !== 0 || data[k] === 0)).toBe(true);
    });
    if (sparsity === 'sparsity: 0.55') expect(report.sparsity.zeros).toBe(Math.round(0.55 * total));
    if (sparsity === 'sparsity: 0.1') expect(second.map(({ data }) => data)).toEqual(first.map(({ data }) => data));
    if (sparsity === 'pattern: 2:4')
      for (const { data, tensor } of second)
        for (let at = 0; at < data.length; at += 4)
          if (countZeros(data.subarray(at, at + 4)) < 2) throw new Error(`${tensor}: group at ${at} is not 2:4`);
    expect(report.matrices.every(({ nudged }) => nudged === 0)).toBe(true);
  });

  it('fixes the sparsity of matrices by glob and lets the others share the rest', async () => {
    const to = join(temporaryFolder(), 'pruned');
    const report = await runRecipe(sampleRecipe({ to, more: 'allocate: { fixed: { "*.k_proj": 0.1, "model.layers.5.*": 0 }}' }));
    for (const { kind, block, sparsity, shape, setBy } of report.matrices) {
      if (block === 5) expect([sparsity, setBy]).toEqual([0, 'model.layers.5.*']);
      else if (kind === 'k_proj') expect(sparsity).toBeCloseTo(0.1, 4);
      else expect(Math.abs(sparsity - report.matrices[0].sparsity) * shape[0] * shape[1]).toBeLessThan(2);
    }
    expect(report.sparsity.zeros).toBe(report.sparsity.prunable / 2);
  });

  it('leaves a recipe with the result that asks for the same run again', async () => {
    const to = join(temporaryFolder(), 'pruned');
    await runRecipe(`# why\n${sampleRecipe({ to })}`);
    const text = readFileSync(join(to, 'pruned.prune.yaml'), 'utf8');
    expect(text).toContain('# why');
    const { recipe } = parseRecipe(text);
    expect(join(to, recipe!.model)).toBe(sample);
    expect(join(to, recipe!.save.to!)).toBe(to);
    expect(join(to, recipe!.calibrate.text as string)).toBe(join(sample, 'calibration.txt'));
  });
});

describe('a run refuses', () => {
  it('to write over its source', async () => {
    await expect(runRecipe(sampleRecipe({ to: `${sample}/../sample` }), { fresh: true })).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    });
  });

  it('to write over a folder that is none of its results, whatever it is told', async () => {
    const to = join(temporaryFolder(), 'precious');
    mkdirSync(to);
    writeFileSync(join(to, 'thesis.tex'), 'x');
    await expect(runRecipe(sampleRecipe({ to }), { fresh: true })).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(readdirSync(to)).toEqual(['thesis.tex']);
  });

  it('to replace an earlier result unless asked to, and then replaces it whole', async () => {
    const to = join(temporaryFolder(), 'pruned');
    await runRecipe(sampleRecipe({ to }));
    const first = hashFolder(to);
    await expect(runRecipe(sampleRecipe({ to, sparsity: 'sparsity: 0.7' }))).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    expect(hashFolder(to)).toEqual(first);
    const report = await runRecipe(sampleRecipe({ to, sparsity: 'sparsity: 0.7' }), { fresh: true });
    expect(report.sparsity.achieved).toBeCloseTo(0.7, 6);
    expect(readdirSync(join(to, '..'))).toEqual(['pruned']);
  });

  it('nothing of a run that was begun to replace an earlier result and goes on without being told so again', async () => {
    const to = join(temporaryFolder(), 'pruned');
    await runRecipe(sampleRecipe({ to }));
    const controller = new AbortController();
    const stop = (progress: { step: string; done: number }) => progress.step === 'prune' && progress.done > 3 && controller.abort();
    const lent = { signal: controller.signal, onProgress: stop };
    await expect(runRecipe(sampleRecipe({ to, sparsity: 'sparsity: 0.7' }), { fresh: true }, lent)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await expect(runRecipe(sampleRecipe({ to, sparsity: 'sparsity: 0.6' }))).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    const report = await runRecipe(sampleRecipe({ to, sparsity: 'sparsity: 0.7' }));
    expect([report.resumed, report.sparsity.asked]).toEqual([1, 0.7]);
    expect(readdirSync(join(to, '..'))).toEqual(['pruned']);
  });

  it('to share its folder with a run that is alive, and takes over from one that is dead', async () => {
    const to = join(temporaryFolder(), 'pruned');
    mkdirSync(`${to}.partial`);
    const lock = lockFolder(`${to}.partial`);
    await expect(runRecipe(sampleRecipe({ to }))).rejects.toMatchObject({ code: 'BUSY' });
    lock[Symbol.dispose]();
    writeFileSync(`${to}.partial/${lockName}`, '999999999 12345');
    await runRecipe(sampleRecipe({ to }));
    expect(existsSync(to)).toBe(true);
  });

  it('to begin with less memory than it needs', async () => {
    const to = join(temporaryFolder(), 'pruned');
    await expect(runRecipe(sampleRecipe({ to }), {}, { memoryLimitBytes: 2 ** 27 })).rejects.toMatchObject({ code: 'MEMORY_SHORT' });
    expect(existsSync(`${to}.partial`)).toBe(false);
  });

  it.each([
    ['allocate: { fixed: { "*.nope": 0.5 }}', 'BAD_RECIPE', /nope/],
    ['allocate: { fixed: { "*": 0.5, "*.q_proj": 0.6 }}', 'BUDGET_INFEASIBLE', /%/],
    ['evaluate: { text: /nowhere/at-all.txt }', 'FILE_MISSING', /at-all/],
    [`evaluate: { text: ${sample}/evaluation.txt, length: 300 }`, 'BAD_ARGUMENT', /300.*256/],
  ])('%s', async (more, code, message) => {
    const to = join(temporaryFolder(), 'pruned');
    await expect(runRecipe(sampleRecipe({ to, more }))).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('a text that is too short, saying how many tokens are missing', async () => {
    const to = join(temporaryFolder(), 'pruned');
    const text = sampleRecipe({ to }).replace('samples: 6', 'samples: 6000');
    await expect(runRecipe(text)).rejects.toMatchObject({ code: 'TEXT_TOO_SHORT', message: expect.stringMatching(/384,?000.*missing/s) });
  });
});

function writeTokens(path: string, samples: number, length: number, vocabulary: number): void {
  const header = JSON.stringify({ input_ids: { dtype: 'I64', shape: [samples, length], data_offsets: [0, samples * length * 8] } }).padEnd(
    120,
  );
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  const ids = BigInt64Array.from({ length: samples * length }, (_, i) => BigInt((i * 31 + (i >> 3)) % vocabulary));
  writeFileSync(path, Buffer.concat([size, Buffer.from(header), Buffer.from(ids.buffer)]));
}
