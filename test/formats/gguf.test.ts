import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memorySource } from '../../src/formats/byte-source.ts';
import { type GgmlType, ggmlTypes } from '../../src/formats/ggml-types.ts';
import { type GgufValue, readGgufHeader } from '../../src/formats/gguf.ts';
import { type Value, type WrittenFile, type WrittenTensor, writeGguf } from './gguf-writer.ts';
import { mutation, readGuarded } from './guarded.ts';

const numbers = {
  u8: fc.nat(255),
  i8: fc.integer({ min: -128, max: 127 }),
  u16: fc.nat(65535),
  i16: fc.integer({ min: -32768, max: 32767 }),
  u32: fc.nat(2 ** 32 - 1),
  i32: fc.integer(),
  f32: fc.float({ noNaN: true }),
  f64: fc.double({ noNaN: true }),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  bool: fc.boolean(),
  string: fc.string({ unit: 'binary' }),
};
type Scalar = keyof typeof numbers;
const scalarNames = Object.keys(numbers) as Scalar[];

const scalar = fc.constantFrom(...scalarNames).chain((type) => numbers[type].map((value): Value => ({ type, value })));
const listOf = (item: Scalar) =>
  fc
    .array<Value>(
      numbers[item].map((value) => ({ type: item, value })),
      { maxLength: 5 },
    )
    .map((items): Value => ({ type: 'list', of: item, items }));
const list = fc.constantFrom(...scalarNames).chain(listOf);
const nested = fc.array(list, { maxLength: 3 }).map((items): Value => ({ type: 'list', of: 'list', items }));

const tensor = fc
  .record({
    name: fc.string(),
    type: fc.constantFrom(...(Object.keys(ggmlTypes) as GgmlType[])),
    rows: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
    blocks: fc.nat(2),
  })
  .map(({ name, type, rows, blocks }): WrittenTensor => {
    const { values, bytes } = ggmlTypes[type];
    const nBlocks = rows.reduce((product, dim) => product * dim, blocks);
    return { name, type, shape: [...rows, blocks * values], data: new Uint8Array(nBlocks * bytes).fill(1) };
  });

const file: fc.Arbitrary<WrittenFile & { alignment: number }> = fc.constantFrom(1, 8, 32, 256).chain((alignment) =>
  fc.record({
    alignment: fc.constant(alignment),
    version: fc.constantFrom(2, 3),
    metadata: fc
      .uniqueArray(fc.tuple(fc.string(), fc.oneof(scalar, list, nested)), { selector: ([key]) => key, maxLength: 8 })
      .map((entries) => [
        ...entries.filter(([key]) => key !== 'general.alignment'),
        ['general.alignment', { type: 'u32', value: alignment }] as const,
      ]),
    tensors: fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 5 }),
  }),
);

test('a file that was written is read back: values of every type, lists in lists, tensors and their bytes', async () => {
  await fc.assert(
    fc.asyncProperty(file, async (written) => {
      const bytes = writeGguf(written);
      const header = await readGgufHeader(memorySource(bytes), 'x');
      expect(header.version).toBe(written.version);
      expect([...header.metadata.keys()]).toEqual(written.metadata.map(([key]) => key));
      for (const [key, value] of written.metadata) expect(plain(header.metadata.get(key)!)).toEqual(expected(value));
      expect([...header.tensors.keys()]).toEqual(written.tensors.map(({ name }) => name));
      for (const { name, type, shape, data } of written.tensors) {
        const read = header.tensors.get(name)!;
        expect(read).toMatchObject({ type, shape, sizeBytes: data.length });
        expect(read.offset % written.alignment).toBe(0);
        expect(bytes.subarray(read.offset, read.offset + read.sizeBytes)).toEqual(Buffer.from(data));
      }
    }),
  );
});

