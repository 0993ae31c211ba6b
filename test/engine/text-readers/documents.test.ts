import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { DocumentOptions } from '../../../src/engine/text-readers/documents.ts';
import { findTextFiles, hashTextFiles, openDocuments } from '../../../src/engine/text-readers/files.ts';

const scratch = mkdtempSync(join(tmpdir(), 'texts-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A file alone in its folder; a later one of the same name takes its place. */
function write(name: string, content: string | Uint8Array): string {
  const folder = join(scratch, name.replace('.', '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

async function readAll(paths: readonly string[], options: Partial<DocumentOptions> = {}): Promise<string[]> {
  await using documents = await openDocuments(await findTextFiles(paths), { field: 'text', ...options });
  return await documents.read(Array.from({ length: documents.count }, (_, i) => i));
}

describe('plain text', () => {
  it('is one document, without its byte order mark', async () => {
    expect(await readAll([write('a.txt', '\ufeffone\r\n\r\ntwo\n')])).toEqual(['one\r\n\r\ntwo\n']);
    expect(await readAll([write('EMPTY.MD', '')])).toEqual(['']);
  });

  it('is read in sections where it is long, each of whole words', async () => {
    // A word longer than a section has to be cut, so these are shorter.
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 }).filter((graphemes) => Buffer.byteLength(graphemes) < 40);
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 30, maxLength: 80 }), fc.integer({ min: 40, max: 90 }), async (words, bytes) => {
        const text = words.map((word) => word.replaceAll(/[ \n]/g, 'x')).join(' ');
        const size = Buffer.byteLength(text);
        const path = write('long.txt', text);
        const parts = await readAll([path], { sections: { bytes, over: 100 } });
        expect(parts.length).toBe(size > 100 ? Math.floor(size / bytes) : 1);
        let from = 0;
        for (const part of parts) {
          const at = text.replace(/^\ufeff/, '').indexOf(part, from);
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + part.length;
        }
        const all = text.split(' ');
        for (const word of parts.flatMap((part) => part.split(' '))) if (word !== '') expect(all).toContain(word);
        expect(parts.join(' ').length).toBeGreaterThan(text.length - parts.length * 2 * 80);
      }),
      { numRuns: 40 },
    );
  });

  it('is cut between two characters where it has no spaces', async () => {
    const text = '漢字🌳'.repeat(200);
    const parts = await readAll([write('cjk.txt', text)], { sections: { bytes: 333, over: 1000 } });
    expect(parts.length).toBe(Math.floor((200 * 10) / 333));
    for (const part of parts) expect(text).toContain(part);
    expect(parts.join('').length).toBeGreaterThan(text.length - 2 * parts.length);
  });
});

