import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type DrawRequest, drawWindows, evaluationWindows, type Windows } from '../../src/engine/texts.ts';
import { openTokenizer, type Tokenizer } from '../../src/engine/tokenizer.ts';
import { encodeSafetensorsHeader, type TensorSpec } from '../../src/formats/safetensors.ts';

const sample = join(import.meta.dirname, '../../media/sample');
const tokenizer = await openTokenizer(sample);
const novel = readFileSync(join(sample, 'calibration.txt'), 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'windows-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A file alone in its folder; a later one of the same name takes its place. */
function write(name: string, content: string | Uint8Array): string {
  const folder = join(scratch, name.replaceAll('.', '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

function writeLines(name: string, texts: readonly string[]): string {
  return write(name, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
}

function writeTokens(name: string, tensors: Record<string, TensorSpec & { values: readonly number[] }>): string {
  const data = Object.values(tensors).map(({ dtype, values }) =>
    Buffer.from((dtype === 'I64' ? BigInt64Array.from(values, BigInt) : Int32Array.from(values)).buffer),
  );
  return write(name, Buffer.concat([encodeSafetensorsHeader(new Map(Object.entries(tensors)), {}), ...data]));
}

const lines = novel.split('\n');

/** Stretches of the novel of so many tokens or a few more. */
function documentsOf(tokens: readonly number[]): string[] {
  let line = 0;
  return tokens.map((least) => {
    let text = lines[line++]!;
    while (tokenizer.encode(text).length < least) text += `\n${lines[line++]!}`;
    return text;
  });
}

function rowsOf({ ids, samples, length }: Windows): Int32Array[] {
  return Array.from({ length: samples }, (_, i) => ids.subarray(i * length, (i + 1) * length));
}

/** Where a window lies in the ids of a text; -1 if nowhere. */
function find(window: Int32Array, ids: Int32Array): number {
  for (let at = 0; at + window.length <= ids.length; at++) if (window.every((id, i) => ids[at + i] === id)) return at;
  return -1;
}

/** The tokenizer, and how many UTF-16 units it has been given. */
function counted(): Tokenizer & { units(): number } {
  let units = 0;
  return {
    ...tokenizer,
    units: () => units,
    async encodeLong(parts, options) {
      const all = (async function* () {
        for await (const part of parts) {
          units += part.length;
          yield part;
        }
      })();
      return await tokenizer.encodeLong(all, options);
    },
  };
}

const draw = (paths: readonly string[], request: Partial<DrawRequest> = {}) =>
  drawWindows({ paths, samples: 6, length: 50, seed: 1, ...request }, tokenizer);

describe('windows from one text', () => {
  const path = write('novel.txt', novel.slice(0, 9_000));
  const ids = tokenizer.encode(novel.slice(0, 9_000));

  it('are stretches of its tokens that do not overlap, the same under the same seed', async () => {
    const windows = await draw([path]);
    const starts = rowsOf(windows).map((row) => find(row, ids));
    expect(starts.every((start) => start >= 0)).toBe(true);
    const sorted = starts.toSorted((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]! - sorted[i - 1]!).toBeGreaterThanOrEqual(50);
    expect(starts).not.toEqual(sorted);
    expect(windows).toMatchObject({ samples: 6, length: 50, tokens: 300 });
    expect(windows.ids.length).toBe(300);
    expect(await draw([path])).toEqual(windows);
    const others = await Promise.all([2, 3, 4].map((seed) => draw([path], { seed })));
    expect(new Set([windows, ...others].map(({ sha256 }) => sha256)).size).toBe(4);
  });

  it('say what they are and carry the hashes of their ids and of their text', async () => {
    const windows = await draw([path]);
    expect(windows.sha256).toBe(createHash('sha256').update(Buffer.from(windows.ids.buffer)).digest('hex'));
    expect(windows.textSha256).toBe(createHash('sha256').update(novel.slice(0, 9_000)).digest('hex'));
    expect(windows.description).toBe('novel.txt: 6 windows of 50 tokens, laid at random, seed 1');
  });

  it('begin anywhere equally often', async () => {
    const short = write('short.txt', novel.slice(0, 600));
    const tokens = tokenizer.encode(novel.slice(0, 600));
    const nStarts = tokens.length - 40 + 1;
    const bins = new Array<number>(8).fill(0);
    for (let seed = 0; seed < 800; seed++) {
      const { ids: drawn } = await draw([short], { samples: 1, length: 40, seed });
      bins[Math.floor((find(drawn, tokens) * 8) / nStarts)]!++;
    }
    for (const count of bins) expect(Math.abs(count - 100)).toBeLessThan(5 * Math.sqrt(100));
  });

  it('take the text to its last token, and are refused with the figures when one is missing', async () => {
    const samples = 3;
    const length = Math.floor(ids.length / samples);
    expect(rowsOf(await draw([path], { samples, length })).map((row) => find(row, ids))).not.toContain(-1);
    const has = ids.length.toLocaleString('en-US');
    const needs = ids.length + 1;
    await expect(draw([path], { samples: 1, length: needs })).rejects.toMatchObject({
      code: 'TEXT_TOO_SHORT',
      message: `novel.txt: needs ${needs.toLocaleString('en-US')} tokens (1 × ${needs.toLocaleString('en-US')}), has ${has}: 1 missing`,
    });
    const missing = (32_768 - ids.length).toLocaleString('en-US');
    await expect(draw([path], { samples: 16, length: 2_048 })).rejects.toMatchObject({
      message: `novel.txt: needs 32,768 tokens (16 × 2,048), has ${has}: ${missing} missing`,
      hint: expect.stringContaining('samples or length'),
    });
  });

  it('come from sections of a very long text, most of which is not encoded', async () => {
    const whole = join(sample, 'calibration.txt');
    const tokens = counted();
    const windows = await drawWindows({ paths: [whole], samples: 4, length: 20, seed: 5 }, tokens);
    expect(tokens.units()).toBeLessThan(0.03 * novel.length);
    expect(windows.description).toContain('from 4 of ');
    const starts = rowsOf(windows).map((row) => find(row, tokenizer.encode(novel)));
    expect(starts).not.toContain(-1);
    expect(new Set(starts).size).toBe(4);
  });

  it('can be drawn from the text that comes along', async () => {
    const windows = await draw(['default'], { samples: 2, length: 30 });
    expect(windows.description).toContain('the default text');
    expect(windows.ids.every((id) => id >= 0 && id < tokenizer.vocabSize)).toBe(true);
  });
});

describe('the text that comes along', () => {
  const text = readFileSync(join(import.meta.dirname, '../../media/default-text/default.txt'), 'utf8');

  it('is long enough for 128 windows of 2,048 tokens of a usual vocabulary', () => {
    // SmolLM2 makes a token of 4.3 characters of it; coarser vocabularies come to 4.7.
    expect(text.length / 4.7).toBeGreaterThan(128 * 2_048);
  });

  it('is plain text without addresses of people and without the marks of those who transcribed it', () => {
    expect(
      [...text].filter((character) => /[\p{Cc}\p{Co}\p{Cn}\ufffd]/u.test(character) && character !== '\n' && character !== '\t'),
    ).toEqual([]);
    expect(text).not.toMatch(/gutenberg|all rights reserved|\w@\w+\.\w/i);
    expect(text.normalize('NFC')).toBe(text);
  });
});

describe('windows from documents', () => {
  const sizes = [30, 90, 10, 200, 55, 120, 49, 80, 3, 300, 20, 70];
  const texts = documentsOf(sizes);
  const long = texts.filter((text) => tokenizer.encode(text).length > 50);

  it('come from as many documents, all of more tokens than a window has', async () => {
    const windows = await draw([writeLines('docs.jsonl', texts)]);
    const homes = rowsOf(windows).map((row) => long.findIndex((text) => find(row, tokenizer.encode(text)) >= 0));
    expect(homes).not.toContain(-1);
    expect(new Set(homes).size).toBe(6);
    expect(windows.description).toBe('docs.jsonl: 6 windows of 50 tokens, from 6 of 12 documents, seed 1');
  });

  it('come from each long document equally often', async () => {
    const path = writeLines('docs.jsonl', texts);
    const encoded = long.map((text) => tokenizer.encode(text));
    const counts = new Array<number>(long.length).fill(0);
    for (let seed = 0; seed < 80 * long.length; seed++) {
      const { ids } = await draw([path], { samples: 1, seed });
      counts[encoded.findIndex((document) => find(ids, document) >= 0)]!++;
    }
    for (const count of counts) expect(Math.abs(count - 80)).toBeLessThan(5 * Math.sqrt(80));
  });

  it('are laid in the documents joined where too few are long, a document of just one window not being long', async () => {
    const length = tokenizer.encode(texts[9]!).length;
    const windows = await draw([writeLines('docs.jsonl', texts)], { samples: 3, length });
    const why = `0 of 12 documents have more than ${length} tokens`;
    expect(windows.description).toBe(`docs.jsonl: 3 windows of ${length} tokens, laid at random in joined documents, as ${why}, seed 1`);
    const text = tokenizer.decode(windows.ids);
    expect(text).toContain('\n\n');
    expect(texts.filter((document) => text.includes(document)).length).toBeGreaterThan(2);
    expect(await draw([writeLines('docs.jsonl', texts)], { samples: 3, length })).toEqual(windows);
  });

  it('are refused with the figures where even all of them joined are too short', async () => {
    const joined = tokenizer.encode(`${texts[0]!}\n\n${texts[0]!}`).length;
    await expect(draw([writeLines('docs.jsonl', [texts[0]!, texts[0]!])], { samples: 10, length: 100 })).rejects.toMatchObject({
      code: 'TEXT_TOO_SHORT',
      message: `docs.jsonl: needs 1,000 tokens (10 × 100), has ${joined}: ${1_000 - joined} missing`,
    });
    await expect(draw([writeLines('docs.jsonl', [])])).rejects.toMatchObject({
      message: 'docs.jsonl: needs 300 tokens (6 × 50), has 0: 300 missing',
    });
    await expect(draw([writeLines('docs.jsonl', ['', ''])])).rejects.toMatchObject({ code: 'TEXT_TOO_SHORT' });
  });

  it('come from every eighth stretch or so of a long document, without overlap', async () => {
    const books = [novel.slice(0, 20_000), novel.slice(20_000, 40_000), 'Short.'];
    const windows = await draw([writeLines('books.jsonl', books)], { samples: 12, length: 50 });
    expect(windows.description).toContain('12 windows of 50 tokens, from 1 of 3 documents');
    const [home] = books.map((book) => tokenizer.encode(book)).filter((ids) => rowsOf(windows).every((row) => find(row, ids) >= 0));
    const starts = rowsOf(windows)
      .map((row) => find(row, home!))
      .sort((a, b) => a - b);
    for (let i = 1; i < starts.length; i++) expect(starts[i]! - starts[i - 1]!).toBeGreaterThanOrEqual(50);
    const both = await draw([writeLines('books.jsonl', books)], { samples: 30, length: 50 });
    expect(both.description).toContain('from 2 of 3 documents');
  });

  it('do not need the whole of a large corpus of short documents', async () => {
    const short = Array.from({ length: 4_000 }, (_, i) => `${i} ${lines[i % lines.length]!}`);
    const tokens = counted();
    const path = writeLines('short.jsonl', short);
    const windows = await drawWindows({ paths: [path], samples: 2, length: 500, seed: 3 }, tokens);
    expect(windows.description).toContain('joined');
    expect(tokens.units()).toBeLessThan(0.6 * short.join('').length);
    expect(new Set(rowsOf(windows).map(String)).size).toBe(2);
  });

  it('can be drawn from several files', async () => {
    const paths = texts.map((text, i) => write(`part-${i}.txt`, text));
    const windows = await draw(paths, { samples: 3 });
    for (const row of rowsOf(windows)) expect(long.some((text) => find(row, tokenizer.encode(text)) >= 0)).toBe(true);
  });
});

describe('windows from a file of token ids', () => {
  const values = Array.from({ length: 15 }, (_, i) => (i * 131) % 2048);
  const rows = { shape: [3, 5], values };

  it.each(['I64', 'I32'] as const)('are its first rows, as they are (%s)', async (dtype) => {
    const path = writeTokens('ids.safetensors', {
      input_ids: { dtype, ...rows },
      attention_mask: { dtype, shape: [3, 5], values: values.map(() => 1) },
    });
    expect(await draw([path], { samples: 2, length: 5 })).toMatchObject({
      ids: Int32Array.from(values.slice(0, 10)),
      samples: 2,
      length: 5,
    });
    const { ids, length } = await drawWindows({ paths: [path], samples: 3, seed: 0 }, tokenizer);
    expect([[...ids], length]).toEqual([values, 5]);
    expect(await evaluationWindows({ path, windows: 7 }, tokenizer)).toMatchObject({ samples: 3, length: 5 });
    expect(await evaluationWindows({ path, windows: 1 }, tokenizer)).toMatchObject({
      ids: Int32Array.from(values.slice(0, 5)),
      samples: 1,
    });
  });

  it('are refused where the file has other windows, too few, or ids the tokenizer lacks', async () => {
    const path = writeTokens('ids.safetensors', { anything: { dtype: 'I64', ...rows } });
    await expect(draw([path], { samples: 2, length: 4 })).rejects.toMatchObject({ code: 'BAD_ARGUMENT', hint: 'Set length to 5.' });
    await expect(draw([path], { samples: 4, length: 5 })).rejects.toMatchObject({
      code: 'TEXT_TOO_SHORT',
      message: 'ids.safetensors: needs 20 tokens (4 × 5), has 15: 5 missing',
    });
    for (const bad of [2048, -1]) {
      const wrong = writeTokens('wrong.safetensors', { input_ids: { dtype: 'I64', shape: [3, 5], values: values.with(7, bad) } });
      await expect(draw([wrong], { samples: 3, length: 5 })).rejects.toMatchObject({
        code: 'BAD_FILE',
        message: `${wrong}: input_ids[1, 2] is ${bad}; the tokenizer's ids go from 0 to 2047`,
      });
    }
  });

  it('are refused where no tensor is one of token ids, naming those there are', async () => {
    for (const tensors of [
      { input_ids: { dtype: 'I64', shape: [15], values } },
      { a: { dtype: 'I64', ...rows }, b: { dtype: 'I64', ...rows } },
      { input_ids: { dtype: 'I32', shape: [0, 5], values: [] } },
    ] as const) {
      const problem = await draw([writeTokens('ids.safetensors', tensors)], { samples: 1, length: 5 }).catch((error) => error);
      expect(problem).toMatchObject({ code: 'BAD_FILE', hint: 'Name it input_ids, int64 or int32, of shape [samples, length].' });
      expect(problem.message).toContain(Object.keys(tensors)[0]);
    }
  });

  it('meet a damaged file with an error a person can read', async () => {
    const whole = readFileSync(writeTokens('ids.safetensors', { input_ids: { dtype: 'I64', ...rows } }));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.nat(255), fc.nat(whole.length), async (at, byte, end) => {
        const bytes = Buffer.from(whole.subarray(0, end < whole.length / 2 ? end : whole.length));
        if (at < bytes.length) bytes[at] = byte;
        const result = await draw([write('fuzz.safetensors', bytes)], { samples: 3, length: 5 }).catch((error) => error);
        if (!('ids' in result)) expect(result).toMatchObject({ name: 'SecateurError' });
      }),
      { numRuns: 300 },
    );
  });
});

describe('evaluation windows', () => {
  it('are the text cut from its beginning, the tail dropped', async () => {
    const ids = tokenizer.encode(novel);
    const path = join(sample, 'calibration.txt');
    const windows = await evaluationWindows({ path, length: 256 }, tokenizer);
    expect(windows.samples).toBe(Math.floor(ids.length / 256));
    expect(windows.ids).toEqual(ids.slice(0, windows.samples * 256));
    expect(windows.description).toBe(`calibration.txt: ${windows.samples} windows of 256 tokens, one after the other`);
    const some = await evaluationWindows({ path, length: 256, windows: 3 }, tokenizer);
    expect(some.ids).toEqual(ids.slice(0, 768));
    expect((await evaluationWindows({ path, length: 256, windows: 10_000 }, tokenizer)).samples).toBe(windows.samples);
  });

  it('come from the rows of a table or file joined with blank lines, empty ones too', async () => {
    const texts = ['', ' = One = \n', '', ' two\n', 'three', ''];
    const ids = tokenizer.encode(texts.join('\n\n'));
    const windows = await evaluationWindows({ path: writeLines('rows.jsonl', texts), length: 4 }, tokenizer);
    expect(windows.ids).toEqual(ids.slice(0, windows.ids.length));
    expect(windows.samples).toBe(Math.floor(ids.length / 4));
    const table = join(import.meta.dirname, '../reference/parquet/snappy.parquet');
    const word = (i: number) => (i % 6 ? `Row ${i} holds ünïcode ${'and more of it, '.repeat(i % 5)}\n` : '');
    const all = tokenizer.encode(Array.from({ length: 23 }, (_, i) => word(i)).join('\n\n'));
    const rows = await evaluationWindows({ path: table, length: 7 }, tokenizer);
    expect(rows.ids).toEqual(all.slice(0, Math.floor(all.length / 7) * 7));
  });

  it('do not encode the text behind the last one wanted', async () => {
    const tokens = counted();
    await evaluationWindows({ path: writeLines('lines.jsonl', lines), length: 100, windows: 2 }, tokens);
    expect(tokens.units()).toBeLessThan(0.5 * novel.length);
  });

  it('are refused where there is no whole one', async () => {
    const has = tokenizer.encode('Too short.').length;
    await expect(evaluationWindows({ path: write('tiny.txt', 'Too short.'), length: 1_000 }, tokenizer)).rejects.toMatchObject({
      code: 'TEXT_TOO_SHORT',
      message: `tiny.txt: needs 1,000 tokens (1 × 1,000), has ${has}: ${1_000 - has} missing`,
    });
  });
});

describe('reading texts', () => {
  it('refuses what cannot be held in memory as one text, before it reads it', async () => {
    for (const name of ['huge.txt', 'huge.jsonl']) {
      const path = write(name, '{}\n');
      truncateSync(path, 2 ** 28 + 1);
      const problem = await evaluationWindows({ path, length: 50 }, tokenizer).catch((error) => error);
      expect(problem).toMatchObject({ code: 'UNSUPPORTED', message: `${path}: a text of 268435457 bytes; one text may have 268435456` });
      expect(problem.hint).toContain('Use a part of it');
    }
  });

  it('tells how far it is, up to the end, and never backwards', async () => {
    for (const paths of [[join(sample, 'calibration.txt')], [writeLines('docs.jsonl', documentsOf([60, 70, 80, 90, 100, 110]))]]) {
      const seen: [number, number][] = [];
      await drawWindows({ paths, samples: 5, length: 50, seed: 1 }, tokenizer, { onProgress: (done, total) => seen.push([done, total]) });
      expect(seen.at(-1)![0]).toBe(seen.at(-1)![1]);
      expect(seen).toEqual(seen.toSorted(([a], [b]) => a - b));
    }
  });

  it('stops when it is cancelled', async () => {
    const ctx = { signal: AbortSignal.abort() };
    const request = { samples: 2, length: 50, seed: 1 };
    await expect(drawWindows({ paths: ['default'], ...request }, tokenizer, ctx)).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(drawWindows({ paths: [writeLines('a.jsonl', lines)], ...request }, tokenizer, ctx)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await expect(evaluationWindows({ path: 'default', length: 50 }, tokenizer, ctx)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('refuses figures that are none', async () => {
    for (const request of [{ samples: 0 }, { samples: 1.5 }, { length: 1 }, { length: Number.NaN }])
      await expect(draw(['default'], request)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    const open = drawWindows({ paths: ['default'], samples: 1, seed: 1 }, tokenizer);
    await expect(open).rejects.toMatchObject({ code: 'BAD_ARGUMENT', message: 'the default text: no length of a window' });
    await expect(evaluationWindows({ path: 'default', length: 50, windows: 0 }, tokenizer)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});