test('a list of numbers keeps its type', async () => {
  const bytes = writeGguf({
    metadata: [
      ['i32', { type: 'list', of: 'i32', items: [{ type: 'i32', value: -7 }] }],
      ['f32', { type: 'list', of: 'f32', items: [{ type: 'f32', value: 0.5 }] }],
    ],
    tensors: [],
  });
  const { metadata } = await readGgufHeader(memorySource(bytes), 'x');
  expect(metadata.get('i32')).toEqual(Int32Array.of(-7));
  expect(metadata.get('f32')).toEqual(Float32Array.of(0.5));
});

test('a file of the gguf package is read', async () => {
  const bytes = readFileSync(new URL('../reference/gguf/llama-quantized.gguf', import.meta.url));
  const { metadata, tensors } = await readGgufHeader(memorySource(bytes), 'x');
  expect(metadata.get('general.architecture')).toBe('llama');
  expect(metadata.get('llama.rope.scaling.factor')).toBe(2.5);
  expect(tensors.get('blk.1.attn_k.weight')).toMatchObject({ type: 'Q5_1', shape: [16, 32], sizeBytes: 16 * 24 });
});

const small: WrittenTensor = { name: 'w', type: 'Q4_0', shape: [2, 32], data: new Uint8Array(36) };
const u32 = (value: number): Value => ({ type: 'u32', value });

test.each<[string, WrittenFile, string, string]>([
  ['version 1', { version: 1, metadata: [], tensors: [] }, 'UNSUPPORTED', 'GGUF version 1'],
  ['another byte order', { version: 3 << 24, metadata: [], tensors: [] }, 'BAD_FILE', 'is big-endian'],
  [
    'a key twice',
    {
      metadata: [
        ['k', u32(1)],
        ['k', u32(1)],
      ],
      tensors: [],
    },
    'BAD_FILE',
    'key "k" is there twice',
  ],
  ['a tensor twice', { metadata: [], tensors: [small, small] }, 'BAD_FILE', 'tensor "w" is there twice'],
  ['an alignment of three', { metadata: [['general.alignment', u32(3)]], tensors: [] }, 'BAD_FILE', 'general.alignment is 3'],
  ['an alignment below one', { metadata: [['general.alignment', { type: 'f32', value: 0.5 }]], tensors: [] }, 'BAD_FILE', 'is 0.5'],
  ['half a block', { metadata: [], tensors: [{ ...small, shape: [36] }] }, 'BAD_FILE', 'rows of 36 values, Q4_0 packs 32 at a time'],
  ['five dimensions', { metadata: [], tensors: [{ ...small, shape: [1, 1, 1, 2, 32] }] }, 'BAD_FILE', '5 dimensions'],
  [
    'a dimension beyond numbers',
    { metadata: [], tensors: [{ ...small, shape: [2 ** 60, 32] }] },
    'BAD_FILE',
    'a dimension of tensor "w" is 1152921504606846976',
  ],
  [
    'a product beyond numbers',
    { metadata: [], tensors: [{ ...small, shape: [2 ** 52, 2 ** 52, 2 ** 52, 32] }] },
    'BAD_FILE',
    'the file has',
  ],
  ['a crooked offset', { metadata: [], tensors: [{ ...small, offset: 8n }] }, 'BAD_FILE', 'not a multiple of 32'],
  ['an offset beyond the file', { metadata: [], tensors: [{ ...small, offset: 2n ** 40n }] }, 'BAD_FILE', 'the file has'],
  ['tensors on top of each other', { metadata: [], tensors: [small, { ...small, name: 'v', offset: 32n }] }, 'BAD_FILE', '"v" at byte'],
])('%s is refused', async (_, written, code, message) => {
  await expect(readGgufHeader(memorySource(writeGguf(written)), 'm.gguf')).rejects.toMatchObject({
    code,
    message: expect.stringMatching(new RegExp(`^m\\.gguf: .*${message.replaceAll('.', '\\.')}`)),
  });
});

