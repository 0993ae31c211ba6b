import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openTokenizer } from '../../src/engine/tokenizer.ts';

const reference = join(import.meta.dirname, '../reference');
const sample = join(import.meta.dirname, '../../media/sample');
const kinds = readdirSync(join(reference, 'token_ids')).filter((name) => !name.startsWith('.'));
const calibration = readFileSync(join(sample, 'calibration.txt'), 'utf8');

interface Encoded {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded: string;
}

const scratch = mkdtempSync(join(tmpdir(), 'tokenizer-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A copy of a tokenizer in a folder of its own, its files changed. */
function copyTokenizer(kind: string, change: Record<string, (json: never) => unknown> = {}): string {
  const folder = mkdtempSync(join(scratch, 'copy-'));
  cpSync(join(reference, 'token_ids', kind), folder, { recursive: true });
  for (const [name, edit] of Object.entries(change)) {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(edit(JSON.parse(readFileSync(path, 'utf8')) as never)));
  }
  return folder;
}

function readReference(path: string): { encode: Encoded[]; long: { tokens: number; sha256: string } } {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function sha256(ids: Int32Array<ArrayBuffer>): string {
  return createHash('sha256').update(new Uint8Array(ids.buffer)).digest('hex');
}

/** The text in parts of random lengths. */
function* inParts(text: string, lengths: readonly number[]): Generator<string> {
  let at = 0;
  for (let i = 0; at < text.length; i++) {
    const length = lengths[i % lengths.length]!;
    yield text.slice(at, at + length);
    at += length;
  }
}

describe('encode', () => {
  it('gives the ids that transformers gives with the sample model', async () => {
    const tokenizer = await openTokenizer(sample);
    for (const { text, ids, decoded } of readReference(join(reference, 'sample/tokens.json')).encode) {
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
    expect(tokenizer.vocabSize).toBe(2048);
    expect(tokenizer.eosIds).toEqual([1]);
  });

  it.each(kinds)('gives the ids that transformers gives with a tokenizer like that of %s', async (kind) => {
    const folder = join(reference, 'token_ids', kind);
    const tokenizer = await openTokenizer(folder);
    // Where bytes stand for unknown characters, the library's decoder drops U+FEFF; decoded text is only ever shown.
    const shown = (text: string) => text.replaceAll('\ufeff', '');
    for (const { text, ids, decoded } of readReference(join(folder, 'tokens.json')).encode) {
      expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(ids);
      expect(shown(tokenizer.decode(ids))).toBe(shown(decoded));
    }
  });
});

describe('encodeLong', () => {
  it.each(kinds)('gives the ids of the whole text in pieces with a tokenizer like that of %s', async (kind) => {
    const folder = join(reference, 'token_ids', kind);
    const tokenizer = await openTokenizer(folder);
    const { long } = readReference(join(folder, 'tokens.json'));
    const units: number[] = [];
    const ids = await tokenizer.encodeLong([calibration], { onUnits: (done) => units.push(done) });
    expect({ tokens: ids.length, sha256: sha256(ids) }).toEqual(long);
    expect(units.length).toBeGreaterThan(3);
    expect(units.at(-1)).toBe(calibration.length);
    expect(units).toEqual(units.toSorted((a, b) => a - b));
  });

  it('does not mind how the text is parted', async () => {
    const tokenizer = await openTokenizer(join(reference, 'token_ids/llama2'));
    const text = calibration.slice(0, 80_000);
    const whole = tokenizer.encode(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 5 }), async (lengths) => {
        const parts = lengths.every((length) => length < 200) ? [...lengths, 20_000] : lengths;
        expect(await tokenizer.encodeLong(inParts(text, parts))).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });

  it('gives the first ids alone where only so many are wanted, and leaves the rest of the text alone', async () => {
    const tokenizer = await openTokenizer(sample);
    let units = 0;
    const parts = (function* () {
      for (let from = 0; from < calibration.length; from += 5_000) {
        units = from + 5_000;
        yield calibration.slice(from, from + 5_000);
      }
    })();
    expect(await tokenizer.encodeLong(parts, { limit: 5_000 })).toEqual(tokenizer.encode(calibration).slice(0, 5_000));
    expect(units).toBeLessThan(45_000);
    expect(await tokenizer.encodeLong(['short'], { limit: 1_000 })).toEqual(tokenizer.encode('short'));
  });

  it('encodes a text that can be cut nowhere as one', async () => {
    const tokenizer = await openTokenizer(sample);
    const digits = '31415 92653\n'.repeat(6_000);
    expect(await tokenizer.encodeLong(inParts(digits, [9_999]))).toEqual(tokenizer.encode(digits));
  });

  it('does not cut an added token that has a space between letters', async () => {
    const added = { id: 600, content: 'day and night', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    const addTo = (json: { added_tokens: object[] }) => ({ ...json, added_tokens: [...json.added_tokens, added] });
    const tokenizer = await openTokenizer(copyTokenizer('smollm', { 'tokenizer.json': addTo }));
    const text = 'day and night'.repeat(6_000);
    const ids = await tokenizer.encodeLong([text]);
    expect(ids).toEqual(new Int32Array(6_000).fill(600));
    expect(tokenizer.vocabSize).toBe(601);
  });

  it('does not cut where tokens reach over the space between two words', async () => {
    // The model sees the text as one word, and a merge may join any two neighbours.
    const joinOver = (json: { model: { vocab: Record<string, number>; merges: unknown[] } }) => {
      const { vocab, merges } = json.model;
      return {
        ...json,
        model: { ...json.model, vocab: { ...vocab, 'a▁': 550, 'a▁b': 551 }, merges: [['a', '▁'], ['a▁', 'b'], ...merges] },
      };
    };
    const tokenizer = await openTokenizer(copyTokenizer('llama2', { 'tokenizer.json': joinOver }));
    const text = 'a b'.repeat(20_000);
    const ids = await tokenizer.encodeLong([text]);
    expect(ids).toEqual(tokenizer.encode(text));
    expect(ids.filter((id) => id === 551).length).toBe(20_000);
  });

  it('stops between two pieces when it is cancelled', async () => {
    const tokenizer = await openTokenizer(sample);
    const controller = new AbortController();
    let pieces = 0;
    const onUnits = () => {
      pieces++;
      controller.abort();
    };
    await expect(tokenizer.encodeLong([calibration], { signal: controller.signal, onUnits })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(pieces).toBe(1);
  });
});

describe('openTokenizer', () => {
  it('puts those special tokens around a text that tokenizer.json names', async () => {
    const end = { SpecialToken: { id: '</s>', type_id: 0 } };
    const single = [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }, end, end];
    const around = (json: object) => ({
      ...json,
      post_processor: { type: 'TemplateProcessing', single, pair: single, special_tokens: {} },
    });
    const tokenizer = await openTokenizer(copyTokenizer('smollm', { 'tokenizer.json': around }));
    const bare = await openTokenizer(copyTokenizer('smollm'));
    expect([...tokenizer.encode('One, two.')]).toEqual([0, ...bare.encode('One, two.'), 1, 1]);
    expect(await tokenizer.encodeLong(['One, ', 'two.'])).toEqual(tokenizer.encode('One, two.'));
    expect([...(await tokenizer.encodeLong([]))]).toEqual([0, 1, 1]);
  });

  it('finds the ids that end a text in the generation config first, then in the config, then by the name of the token', async () => {
    const folder = copyTokenizer('smollm');
    expect((await openTokenizer(folder)).eosIds).toEqual([1]);
    writeFileSync(join(folder, 'config.json'), '{"eos_token_id": 7}');
    expect((await openTokenizer(folder)).eosIds).toEqual([7]);
    writeFileSync(join(folder, 'generation_config.json'), '{"eos_token_id": [2, 0]}');
    expect((await openTokenizer(folder)).eosIds).toEqual([2, 0]);
  });

  it('says which file is missing or broken', async () => {
    await expect(openTokenizer(scratch)).rejects.toMatchObject({
      code: 'FILE_MISSING',
      message: `${join(scratch, 'tokenizer.json')} is not there`,
    });
    const broken = copyTokenizer('smollm');
    for (const text of [
      '{',
      '[]',
      'null',
      '{}',
      '{"model": {"vocab": {}}}',
      '{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "pre_tokenizer": {"type": "New"}}',
    ]) {
      writeFileSync(join(broken, 'tokenizer.json'), text);
      const problem = await openTokenizer(broken).catch((error) => error);
      expect(problem, text).toMatchObject({ name: 'SecateurError', code: 'BAD_CHECKPOINT' });
      expect(problem.message).toContain('tokenizer.json');
    }
    const config = copyTokenizer('smollm');
    writeFileSync(join(config, 'tokenizer_config.json'), 'no');
    await expect(openTokenizer(config)).rejects.toMatchObject({
      code: 'BAD_CHECKPOINT',
      message: expect.stringContaining('tokenizer_config.json'),
    });
  });

  it('refuses a special token that the vocabulary lacks', async () => {
    const single = [{ SpecialToken: { id: '<begin>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }];
    const around = (json: object) => ({
      ...json,
      post_processor: { type: 'TemplateProcessing', single, pair: single, special_tokens: {} },
    });
    const opening = openTokenizer(copyTokenizer('smollm', { 'tokenizer.json': around }));
    await expect(opening).rejects.toMatchObject({ code: 'BAD_CHECKPOINT', message: expect.stringContaining('"<begin>"') });
  });
});
