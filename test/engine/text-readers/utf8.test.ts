import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeUtf8 } from '../../../src/engine/text-readers/utf8.ts';

const isWellFormed = (bytes: Uint8Array) => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};

/** Bytes near the edges of the table of well-formed sequences. */
const edgy = fc.constantFrom(
  0x41,
  0x7f,
  0x80,
  0x8f,
  0x90,
  0x9f,
  0xa0,
  0xbf,
  0xc0,
  0xc1,
  0xc2,
  0xdf,
  0xe0,
  0xe1,
  0xec,
  0xed,
  0xee,
  0xef,
  0xf0,
  0xf1,
  0xf3,
  0xf4,
  0xf5,
  0xff,
);

it('gives back any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(decodeUtf8(new TextEncoder().encode(text), 'a.txt')).toBe(text.replace(/^\ufeff/, ''));
    }),
  );
});

it('names the first byte that begins no well-formed sequence', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.array(edgy, { maxLength: 8 }), (text, tail) => {
      const bytes = Uint8Array.from([...new TextEncoder().encode(text), ...tail]);
      if (isWellFormed(bytes)) return;
      let at = -1;
      try {
        decodeUtf8(bytes, 'a.txt', 1000);
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_FILE' });
        at = Number(/^a\.txt: byte (\d+) /.exec((error as Error).message)![1]) - 1000;
      }
      // What comes before is text, and no longer beginning is.
      expect(isWellFormed(bytes.subarray(0, at))).toBe(true);
      for (let length = 1; length <= 4 && at + length <= bytes.length; length++)
        expect(isWellFormed(bytes.subarray(at, at + length))).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

it('shows the byte as a person would look for it', () => {
  expect(() => decodeUtf8(Uint8Array.of(0x61, 0xe9, 0x20), 'latin.txt')).toThrow('latin.txt: byte 1 (0xE9) is not UTF-8');
});
