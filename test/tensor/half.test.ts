import { describe, expect, test } from 'vitest';
import { bf16ToF32, f16ToF32, f32ToBf16, f32ToF16 } from '../../src/tensor/half.ts';
import { createRandom } from '../../src/tensor/random.ts';

const kinds = {
  f16: { decode: f16ToF32, encode: f32ToF16, fractionBits: 10, exponentBias: 15, infinity: 0x7c00 },
  bf16: { decode: bf16ToF32, encode: f32ToBf16, fractionBits: 7, exponentBias: 127, infinity: 0x7f80 },
};
const allCodes = Uint16Array.from({ length: 65536 }, (_, code) => code);

describe.each(Object.entries(kinds))('%s', (_, { decode, encode, fractionBits, exponentBias, infinity }) => {
  const finite = Array.from({ length: infinity }, (_, code) => code);

  test('every code decodes to the number the format defines', () => {
    const values = decode(allCodes);
    for (const code of allCodes) {
      const sign = code & 0x8000 ? -1 : 1;
      const exponent = (code & 0x7fff) >> fractionBits;
      const fraction = (code & (2 ** fractionBits - 1)) / 2 ** fractionBits;
      const magnitude = exponent === 0 ? fraction * 2 ** (1 - exponentBias) : (1 + fraction) * 2 ** (exponent - exponentBias);
      const isSpecial = (code & infinity) === infinity;
      const expected = !isSpecial ? sign * magnitude : fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
      if (!Object.is(values[code], expected)) expect.fail(`code ${code} decodes to ${values[code]}, not ${expected}`);
    }
    expect(values).toHaveLength(65536);
  });

  test('every code survives decoding and encoding; a NaN stays a NaN of its sign', () => {
    const codes = encode(decode(allCodes));
    const same = allCodes.filter((code) => (code & 0x7fff) <= infinity);
    expect(Array.from(same, (code) => codes[code])).toEqual(Array.from(same));
    const nans = Array.from(allCodes).filter((code) => (code & 0x7fff) > infinity);
    expect(nans.every((code) => (codes[code] & 0x7fff) > infinity && (codes[code] & 0x8000) === (code & 0x8000))).toBe(true);
  });

  test('a NaN of which only the lowest bits say that it is none of the infinities stays a NaN', () => {
    const codes = encode(new Float32Array(Uint32Array.of(0x7f800001, 0xff800001, 0x7fffffff).buffer));
    expect(codes.every((code) => (code & 0x7fff) > infinity)).toBe(true);
  });

  test('between two neighbours the nearer is taken, and in the middle the even one', () => {
    const values = decode(allCodes);
    const step = decode(Uint16Array.of(infinity - 1))[0] - decode(Uint16Array.of(infinity - 2))[0];
    const upper = (code: number) => (code + 1 === infinity ? values[code] + step : values[code + 1]);
    const middles = Float64Array.from(finite, (code) => (values[code] + upper(code)) / 2);
    const nearBelow = neighbours(Float32Array.from(middles), -1);
    const nearAbove = neighbours(Float32Array.from(middles), 1);
    const isExact = (code: number) => Math.fround(middles[code]) === middles[code];
    expect(finite.filter(isExact).length).toBeGreaterThan(infinity - 3);
    for (const sign of [1, -1]) {
      const signBit = sign < 0 ? 0x8000 : 0;
      const [below, middle, above] = [nearBelow, middles, nearAbove].map((at) => encode(Float32Array.from(at, (x) => sign * x)));
      for (const code of finite.filter(isExact)) {
        if (below[code] !== (code | signBit)) expect.fail(`below the middle of ${code}: ${below[code]}`);
        if (middle[code] !== ((code + (code & 1)) | signBit)) expect.fail(`middle of ${code}: ${middle[code]}`);
        if (above[code] !== ((code + 1) | signBit)) expect.fail(`above the middle of ${code}: ${above[code]}`);
      }
    }
  });

  test('f32 numbers beyond the range become infinite, tiny ones become a zero of their sign', () => {
    expect(Array.from(encode(Float32Array.of(3.4e38, -3.4028235e38, Number.NEGATIVE_INFINITY, 1e-45, -1e-45)))).toEqual([
      infinity === 0x7c00 ? 0x7c00 : 0x7f80,
      0x8000 | infinity,
      0x8000 | infinity,
      0,
      0x8000,
    ]);
  });

  test('arrays that begin inside a buffer are converted, into the array given', () => {
    const random = createRandom(3);
    const values = Float32Array.from({ length: 40 }, () => random.gaussian());
    const target = new Uint16Array(50).subarray(7, 40);
    expect(encode(values.subarray(3, 36), target)).toBe(target);
    expect(Array.from(target)).toEqual(Array.from(encode(values)).slice(3, 36));
    const back = new Float32Array(60).subarray(5, 38);
    expect(Array.from(decode(target, back))).toEqual(Array.from(decode(encode(values))).slice(3, 36));
  });
});

/** The next f32 up or down from each. */
function neighbours(values: Float32Array, direction: 1 | -1): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  return new Float32Array(bits.map((b) => b + direction).buffer);
}
