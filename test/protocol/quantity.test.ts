import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatRough, formatShare } from '../../src/protocol/quantity.ts';

describe('quantities', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1 k'],
    [1_369_728, '1.37 M'],
    [134_515_008, '135 M'],
    [999_900_000, '1 B'],
    [7_241_732_096, '7.24 B'],
    [70_600_000_000, '70.6 B'],
    [1_040_000_000_000, '1.04 T'],
  ])('%d parameters are %s', (count, text) => {
    expect(formatRough(count)).toBe(text);
  });

  it.each([
    [7, '0:07'],
    [750, '12:30'],
    [11_100, '3:05:00'],
    [59.6, '1:00'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [2_745_456, '2.62 MiB'],
    [2 ** 30 * 1.25, '1.25 GiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('are written with groups of three, and shares in hundredths of a percent', () => {
    expect(formatCount(134_515_008)).toBe('134,515,008');
    expect(formatShare(0.5)).toBe('50.00 %');
  });
});
