/**
 * From the blocks of a GGUF tensor to the numbers they stand for: one decoder per type, each the layout of ggml-quants.c.
 *
 * A decoder reads the block that starts at byte `at` of `b` and writes its values from `o` on. d is a block's scale, m its offset,
 * q a code. Products of a scale and a code are exact in f32 and sums are rounded once, so the values equal ggml's bit for bit.
 */

import { bf16ToF32, f16ToF32 } from '../tensor/half.ts';
import { type GgmlType, ggmlTypes } from './ggml-types.ts';

type Decoder = (b: Uint8Array, at: number, out: Float32Array, o: number) => void;

/** Decoders of the types that pack several values into a block. */
const decoders = {
  IQ4_NL,
  IQ4_XS,
  MXFP4,
  NVFP4,
  Q2_K,
  Q3_K,
  Q4_0,
  Q4_1,
  Q4_K,
  Q5_0,
  Q5_1,
  Q5_K,
  Q6_K,
  Q8_0,
  TQ1_0,
  TQ2_0,
} satisfies Partial<Record<GgmlType, Decoder>>;

/** The types whose values lie side by side. */
const floats = {
  BF16: (bytes: Uint8Array<ArrayBuffer>) => bf16ToF32(new Uint16Array(bytes.buffer)),
  F16: (bytes: Uint8Array<ArrayBuffer>) => f16ToF32(new Uint16Array(bytes.buffer)),
  F32: (bytes: Uint8Array<ArrayBuffer>) => new Float32Array(bytes.buffer),
};

/** The types `dequantize` knows. */
export type DecodableType = keyof typeof decoders | keyof typeof floats;

export function isDecodable(type: GgmlType): type is DecodableType {
  return Object.hasOwn(decoders, type) || Object.hasOwn(floats, type);
}

/** The values, f32, of whole blocks laid one after the other. */
export function dequantize(type: DecodableType, blocks: Uint8Array): Float32Array {
  if (type === 'BF16' || type === 'F16' || type === 'F32') return floats[type](new Uint8Array(blocks));
  const { values, bytes } = ggmlTypes[type];
  const nBlocks = blocks.length / bytes;
  const out = new Float32Array(nBlocks * values);
  const decode: Decoder = decoders[type];
  for (let block = 0; block < nBlocks; block++) decode(blocks, block * bytes, out, block * values);
  return out;
}

/** What one step of an f16's significand is worth, by its exponent; the smallest exponent shares the step of the next, without the hidden bit. */
const f16Steps = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));

function f16At(b: Uint8Array, at: number): number {
  const code = b[at] | (b[at + 1] << 8);
  const exponent = (code >> 10) & 31;
  const fraction = code & 1023;
  const sign = code & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * f16Steps[exponent] * (exponent ? 1024 + fraction : fraction);
}

function i8At(b: Uint8Array, at: number): number {
  return (b[at] << 24) >> 24;
}

/** f16 d; 16 bytes, low nibbles are the first half. */
function Q4_0(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at);
  for (let j = 0; j < 16; j++) {
    const q = b[at + 2 + j];
    out[o + j] = d * ((q & 15) - 8);
    out[o + 16 + j] = d * ((q >> 4) - 8);
  }
}

/** f16 d, m; codes as Q4_0. */
function Q4_1(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at);
  const m = f16At(b, at + 2);
  for (let j = 0; j < 16; j++) {
    const q = b[at + 4 + j];
    out[o + j] = d * (q & 15) + m;
    out[o + 16 + j] = d * (q >> 4) + m;
  }
}

/** f16 d; u32 with the fifth bit of each code; low four bits as Q4_0. */
function Q5_0(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at);
  const high = u32At(b, at + 2);
  for (let j = 0; j < 16; j++) {
    const q = b[at + 6 + j];
    out[o + j] = d * (((q & 15) | (((high >>> j) & 1) << 4)) - 16);
    out[o + 16 + j] = d * (((q >> 4) | (((high >>> (16 + j)) & 1) << 4)) - 16);
  }
}

