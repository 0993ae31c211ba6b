import { describe, expect, it } from 'vitest';
import { contrast, inkOn, type Rgb, scaleRgb, toOklab } from '../../../webview/kit/colour.ts';

const steps = Array.from({ length: 33 }, (_, i) => i / 32);

/** What someone without the long- or middle-wave cones sees, severity 1, in linear light (Machado, Oliveira and Fernandes 2009). */
const deficiencies: Record<string, readonly (readonly number[])[]> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

function seenBy(rgb: Rgb, matrix: readonly (readonly number[])[]): Rgb {
  const linear = rgb.map((byte) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4));
  return matrix.map((row) => {
    const light = Math.min(1, Math.max(0, row[0] * linear[0] + row[1] * linear[1] + row[2] * linear[2]));
    return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
  }) as unknown as Rgb;
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(...a.map((x, i) => x - b[i]));

describe('the colour scale', () => {
  it('rises evenly in lightness', () => {
    const rises = steps.slice(1).map((t, i) => toOklab(scaleRgb(t))[0] - toOklab(scaleRgb(steps[i]))[0]);
    for (const rise of rises) expect(Math.abs(rise - 0.62 / 32)).toBeLessThan(0.004);
  });

  it('changes by nearly the same amount at every step', () => {
    const changes = steps.slice(1).map((t, i) => distance(toOklab(scaleRgb(t)), toOklab(scaleRgb(steps[i]))));
    expect(Math.max(...changes) / Math.min(...changes)).toBeLessThan(1.6);
  });

  it.each(Object.entries(deficiencies))('keeps its order and its steps under %s', (_name, matrix) => {
    const seen = steps.map((t) => toOklab(seenBy(scaleRgb(t), matrix)));
    for (let i = 1; i < seen.length; i++) {
      expect(seen[i][0]).toBeGreaterThan(seen[i - 1][0]);
      expect(distance(seen[i], seen[i - 1])).toBeGreaterThan(0.012);
    }
  });

  it('has figures that can be read on each of its colours', () => {
    for (let i = 0; i <= 255; i++) {
      const ink: Rgb = inkOn(i / 255) === '#000' ? [0, 0, 0] : [255, 255, 255];
      expect(contrast(scaleRgb(i / 255), ink)).toBeGreaterThan(4.5);
    }
  });
});

describe('toOklab', () => {
  it('knows white, black and a red of the definition', () => {
    expect(toOklab([255, 255, 255]).map((x) => Math.round(x * 1000) / 1000 + 0)).toEqual([1, 0, 0]);
    expect(toOklab([0, 0, 0])).toEqual([0, 0, 0]);
    expect(toOklab([255, 0, 0])[0]).toBeCloseTo(0.628, 3);
  });
});
