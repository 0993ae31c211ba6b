/** Rounds a solved weight to the file's dtype so that it has exactly the zeros its mask says. */

import { SecateurError } from '../error.ts';
import { bf16ToF32, f16ToF32, f32ToBf16, f32ToF16 } from '../tensor/half.ts';
import type { Mask, Matrix } from '../tensor/matrix.ts';

export type StoredType = 'bf16' | 'f16' | 'f32';

export interface SettleInput {
  /** The tensor's name, for errors. */
  readonly name: string;
  /** f32 `[out, in]`; not changed. */
  readonly weight: Matrix;
  readonly mask: Mask;
  readonly type: StoredType;
}

export interface Settled {
  /** The weight in its dtype, as the file holds it. */
  readonly bytes: Uint8Array;
  /** The same as f32 `[out, in]`. */
  readonly weight: Matrix;
  /** Kept weights that would have become zero and were made the smallest that is not. */
  readonly nudged: number;
}

type Codes = Uint16Array | Uint32Array;

interface Format {
  readonly encode: (values: Float32Array) => Codes;
  readonly decode: (codes: Codes) => Float32Array;
  /** Bits of infinity; those above them are NaN, and the one bit above all is the sign. */
  readonly infinity: number;
  /** What a kept zero becomes: the smallest normal, since many kernels flush smaller ones, but f16's smallest of all, for 6e-5 would be a weight. */
  readonly smallest: number;
}

const formats: Record<StoredType, Format> = {
  bf16: { encode: f32ToBf16, decode: (codes) => bf16ToF32(codes as Uint16Array), infinity: 0x7f80, smallest: 0x0080 },
  f16: { encode: f32ToF16, decode: (codes) => f16ToF32(codes as Uint16Array), infinity: 0x7c00, smallest: 0x0001 },
  f32: {
    encode: (values) => new Uint32Array(values.slice().buffer),
    decode: (codes) => new Float32Array(codes.buffer.slice(0)),
    infinity: 0x7f800000,
    smallest: 0x00800000,
  },
};

/**
 * Pruned weights become +0. A kept weight that is zero, or rounds to it, becomes the smallest number of its sign instead.
 *
 * @throws `NOT_FINITE` when a kept weight is NaN, infinite or too large for the dtype
 */
export function settle({ name, weight, mask, type }: SettleInput): Settled {
  const { encode, decode, infinity, smallest } = formats[type];
  const codes = encode(weight.data);
  const magnitudeBits = 2 ** (8 * codes.BYTES_PER_ELEMENT - 1) - 1;
  let nudged = 0;
  for (let i = 0; i < codes.length; i++) {
    const magnitude = codes[i] & magnitudeBits;
    if (mask.data[i] === 0) codes[i] = 0;
    else if (magnitude >= infinity) throw notFinite(name, weight, i, type);
    else if (magnitude === 0) {
      codes[i] |= smallest;
      nudged++;
    }
  }
  const bytes = new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
  return { bytes, weight: { ...weight, data: decode(codes) }, nudged };
}

function notFinite(name: string, { cols, data }: Matrix, at: number, type: StoredType): SecateurError {
  const place = `[${Math.floor(at / cols)}, ${at % cols}]`;
  return new SecateurError(
    'NOT_FINITE',
    `${name}: the pruned weight at ${place} is ${data[at]}, which ${type} cannot hold`,
    'Raise damping, or calibrate on more tokens.',
  );
}
