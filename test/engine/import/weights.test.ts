import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type PlannedTensor, shard, writeWeights } from '../../../src/engine/import/weights.ts';
import { memorySource } from '../../../src/formats/byte-source.ts';
import { readSafetensorsHeader } from '../../../src/formats/safetensors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secateur-weights-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function write(values: Float32Array, tensor: Omit<PlannedTensor, 'name' | 'type' | 'offset'>): Promise<Buffer> {
  const source = memorySource(new Uint8Array(values.buffer));
  await writeWeights(source, folder, 'w', [{ name: 'w', type: 'F32', offset: 0, ...tensor }], () => {});
  const bytes = readFileSync(join(folder, 'w'));
  const { dataOffset } = await readSafetensorsHeader(memorySource(bytes), 'w');
  return bytes.subarray(dataOffset);
}

test('rows that lie interleaved in each head are put in halves, also where a tensor is read in many pieces', async () => {
  // 6 heads of 4 rows of 300,000 values: each head is more than one piece may hold.
  const [heads, headDim, width] = [6, 4, 300_000];
  const values = new Float32Array(heads * headDim * width).map((_, i) => Math.floor(i / width) + (i % 7) / 8);
  const out = await write(values, { dtype: 'F32', shape: [heads * headDim, width], interleavedRows: headDim });
  const rows = Array.from({ length: heads * headDim }, (_, row) => Math.floor(out.readFloatLE(row * width * 4)));
  expect(rows).toEqual(Array.from({ length: heads }, (_, head) => [0, 2, 1, 3].map((row) => head * headDim + row)).flat());
  // The rest of a row goes with its start.
  for (const row of [1, 14, 23]) {
    const end = (row + 1) * width - 1;
    const stored = rows[row];
    expect(out.readFloatLE(end * 4)).toBe(values[(stored + 1) * width - 1]);
  }
});

test('heads of six rows, and biases, are put in halves too', async () => {
  const order = [0, 2, 4, 1, 3, 5];
  const bias = await write(
    Float32Array.from({ length: 12 }, (_, i) => i),
    { dtype: 'F32', shape: [12], interleavedRows: 6 },
  );
  expect(Array.from({ length: 12 }, (_, i) => bias.readFloatLE(4 * i))).toEqual([...order, ...order.map((row) => row + 6)]);
});

test('F16 takes what it can hold and refuses the rest by name and value', async () => {
  const fits = await write(Float32Array.of(65504, -2, Number.POSITIVE_INFINITY), { dtype: 'F16', shape: [3] });
  expect([0, 2, 4].map((at) => fits.readUInt16LE(at))).toEqual([0x7bff, 0xc000, 0x7c00]);
  rmSync(join(folder, 'w'));
  await expect(write(Float32Array.of(1, 65520), { dtype: 'F16', shape: [2] })).rejects.toMatchObject({
    code: 'NOT_FINITE',
    message: 'w: 65520 is more than F16 can hold, 65504',
  });
});

test('BF16 is rounded to the nearest, ties to even', async () => {
  const out = await write(new Float32Array(Uint32Array.of(0x3f808000, 0x3f818000, 0x3f808001, 0xbf807fff).buffer), {
    dtype: 'BF16',
    shape: [4],
  });
  expect([0, 2, 4, 6].map((at) => out.readUInt16LE(at))).toEqual([0x3f80, 0x3f82, 0x3f81, 0xbf80]);
});

test('files are filled in order up to the limit, and a tensor beyond it has one of its own', () => {
  const sized = (name: string, bytes: number): PlannedTensor => ({ name, dtype: 'BF16', shape: [bytes / 2], type: 'BF16', offset: 0 });
  const names = (limit: number, ...sizes: number[]) =>
    [
      ...shard(
        sizes.map((bytes, i) => sized(`${i}`, bytes)),
        limit,
      ),
    ].map(([file, tensors]) => [file, tensors.map(({ name }) => name).join('')]);
  expect(names(100, 40, 60)).toEqual([['model.safetensors', '01']]);
  expect(names(100, 40, 62, 38, 200, 10)).toEqual([
    ['model-00001-of-00004.safetensors', '0'],
    ['model-00002-of-00004.safetensors', '12'],
    ['model-00003-of-00004.safetensors', '3'],
    ['model-00004-of-00004.safetensors', '4'],
  ]);
});
