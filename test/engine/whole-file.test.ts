import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readWhole, wholeFileBytes, writeWhole } from '../../src/engine/whole-file.ts';
import { temporaryFolder } from '../support/runs.ts';

const parts = [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(4, 5)];

it('has the bytes that were written, in a folder that is made for it', () => {
  const path = join(temporaryFolder(), 'a/b/file');
  writeWhole(path, parts);
  expect([...readWhole(path, 5)!]).toEqual([1, 2, 3, 4, 5]);
  expect(statSync(path).size).toBe(wholeFileBytes(5));
  writeWhole(path, [Uint8Array.of(9)]);
  expect([...readWhole(path, 1)!]).toEqual([9]);
});

it('is none where any byte is another, or where there are more or fewer', () => {
  const path = join(temporaryFolder(), 'file');
  writeWhole(path, parts);
  const whole = readFileSync(path);
  for (let i = 0; i < whole.length; i++) {
    writeFileSync(path, whole.with(i, whole[i]! ^ 4));
    expect(readWhole(path, 5), `byte ${i}`).toBeUndefined();
  }
  for (const damaged of [whole.subarray(0, -1), Buffer.concat([whole, Buffer.of(0)]), Buffer.of()]) {
    writeFileSync(path, damaged);
    expect(readWhole(path, 5)).toBeUndefined();
  }
  expect(readWhole(join(path, 'below'), 5)).toBeUndefined();
});

it('leaves nothing half written behind where it cannot be written', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'file'));
  expect(() => writeWhole(join(folder, 'file'), parts)).toThrow();
  expect(readdirSync(folder)).toEqual(['file']);
});