/** f16 d, m; codes as Q5_0. */
function Q5_1(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at);
  const m = f16At(b, at + 2);
  const high = u32At(b, at + 4);
  for (let j = 0; j < 16; j++) {
    const q = b[at + 8 + j];
    out[o + j] = d * ((q & 15) | (((high >>> j) & 1) << 4)) + m;
    out[o + 16 + j] = d * ((q >> 4) | (((high >>> (16 + j)) & 1) << 4)) + m;
  }
}

function u32At(b: Uint8Array, at: number): number {
  return b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24);
}

/** f16 d; 32 signed bytes. */
function Q8_0(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at);
  for (let j = 0; j < 32; j++) out[o + j] = d * i8At(b, at + 2 + j);
}

/** 16 bytes of 4-bit scale and offset; 64 bytes, each of 32 holding four codes 32 apart; f16 d, m. */
function Q2_K(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at + 80);
  const m = f16At(b, at + 82);
  for (let j = 0; j < 16; j++) {
    const scale = d * (b[at + j] & 15);
    const offset = m * (b[at + j] >> 4);
    const codes = at + 16 + (j >> 3) * 32 + (j & 1) * 16;
    const shift = j & 6;
    for (let l = 0; l < 16; l++) out[o + 16 * j + l] = scale * ((b[codes + l] >> shift) & 3) - offset;
  }
}

/** 32 bytes of third bits, eight per byte; 64 bytes of codes as Q2_K; 12 bytes of 6-bit scales; f16 d. A third bit that is not set takes 4 off. */
function Q3_K(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at + 108);
  const scales = at + 96;
  for (let j = 0; j < 16; j++) {
    const low = (b[scales + (j & 7)] >> (j < 8 ? 0 : 4)) & 15;
    const high = (b[scales + 8 + (j & 3)] >> (2 * (j >> 2))) & 3;
    const scale = d * ((low | (high << 4)) - 32);
    const part = (j & 1) * 16;
    const codes = at + 32 + (j >> 3) * 32 + part;
    const shift = j & 6;
    for (let l = 0; l < 16; l++) {
      const third = (b[at + part + l] >> (j >> 1)) & 1;
      out[o + 16 * j + l] = scale * (((b[codes + l] >> shift) & 3) - (third ? 0 : 4));
    }
  }
}

/** f16 d, m; 12 bytes of 6-bit scales and offsets; 128 bytes, each 32 holding two runs of 32 codes. */
function Q4_K(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at);
  const m = f16At(b, at + 2);
  for (let j = 0; j < 8; j++) {
    const scale = d * kScale(b, at + 4, j);
    const offset = m * kOffset(b, at + 4, j);
    const codes = at + 16 + (j >> 1) * 32;
    const shift = (j & 1) * 4;
    for (let l = 0; l < 32; l++) out[o + 32 * j + l] = scale * ((b[codes + l] >> shift) & 15) - offset;
  }
}

/** As Q4_K, with 32 bytes of fifth bits between the scales and the codes. */
function Q5_K(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at);
  const m = f16At(b, at + 2);
  for (let j = 0; j < 8; j++) {
    const scale = d * kScale(b, at + 4, j);
    const offset = m * kOffset(b, at + 4, j);
    const codes = at + 48 + (j >> 1) * 32;
    const shift = (j & 1) * 4;
    for (let l = 0; l < 32; l++) {
      const q = ((b[codes + l] >> shift) & 15) | (((b[at + 16 + l] >> j) & 1) << 4);
      out[o + 32 * j + l] = scale * q - offset;
    }
  }
}

/** The 6-bit scale of sub-block j: the first four whole, the others from a nibble and the top bits of the first four. */
function kScale(b: Uint8Array, s: number, j: number): number {
  return j < 4 ? b[s + j] & 63 : (b[s + j + 4] & 15) | ((b[s + j - 4] >> 6) << 4);
}

function kOffset(b: Uint8Array, s: number, j: number): number {
  return j < 4 ? b[s + j + 4] & 63 : (b[s + j + 4] >> 4) | ((b[s + j] >> 6) << 4);
}

