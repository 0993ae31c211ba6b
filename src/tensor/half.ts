/** Converts between f32 and the 16-bit floats of checkpoints, whole arrays at a time. */

const f32Infinity = 0x7f800000;
const f16Infinity = 0x7c00;
/** Moves an f16 exponent, read as that of an f32, to its true place: 2^(127 - 15). */
const f16Scale = 2 ** 112;
/** The smallest f32 that rounds to an infinite f16: 65520, half-way between 65504 and the 65536 that f16 lacks. */
const f16OverflowBits = 0x477ff000;
/** The smallest normal f16, 2^-14, as f32 bits; below it f16 steps by 2^-24. */
const f16NormalBits = 0x38800000;
/** Adding and taking away 2^52 rounds a small f64 to the nearest integer, ties to even. */
const roundToInteger = 2 ** 52;

/** bf16 codes → f32, exact. */
export function bf16ToF32(codes: Uint16Array, values = new Float32Array(codes.length)): Float32Array {
  const bits = bitsOf(values);
  for (let i = 0; i < codes.length; i++) bits[i] = codes[i] << 16;
  return values;
}

/** f32 → bf16 codes, to nearest, ties to even; what is beyond the largest bf16 becomes infinite, NaN stays NaN. */
export function f32ToBf16(values: Float32Array, codes = new Uint16Array(values.length)): Uint16Array {
  const bits = bitsOf(values);
  for (let i = 0; i < values.length; i++) {
    const b = bits[i];
    codes[i] = (b & 0x7fffffff) > f32Infinity ? (b >>> 16) | 0x40 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
  return codes;
}

/** f16 codes → f32, exact, subnormals included. */
export function f16ToF32(codes: Uint16Array, values = new Float32Array(codes.length)): Float32Array {
  const bits = bitsOf(values);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    const magnitude = code & 0x7fff;
    if (magnitude >= f16Infinity) {
      bits[i] = ((code & 0x8000) << 16) | f32Infinity | ((magnitude & 0x3ff) << 13);
      continue;
    }
    bits[i] = magnitude << 13;
    values[i] *= f16Scale;
    bits[i] |= (code & 0x8000) << 16;
  }
  return values;
}

/** f32 → f16 codes, to nearest, ties to even; from 65520 on infinite, NaN stays NaN. */
export function f32ToF16(values: Float32Array, codes = new Uint16Array(values.length)): Uint16Array {
  const bits = bitsOf(values);
  for (let i = 0; i < values.length; i++) {
    const magnitude = bits[i] & 0x7fffffff;
    const sign = (bits[i] >>> 16) & 0x8000;
    if (magnitude > f32Infinity) codes[i] = sign | 0x7e00 | ((magnitude >>> 13) & 0x3ff);
    else if (magnitude >= f16OverflowBits) codes[i] = sign | f16Infinity;
    else if (magnitude >= f16NormalBits) codes[i] = sign | ((magnitude - (112 << 23) + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
    else codes[i] = sign | (Math.abs(values[i]) * 2 ** 24 + roundToInteger - roundToInteger);
  }
  return codes;
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
