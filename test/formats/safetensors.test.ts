import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memorySource } from '../../src/formats/byte-source.ts';
import {
  type Dtype,
  dtypeBytes,
  encodeSafetensorsHeader,
  encodeShardIndex,
  parseShardIndex,
  readSafetensorsHeader,
  tensorBytes,
} from '../../src/formats/safetensors.ts';
import { mutation, readGuarded } from './guarded.ts';

const dtype = fc.constantFrom(...(Object.keys(dtypeBytes) as Dtype[]));
const name = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('model.embed_tokens.weight', '7', 'constructor', '__proto__', '"\\'))
  .filter((text) => text !== '__metadata__');
const spec = fc.record({ dtype, shape: fc.array(fc.nat(4), { maxLength: 4 }) });
const file = fc.record({
  tensors: fc.uniqueArray(fc.tuple(name, spec), { selector: ([key]) => key, maxLength: 6 }),
  metadata: fc.dictionary(fc.string(), fc.string()),
});

test('a header that was written is read back, tensors in their order and bytes', async () => {
  await fc.assert(
    fc.asyncProperty(file, async ({ tensors, metadata }) => {
      const bytes = encodeFile(new Map(tensors), metadata);
      const header = await readSafetensorsHeader(memorySource(bytes), 'x');
      expect({ ...header.metadata }).toEqual({ ...metadata });
      expect(header.dataOffset % 8).toBe(0);
      let begin = 0;
      // Empty tensors share their place, so only those with bytes have an order.
      const withBytes = tensors.filter(([, tensor]) => tensorBytes(tensor) > 0);
      expect([...header.tensors.keys()].filter((key) => withBytes.some(([other]) => other === key))).toEqual(withBytes.map(([key]) => key));
      for (const [key, { dtype, shape }] of tensors) {
        const end = begin + tensorBytes({ dtype, shape });
        expect(header.tensors.get(key)).toEqual({ dtype, shape, begin, end });
        begin = end;
      }
      expect(header.dataOffset + begin).toBe(bytes.length);
    }),
  );
});

test('a file that transformers wrote is read as it is, and its header is written again byte for byte', async () => {
  const bytes = readFileSync(new URL('../reference/families/llama-plain/model.safetensors', import.meta.url));
  const { tensors, metadata, dataOffset } = await readSafetensorsHeader(memorySource(bytes), 'model.safetensors');
  expect(metadata).toEqual({ format: 'pt' });
  expect(tensors.get('model.norm.weight')?.shape).toHaveLength(1);
  expect(Buffer.from(encodeSafetensorsHeader(tensors, metadata))).toEqual(bytes.subarray(0, dataOffset));
});

const entry = (dtype: string, shape: unknown, data_offsets: unknown) => ({ dtype, shape, data_offsets });
const good = entry('F32', [2], [0, 8]);

test.each<[string, string, number, string]>([
  ['a hole', JSON.stringify({ a: good, b: entry('U8', [1], [9, 10]) }), 10, 'tensor "b" at byte 9 leaves a hole after byte 8'],
  ['a hole in front', JSON.stringify({ a: entry('U8', [1], [1, 2]) }), 2, 'tensor "a" at byte 1 leaves a hole after byte 0'],
  ['an overlap', JSON.stringify({ a: good, b: entry('U8', [8], [7, 15]) }), 15, 'tensor "b" at byte 7 overlaps the tensor before it'],
  ['bytes that belong to none', JSON.stringify({ a: good }), 9, 'the tensors take 8 bytes, the file has 9'],
  ['bytes that are missing', JSON.stringify({ a: good }), 7, 'the tensors take 8 bytes, the file has 7'],
  ['a name that is there twice', `{"a":${JSON.stringify(good)},"\\u0061":${JSON.stringify(good)}}`, 8, 'tensor "a" is there twice'],
  [
    'a length that does not fit the shape',
    JSON.stringify({ a: entry('F16', [2], [0, 8]) }),
    8,
    '"a": F16 [2] takes 4 bytes, data_offsets give 8',
  ],
  ['a product beyond all numbers', JSON.stringify({ a: entry('U8', Array(40).fill(2 ** 52), [0, 8]) }), 8, 'takes Infinity bytes'],
  [
    'a product that only seems to be zero',
    JSON.stringify({ a: entry('U8', [...Array(40).fill(2 ** 52), 0], [0, 0]) }),
    0,
    'takes NaN bytes',
  ],
  ['a negative dimension', JSON.stringify({ a: entry('U8', [-1], [0, 0]) }), 0, '"a": shape is [-1]'],
  ['a broken dimension', JSON.stringify({ a: entry('U8', [0.5], [0, 0]) }), 0, '"a": shape is [0.5]'],
  ['offsets that run backwards', JSON.stringify({ a: entry('U8', [0], [4, 0]) }), 4, 'data_offsets 4 to 0 run backwards'],
  ['three offsets', JSON.stringify({ a: entry('U8', [0], [0, 0, 0]) }), 0, 'data_offsets are [0,0,0]'],
  ['a tensor that is no object', '{"a":"b"}', 0, 'tensor "a": "b" is no description of a tensor'],
  ['metadata that are not texts', '{"__metadata__":{"a":1}}', 0, '__metadata__: "a" is 1, not a text'],
  ['metadata that are a list', '{"__metadata__":[]}', 0, '__metadata__: is [], not an object'],
  ['a header that is a list', '[]', 0, 'the header is not a JSON object'],
  ['a header that begins with a space', ' {}', 0, 'the header is not a JSON object'],
  ['a header that is not JSON', '{"a":', 0, 'the header is not JSON'],
])('%s is refused by name and value', async (_, json, dataBytes, message) => {
  const error = await readSafetensorsHeader(memorySource(join(json, dataBytes)), 'm.safetensors').catch((error) => error);
  expect(error).toMatchObject({ code: 'BAD_FILE', message: expect.stringContaining(message) });
  expect(error.message).toMatch(/^m\.safetensors: /);
});

