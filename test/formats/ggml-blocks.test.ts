import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type DecodableType, dequantize, isDecodable } from '../../src/formats/ggml-blocks.ts';
import { type GgmlType, ggmlTypes } from '../../src/formats/ggml-types.ts';

const reference: Record<string, { blocks: string; values: string }> = JSON.parse(
  readFileSync(new URL('../reference/gguf/blocks.json', import.meta.url), 'utf8'),
);

test('every type that can be decoded is compared with the gguf package', () => {
  const decodable = (Object.keys(ggmlTypes) as GgmlType[]).filter(isDecodable);
  expect(Object.keys(reference).toSorted()).toEqual(decodable.toSorted());
});

describe.each(Object.entries(reference))('%s', (type, { blocks, values }) => {
  const bytes = new Uint8Array(Buffer.from(blocks, 'base64'));
  const wanted = new Float32Array(new Uint8Array(Buffer.from(values, 'base64')).buffer);

  test('random blocks decode to the bits that the gguf package gives', () => {
    const decoded = dequantize(type as DecodableType, bytes);
    expect(decoded.length).toBe(wanted.length);
    const wrong = wanted.findIndex((value, i) => !Object.is(value, decoded[i]));
    expect(wrong, `value ${wrong} is ${decoded[wrong]}, not ${wanted[wrong]}`).toBe(-1);
  });

  test('blocks in the middle of a larger buffer decode alike', () => {
    const { bytes: size, values: perBlock } = ggmlTypes[type as GgmlType];
    const shifted = Buffer.concat([Uint8Array.of(9), bytes]).subarray(1 + size);
    expect(dequantize(type as DecodableType, shifted)).toEqual(wanted.slice(perBlock));
  });
});

/** Blocks that ggml's own encoders made of x[i] = (i - 11) / 8, 32 values. */
const rampBlocks: Partial<Record<DecodableType, string>> = {
  Q8_0: '0a25bac0c7cdd4dae0e7edf3fa00060d131920262c333940464c53595f666c72797f',
  Q4_0: '00b56c6c5c5b4b4a4a3a3929282818170706',
  Q4_1: '223480bd80809191a2a2b3b3c4c4d5d5e6e6f7f7',
  Q5_0: '00b1ff0f0000c9b8a7a696857463625241302f2e1e0d',
  Q5_1: '003080bd0000ffff00112233445566778899aabbccddeeff',
};

test.each(Object.entries(rampBlocks))('a block of ggml decodes to the ramp it was made of: %s', (type, block) => {
  const decoded = dequantize(type as DecodableType, Buffer.from(block, 'hex'));
  const step = { Q8_0: 2.5 / 127, Q4_0: 2.5 / 8, Q4_1: 31 / 8 / 15, Q5_0: 2.5 / 16, Q5_1: 31 / 8 / 31 }[type]!;
  // Scales are rounded to F16, which may move a value by a little more than half a step.
  for (const [i, value] of decoded.entries()) expect(Math.abs(value - (i - 11) / 8)).toBeLessThan(0.6 * step);
});

test.each<[DecodableType, string, number[]]>([
  [
    'Q4_K',
    'e9164122fcfcf9f8fafbfeffcfdfefabb7757bc7778ce778ae077ab0177bd1377de3477e04677026777237977359b775879df889af088ac0288ce2388ef3588f05688026888248a8845ab8857bd8879d9de779ae177ac1277cd2477d04577015777137877348a7746ab7767bd7779de7077ac1277cd2377df4577015677127877348a7745ab7767bd7779de779ae077a',
    [0.00011063, -0.20233536, 0.40500259, 0.00011063],
  ],
  [
    'Q6_K',
    'd0570030be07a0050e007c0070d207d0370200a00c701e05e0870e50f007c0690f30ad0690040df06b0060d107c0380d10900c800f06e0780f50d108b04a012007d0580140b20aa02b0300850d70ee0740be01d0560970ee01008609901e0130c801d0620b60fc0400950ea03f0840c901f0530b80ec0410760ea00f0730f9019ab9e7aeb92bae8a2bb2ca2cb2cb6cb218638a18ae8a2bae866bad966be996bae4a209e4be09a3be18a38ad8ae8adb6eba9b6ea69b29a68a29a24a249249e492768a788c7b737d7a809b82857f86838d660a',
    [0, -0.20737123, 0.36865997, 0],
  ],
])('a block of ggml decodes to the published first values: %s', (type, block, first) => {
  const decoded = dequantize(type, Buffer.from(block, 'hex'));
  expect(decoded.length).toBe(256);
  for (const [i, value] of first.entries()) expect(decoded[i]).toBeCloseTo(value, 7);
  // The block was made of 0 at every third place and ((i · 37) mod 101 - 50) / 64 elsewhere.
  const error = Math.max(...decoded.map((value, i) => Math.abs(value - (i % 3 === 0 ? 0 : (((i * 37) % 101) - 50) / 64))));
  expect(error).toBeLessThan(type === 'Q4_K' ? 0.06 : 0.025);
});