test('a tensor of a type that is not known, and a value of one, are refused by name', async () => {
  const unknownTensor = writeGguf({ metadata: [], tensors: [small] });
  // The type stands 12 bytes before the padding to 32: type u32, offset u64.
  const typeAt = Buffer.from(unknownTensor).indexOf(Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 24 + 9);
  unknownTensor[typeAt] = 99;
  await expect(readGgufHeader(memorySource(unknownTensor), 'x')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: 'x: tensor "w" has the unknown type 99',
  });

  const unknownValue = writeGguf({ metadata: [['k', u32(7)]], tensors: [] });
  unknownValue[24 + 9] = 13;
  await expect(readGgufHeader(memorySource(unknownValue), 'x')).rejects.toMatchObject({
    code: 'BAD_FILE',
    message: 'x: "k" has the unknown value type 13',
  });
});

test('an empty list of a type that is not known is refused as well', async () => {
  const bytes = writeGguf({ metadata: [['k', { type: 'list', of: 'u8', items: [] }]], tensors: [] });
  bytes[24 + 9 + 4] = 77;
  await expect(readGgufHeader(memorySource(bytes), 'x')).rejects.toMatchObject({ message: 'x: "k" has the unknown value type 77' });
});

test('lists nested too deep are refused without exhausting the stack', async () => {
  let value: Value = { type: 'list', of: 'u8', items: [] };
  for (let i = 0; i < 500; i++) value = { type: 'list', of: 'list', items: [value] };
  const bytes = writeGguf({ metadata: [['k', value]], tensors: [] });
  expect(await readGuarded(bytes, (source) => readGgufHeader(source, 'x'))).toBe('BAD_FILE');
});

test('lengths that claim more than the file has are refused before anything is made of them', async () => {
  const value: Value = { type: 'list', of: 'u64', items: [{ type: 'u64', value: 1 }] };
  const bytes = Buffer.from(writeGguf({ metadata: [['key', value]], tensors: [] }));
  for (const at of [8, 16, 24, 24 + 8 + 3 + 4 + 4])
    for (const claim of [2n ** 64n - 1n, 2n ** 53n, 2n ** 40n, BigInt(bytes.length)]) {
      const hostile = Buffer.from(bytes);
      hostile.writeBigUInt64LE(claim, at);
      expect(await readGuarded(hostile, (source) => readGgufHeader(source, 'x')), `${claim} at ${at}`).toBe('BAD_FILE');
    }
});

test('a file cut short anywhere in its header is refused', async () => {
  const bytes = readFileSync(new URL('../reference/gguf/qwen2-yarn.gguf', import.meta.url));
  const { tensors } = await readGgufHeader(memorySource(bytes), 'x');
  const end = Math.max(...[...tensors.values()].map(({ offset, sizeBytes }) => offset + sizeBytes));
  for (let length = 0; length < end; length += length < 300 ? 1 : 97)
    expect(await readGuarded(bytes.subarray(0, length), (source) => readGgufHeader(source, 'x')), `${length} bytes`).toBe('BAD_FILE');
});

test('whatever happens to a file, reading it gives a header or an error for a user, and stays within its size', async () => {
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(file, mutation(), async (written, mutate) => {
      const outcome = await readGuarded(mutate(writeGguf(written)), (source) => readGgufHeader(source, 'x'));
      outcomes.add(typeof outcome === 'string' ? outcome : 'read');
    }),
    { numRuns: 2000 },
  );
  expect(outcomes).toContain('read');
  expect(outcomes).toContain('BAD_FILE');
});

/** Typed arrays as lists, so that they compare with what was written. */
function plain(value: GgufValue): unknown {
  return typeof value === 'object' ? Array.from(value as ArrayLike<GgufValue>, plain) : value;
}

function expected(value: Value, inList = false): unknown {
  if (value.type === 'list') return value.items.map((item) => expected(item, true));
  if (value.type === 'bool' && inList) return Number(value.value);
  if (typeof value.value === 'bigint' && !inList && Number.isSafeInteger(Number(value.value))) return Number(value.value);
  return value.value;
}
