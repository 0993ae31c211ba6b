import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPartial, openByteSource, syncFile, syncFolder } from '../../src/engine/files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secateur-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file is read at any place, into an array of its own buffer', async () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'pruning');
  await using source = await openByteSource(path);
  expect(source.size).toBe(7);
  const bytes = await source.read(2, 3);
  expect(Buffer.from(bytes).toString()).toBe('uni');
  expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, 3]);
  expect((await source.read(7, 0)).length).toBe(0);
});

test('a file that is not there, and a folder, are named', async () => {
  await expect(openByteSource(join(folder, 'none'))).rejects.toMatchObject({
    code: 'FILE_MISSING',
    message: `${join(folder, 'none')} is not there`,
  });
  await expect(openByteSource(folder)).rejects.toMatchObject({ code: 'FILE_MISSING', message: `${folder} is not a file` });
});

test('a file that shrinks while it is read is an error, not an endless loop', async () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'pruning');
  await using source = await openByteSource(path);
  truncateSync(path, 4);
  await expect(source.read(2, 5)).rejects.toMatchObject({
    code: 'BAD_FILE',
    message: `${path} ends at byte 4; it had 7 when it was opened`,
  });
});

test('a folder has its name only once it is committed', () => {
  const to = join(folder, 'deep', 'model');
  {
    using partial = createPartial(to, 10);
    writeFileSync(join(partial.path, 'a'), 'x');
    syncFile(join(partial.path, 'a'));
    expect(existsSync(to)).toBe(false);
    partial.commit();
  }
  expect(readFileSync(join(to, 'a'), 'utf8')).toBe('x');
  expect(readdirSync(join(folder, 'deep'))).toEqual(['model']);
});

test('a folder that was not committed leaves nothing', () => {
  const to = join(folder, 'model');
  {
    using partial = createPartial(to, 10);
    writeFileSync(join(partial.path, 'a'), 'x');
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('what exists, is being written or does not fit is refused before anything is made', () => {
  const to = join(folder, 'model');
  expect(() => createPartial(folder, 0)).toThrow(expect.objectContaining({ code: 'OUTPUT_EXISTS' }));
  expect(() => createPartial(to, 2 ** 60)).toThrow(
    expect.objectContaining({ code: 'DISK_FULL', message: expect.stringContaining(`${2 ** 60} bytes`) }),
  );
  expect(readdirSync(folder)).toEqual([]);
  using first = createPartial(to, 0);
  expect(() => createPartial(to, 0)).toThrow(expect.objectContaining({ code: 'BUSY', message: expect.stringContaining(first.path) }));
  expect(existsSync(first.path)).toBe(true);
});

test('what is to be synced must be there', () => {
  expect(() => syncFile(join(folder, 'none'))).toThrow('ENOENT');
  expect(() => syncFolder(join(folder, 'none'))).toThrow('ENOENT');
});