describe('JSON lines', () => {
  it('gives the field of each line in whatever order is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.boolean(),
        async (texts, pick, crlf) => {
          const texts16 = texts.map((text) => text.toWellFormed());
          const lines = texts16.map((text, i) => `${i % 3 === 0 ? '\n  \t\n' : ''}${JSON.stringify({ id: i, body: text })}`);
          const path = write('a.jsonl', lines.join(crlf ? '\r\n' : '\n') + (pick % 2 ? '\n' : ''));
          await using documents = await openDocuments(await findTextFiles([path]), { field: 'body' });
          expect(documents.count).toBe(texts.length);
          const order = texts.map((_, i) => (i * 7 + pick) % texts.length);
          expect(await documents.read(order)).toEqual(order.map((i) => texts16[i]));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('finds lines over more than one chunk of the file', async () => {
    const texts = Array.from({ length: 50 }, (_, i) => `${i} ${'x'.repeat(i === 20 ? 2_500_000 : 997)}`);
    expect(await readAll([write('big.jsonl', texts.map((text) => JSON.stringify({ text })).join('\n'))])).toEqual(texts);
  });

  it.each([
    ['{"text": "a"}\n\n{"text": \n{"text": "b"}', 'line 3 is not JSON'],
    ['{"text": "a"}\n["text"]', 'line 2 is not a JSON object'],
    ['{"text": "a"}\n{"body": "b", "id": 3, "title": "c"}', 'line 2: "text" is missing', 'body, title'],
    ['{"text": 12}', 'line 1: "text" is 12, not a text', 'this line has none'],
    ['\n{"text": null}', 'line 2: "text" is null, not a text'],
  ])('says which line of %j is wrong', async (content, message, hint = '') => {
    const path = write('bad.jsonl', content);
    const problem = await readAll([path]).catch((error) => error);
    expect(problem).toMatchObject({ code: 'BAD_FILE' });
    expect(problem.message).toContain(`${path}: ${message}`);
    expect(problem.hint ?? '').toContain(hint);
  });

  it('names the byte of the file that is not UTF-8', async () => {
    const path = write('bad.jsonl', Buffer.concat([Buffer.from('{"text": "ok"}\n{"text": "'), Buffer.of(0xff), Buffer.from('"}\n')]));
    await expect(readAll([path])).rejects.toMatchObject({ code: 'BAD_FILE', message: `${path}: byte 25 (0xFF) is not UTF-8` });
  });

  it('stops when it is cancelled', async () => {
    await expect(readAll([write('a.jsonl', '{"text": "a"}')], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('meets any bytes with an error a person can read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constantFrom(...'{"text:}\n []\\u0'), fc.string({ maxLength: 3 })), { maxLength: 30 }),
        async (pieces) => {
          const result = await readAll([write('fuzz.jsonl', pieces.join(''))]).catch((error) => error);
          if (!Array.isArray(result)) expect(result).toMatchObject({ name: 'SecateurError', code: 'BAD_FILE' });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('parquet', () => {
  const table = (codec: string) => join(import.meta.dirname, '../../reference/parquet', `${codec}.parquet`);
  const word = (i: number) => (i % 6 ? `Row ${i} holds ünïcode ${'and more of it, '.repeat(i % 5)}\n` : '');
  const words = Array.from({ length: 23 }, (_, i) => word(i));
  const hasZstd = 'zstdDecompressSync' in zlib;

  it.each(['none', 'snappy', 'gzip', 'brotli', ...(hasZstd ? ['zstd'] : [])])(
    'gives the rows of a table compressed with %s, over its row groups',
    async (codec) => {
      expect(await readAll([table(codec)])).toEqual(words);
      await using documents = await openDocuments(await findTextFiles([table(codec)]), { field: 'text' });
      const order = [22, 3, 13, 3, 0, 7, 14, 6, 21];
      expect(await documents.read(order)).toEqual(order.map(word));
    },
  );

  it.each(['lz4', ...(hasZstd ? [] : ['zstd'])])('refuses a table compressed with %s and says what to do', async (codec) => {
    const problem = await readAll([table(codec)]).catch((error) => error);
    expect(problem).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(codec.toUpperCase()),
      hint: expect.stringContaining('snappy'),
    });
  });

  it('names the columns where the one asked for is missing, and the row where it holds no text', async () => {
    const missing = readAll([table('snappy')], { field: 'content' });
    await expect(missing).rejects.toMatchObject({ code: 'BAD_FILE', hint: 'Set field to one of its columns: id, text, note.' });
    const nothing = readAll([table('snappy')], { field: 'note' });
    await expect(nothing).rejects.toMatchObject({
      code: 'BAD_FILE',
      message: expect.stringContaining('row 1: "note" is null, not a text'),
    });
    const number = readAll([table('snappy')], { field: 'id' });
    await expect(number).rejects.toMatchObject({
      code: 'BAD_FILE',
      message: expect.stringContaining('row 1: "id" is a bigint, not a text'),
    });
  });

  it('meets a file that is no table, or cut short, or damaged, with an error that names it', async () => {
    const whole = readFileSync(table('snappy'));
    for (const bytes of [Buffer.alloc(0), Buffer.from('PAR1'), whole.subarray(0, 2000), whole.subarray(100)]) {
      const path = write('bad.parquet', bytes);
      await expect(readAll([path])).rejects.toMatchObject({
        name: 'SecateurError',
        code: 'BAD_FILE',
        message: expect.stringContaining(path),
      });
    }
  });
});

describe('the files that paths mean', () => {
  it('are those of a folder in the order of their names, without those that are about it', async () => {
    const folder = join(scratch, 'folder');
    mkdirSync(join(folder, 'inner.txt'), { recursive: true });
    for (const [name, text] of [
      ['b.txt', 'two'],
      ['a.jsonl', '{"text": "one"}'],
      ['README.md', 'about'],
      ['LICENSE.txt', 'law'],
      ['c.csv', '3'],
      ['d.MD', 'four'],
    ])
      writeFileSync(join(folder, name!), text!);
    expect(await readAll([folder])).toEqual(['one', 'two', 'four']);
    expect(await readAll([folder, write('e.txt', 'five')])).toEqual(['one', 'two', 'four', 'five']);
  });

  it('are refused where there are none, or of a kind nobody reads', async () => {
    await expect(findTextFiles([join(scratch, 'no.txt')])).rejects.toMatchObject({ code: 'FILE_MISSING' });
    await expect(findTextFiles([])).rejects.toMatchObject({ code: 'FILE_MISSING' });
    await expect(findTextFiles([write('a.csv', 'x')])).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('.jsonl, .md, .parquet, .txt or .safetensors'),
    });
    const empty = join(scratch, 'empty');
    mkdirSync(empty);
    await expect(findTextFiles([empty])).rejects.toMatchObject({ code: 'FILE_MISSING' });
    const both = findTextFiles([write('a.safetensors', ''), write('b.txt', '')]);
    await expect(both).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('are hashed as sha256sum does, and several by their hashes', async () => {
    const [a, b] = [write('a.txt', 'abc'), write('b.txt', '')];
    const hashOfA = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await hashTextFiles(await findTextFiles([a]))).toBe(hashOfA);
    const both = createHash('sha256')
      .update(`${hashOfA}\n${createHash('sha256').digest('hex')}\n`)
      .digest('hex');
    expect(await hashTextFiles(await findTextFiles([a, b]))).toBe(both);
  });
});