/** 128 bytes of low nibbles; 64 bytes of high bit pairs; 16 signed scales; f16 d. Each half of 128 values is cut into four runs of 32. */
function Q6_K(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at + 208);
  for (let j = 0; j < 16; j++) {
    const scale = d * i8At(b, at + 192 + j);
    const half = j >> 3;
    const run = (j >> 1) & 3;
    const part = (j & 1) * 16;
    const low = at + 64 * half + 32 * (run & 1) + part;
    const lowShift = (run >> 1) * 4;
    const high = at + 128 + 32 * half + part;
    const highShift = 2 * run;
    for (let l = 0; l < 16; l++) {
      const q = ((b[low + l] >> lowShift) & 15) | (((b[high + l] >> highShift) & 3) << 4);
      out[o + 16 * j + l] = scale * (q - 32);
    }
  }
}

const iq4Values = Float32Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

/** f16 d; codes as Q4_0, into a table of uneven steps. */
function IQ4_NL(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at);
  for (let j = 0; j < 16; j++) {
    const q = b[at + 2 + j];
    out[o + j] = d * iq4Values[q & 15];
    out[o + 16 + j] = d * iq4Values[q >> 4];
  }
}

/** f16 d; eight 6-bit scales, high bit pairs in a u16 and low nibbles in 4 bytes; 128 bytes, each 16 one run of IQ4_NL codes. */
function IQ4_XS(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at);
  const highs = b[at + 2] | (b[at + 3] << 8);
  for (let j = 0; j < 8; j++) {
    const low = (b[at + 4 + (j >> 1)] >> ((j & 1) * 4)) & 15;
    const scale = d * ((low | (((highs >> (2 * j)) & 3) << 4)) - 32);
    for (let l = 0; l < 16; l++) {
      const q = b[at + 8 + 16 * j + l];
      out[o + 32 * j + l] = scale * iq4Values[q & 15];
      out[o + 32 * j + 16 + l] = scale * iq4Values[q >> 4];
    }
  }
}

/** Five, or at the end four, base-3 digits a byte, as fractions of 256, the first digit on top: 32·5, 16·5 and 4·4 values; f16 d. */
function TQ1_0(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at + 52);
  o = ternary(b, at, 32, 5, d, out, o);
  o = ternary(b, at + 32, 16, 5, d, out, o);
  ternary(b, at + 48, 4, 4, d, out, o);
}

function ternary(b: Uint8Array, at: number, nBytes: number, digits: number, d: number, out: Float32Array, o: number): number {
  for (let digit = 0, power = 1; digit < digits; digit++, power *= 3)
    for (let j = 0; j < nBytes; j++) out[o++] = d * (((((b[at + j] * power) & 255) * 3) >> 8) - 1);
  return o;
}

/** 64 bytes, each of 32 holding four codes 32 apart; f16 d. */
function TQ2_0(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = f16At(b, at + 64);
  for (let j = 0; j < 8; j++) {
    const codes = at + (j >> 2) * 32;
    const shift = 2 * (j & 3);
    for (let l = 0; l < 32; l++) out[o + 32 * j + l] = d * (((b[codes + l] >> shift) & 3) - 1);
  }
}

/** Twice the values of a 4-bit float (E2M1). */
const e2m1Values = Float32Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

/** A byte of exponent; codes as Q4_0. */
function MXFP4(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  const d = 2 ** (b[at] - 128);
  for (let j = 0; j < 16; j++) {
    const q = b[at + 1 + j];
    out[o + j] = d * e2m1Values[q & 15];
    out[o + 16 + j] = d * e2m1Values[q >> 4];
  }
}

/** Four scales (unsigned E4M3), one per 16 values; 8 bytes each, low nibbles the first half. */
function NVFP4(b: Uint8Array, at: number, out: Float32Array, o: number): void {
  for (let j = 0; j < 4; j++) {
    const d = halfE4m3(b[at + j]);
    for (let l = 0; l < 8; l++) {
      const q = b[at + 4 + 8 * j + l];
      out[o + 16 * j + l] = d * e2m1Values[q & 15];
      out[o + 16 * j + 8 + l] = d * e2m1Values[q >> 4];
    }
  }
}

/** Half of an unsigned E4M3, since the table of codes is doubled; its one NaN counts as 0, as in ggml. */
function halfE4m3(byte: number): number {
  if (byte === 0x7f) return 0;
  const exponent = (byte >> 3) & 15;
  const fraction = byte & 7;
  return exponent === 0 ? fraction * 2 ** -10 : (8 + fraction) * 2 ** (exponent - 11);
}
