import { expect, test } from 'vitest';
import { memorySource } from '../../src/formats/byte-source.ts';

test('what is read is a copy that starts at the start of its own buffer', async () => {
  const bytes = Uint8Array.of(0, 1, 2, 3, 4).subarray(1);
  const source = memorySource(bytes);
  const read = await source.read(1, 2);
  expect(source.size).toBe(4);
  expect(read).toEqual(Uint8Array.of(2, 3));
  expect([read.byteOffset, read.buffer.byteLength]).toEqual([0, 2]);
  read[0] = 9;
  expect(bytes[1]).toBe(2);
});

test('reading past the end is a bug, not something a user met', async () => {
  await expect(memorySource(new Uint8Array(4)).read(3, 2)).rejects.toThrow(RangeError);
});
