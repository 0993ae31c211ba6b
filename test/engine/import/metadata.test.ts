import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asDecimal, getCount, getFlag, getNumber, getNumbers, getText, getTexts, need } from '../../../src/engine/import/metadata.ts';
import { ggufFile } from './gguf-file.ts';

test('a getter gives what is there, and nothing for what is not', () => {
  const file = ggufFile({ text: 'a', number: 0.5, count: 3, flag: false, texts: ['a', 'b'], numbers: Int32Array.of(1, 2) });
  expect(getText(file, 'text')).toBe('a');
  expect(getNumber(file, 'number')).toBe(0.5);
  expect(getCount(file, 'count')).toBe(3);
  expect(getFlag(file, 'flag')).toBe(false);
  expect(getTexts(file, 'texts')).toEqual(['a', 'b']);
  expect(getNumbers(file, 'numbers')).toEqual(Int32Array.of(1, 2));
  expect(getText(file, 'none')).toBeUndefined();
});

test.each([
  [getText, 1, 'k is 1, not a text'],
  [getNumber, Number.POSITIVE_INFINITY, 'k is Infinity, not a finite number'],
  [getNumber, 2n ** 60n, 'k is 1152921504606846976, not a finite number'],
  [getCount, 0.5, 'k is 0.5, not a whole number'],
  [getCount, -1, 'k is -1, not a whole number'],
  [getFlag, 'yes', 'k is yes, not true or false'],
  [getTexts, [1], 'k is a list, not a list of texts'],
  [getNumbers, BigInt64Array.of(1n), 'k is a list, not a list of numbers'],
])('%o refuses %s', (getter, value, message) => {
  expect(() => getter(ggufFile({ k: value }), 'k')).toThrow(expect.objectContaining({ code: 'BAD_FILE', message: `m.gguf: ${message}` }));
});

test('what is needed and missing is named', () => {
  expect(() => need(ggufFile({}), 'k', getText)).toThrow(expect.objectContaining({ code: 'BAD_FILE', message: 'm.gguf: k is missing' }));
});

test('a decimal that was stored as f32 comes back as it was written', () => {
  expect([1e-5, 1e-6, 0.1, 1e6, 3e-6, 500_000, 2.5].map((value) => asDecimal(Math.fround(value)))).toEqual([
    1e-5, 1e-6, 0.1, 1e6, 3e-6, 500_000, 2.5,
  ]);
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Math.fround(asDecimal(value))).toBe(value + 0);
    }),
  );
});