test('a dtype that is not known is named with those that are', async () => {
  const json = JSON.stringify({ a: entry('F4', [2], [0, 1]) });
  await expect(readSafetensorsHeader(memorySource(join(json, 1)), 'm')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: 'm: tensor "a": dtype "F4"',
    hint: expect.stringContaining('BF16'),
  });
});

test.each([
  ['no length', new Uint8Array(7)],
  ['a length beyond the file', u64(3n, new Uint8Array(2))],
  ['a length beyond 64 bits of sense', u64(2n ** 64n - 1n, new Uint8Array(100))],
  ['metadata that are not UTF-8', u64(26n, Buffer.from('{"__metadata__":{"a":"\xff"}}', 'latin1'))],
])('a file with %s is refused', async (_, bytes) => {
  expect(await readGuarded(bytes, (source) => readSafetensorsHeader(source, 'x'))).toBe('BAD_FILE');
});

test('a header of more than 100 MB is refused before it is read', async () => {
  const source = { size: 10 ** 9, read: async () => u64(100_000_001n, new Uint8Array(0)) };
  await expect(readSafetensorsHeader(source, 'x')).rejects.toMatchObject({
    code: 'BAD_FILE',
    message: expect.stringContaining('100000001'),
  });
});

test('values nested without end are refused without exhausting the stack', async () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  for (const json of [
    `{"a":${deep}}`,
    `{"a":{"dtype":${deep}}}`,
    `{"a":{"dtype":"F32","shape":${deep}}}`,
    `{"__metadata__":{"a":${deep}}}`,
  ])
    expect(await readGuarded(join(json, 0), (source) => readSafetensorsHeader(source, 'x'))).toBe('BAD_FILE');
});

test('whatever happens to a file, reading it gives a header or an error for a user, and stays within its size', async () => {
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(file, mutation(), async ({ tensors, metadata }, mutate) => {
      const outcome = await readGuarded(mutate(encodeFile(new Map(tensors), metadata)), (source) => readSafetensorsHeader(source, 'x'));
      outcomes.add(typeof outcome === 'string' ? outcome : 'read');
    }),
    { numRuns: 2000 },
  );
  expect(outcomes).toContain('read');
  expect(outcomes).toContain('BAD_FILE');
});

test('the index of a checkpoint in shards is read back as it was written', () => {
  const weightMap = new Map([
    ['b', 'model-00002-of-00002.safetensors'],
    ['a', 'model-00001-of-00002.safetensors'],
  ]);
  const text = encodeShardIndex({ totalSize: 12, weightMap });
  expect(JSON.parse(text)).toEqual({ metadata: { total_size: 12 }, weight_map: Object.fromEntries(weightMap) });
  expect(text.indexOf('"a"')).toBeLessThan(text.indexOf('"b"'));
  expect(parseShardIndex(text, 'i')).toEqual({ totalSize: 12, weightMap });
});

test.each([
  ['{"weight_map":{"a":"../secret"}}', 'i: tensor "a" lies in "../secret", which is no plain file name'],
  ['{"weight_map":{"a":"C:x"}}', 'i: tensor "a" lies in "C:x", which is no plain file name'],
  ['{"weight_map":{"a":".."}}', 'i: tensor "a" lies in "..", which is no plain file name'],
  ['{"weight_map":{"a":""}}', 'i: tensor "a" lies in "", which is no plain file name'],
  ['{"weight_map":{}}', 'i: weight_map names no tensor'],
  ['{"weight_map":{"a":1}}', 'i: weight_map: "a" is 1, not a text'],
  ['{}', 'i: weight_map: is missing, not an object'],
  ['nonsense', 'i: the index is not JSON'],
])('the index %s is refused', (text, message) => {
  expect(() => parseShardIndex(text, 'i')).toThrow(expect.objectContaining({ code: 'BAD_FILE', message }));
});

function encodeFile(tensors: Parameters<typeof encodeSafetensorsHeader>[0], metadata: Record<string, string>): Uint8Array {
  const header = encodeSafetensorsHeader(tensors, metadata);
  const dataBytes = [...tensors.values()].reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  return Buffer.concat([header, new Uint8Array(dataBytes)]);
}

function join(json: string, dataBytes: number): Uint8Array {
  const header = new TextEncoder().encode(json);
  return u64(BigInt(header.length), Buffer.concat([header, new Uint8Array(dataBytes)]));
}

function u64(value: bigint, rest: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + rest.length);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  bytes.set(rest, 8);
  return bytes;
}
