import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TensorEntry } from '../../src/engine/checkpoint.ts';
import { digestFile } from '../../src/engine/digest.ts';
import { temporaryFolder } from '../support/runs.ts';

const signal = new AbortController().signal;

/** A file of three tensors at offsets that are multiples of nothing, with other bytes before, between and behind. */
function prepared(bad?: number) {
  const folder = temporaryFolder();
  const f32 = Buffer.from(Float32Array.of(0, -0, 1.5, bad ?? 2, 0).buffer);
  const bf16 = Buffer.from(Uint16Array.of(0, 0x8000, 1, 0x3f80, 0x7f7f).buffer);
  const f16 = Buffer.from(Uint16Array.of(0x8000, 0x7bff, 1).buffer);
  const bytes = Buffer.concat([Buffer.alloc(7, 1), f32, Buffer.alloc(3, 1), bf16, f16, Buffer.alloc(5, 1)]);
  writeFileSync(join(folder, 'file'), bytes);
  const entry = (name: string, type: TensorEntry['type'], offset: number, size: number): TensorEntry => ({
    name,
    file: 'file',
    type,
    shape: [size],
    offset,
    bytes: size,
  });
  const tensors = [
    entry('f16', 'f16', 7 + 20 + 3 + 10, 6),
    entry('f32', 'f32', 7, 20),
    entry('bf16', 'bf16', 7 + 20 + 3, 10),
    { ...entry('elsewhere', 'f32', 0, 4), file: 'other' },
  ];
  return { folder, bytes, tensors };
}

it('hashes a file, counts zeros of either sign in each dtype at any offset, and copies it whole', async () => {
  const { folder, bytes, tensors } = prepared();
  const copyTo = temporaryFolder();
  let seen = 0;
  const onBytes = (n: number) => {
    seen += n;
  };
  const { zeros, ...digest } = await digestFile(folder, 'file', { tensors, copyTo, signal, onBytes });
  expect(digest).toEqual({ name: 'file', bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  expect(Object.fromEntries(zeros)).toEqual({ f32: 3, bf16: 2, f16: 1 });
  expect(readFileSync(join(copyTo, 'file'))).toEqual(bytes);
  expect(seen).toBe(bytes.length);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'refuses %d among the weights, naming the tensor',
  async (bad) => {
    const { folder, tensors } = prepared(bad);
    await expect(digestFile(folder, 'file', { tensors, signal, onBytes: () => {} })).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringContaining('f32 holds 1'),
    });
  },
);
