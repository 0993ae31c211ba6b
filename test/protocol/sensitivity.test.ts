import { describe, expect, it } from 'vitest';
import type { Sensitivity } from '../../src/methods/sensitivity.ts';
import { sensitivityFormat as format, parseSensitivity } from '../../src/protocol/sensitivity.ts';

const curve = [
  { sparsity: 0.4, error: 0.1 },
  { sparsity: 0.8, error: 0.5 },
];
const sensitivity: Sensitivity = {
  method: 'scan',
  gives: 'loss',
  unit: 'nats a token',
  matrices: [
    { name: 'a', value: 0.2, standardError: 0.1, curve },
    { name: 'b', value: -0.1, curve },
  ],
  joint: [{ predicted: 0.3, kl: 0.4, nll: 0.35 }],
  description: 'a text',
};
const withCurve = (points: unknown) => ({ ...sensitivity, matrices: [{ name: 'a', value: 0.2, curve: points }] });

describe('a sensitivity from a file', () => {
  it('is what was written', () => {
    expect(parseSensitivity(JSON.parse(JSON.stringify({ format, sensitivity })))).toEqual(sensitivity);
  });

  it('is refused where it is of another format, or bare', () => {
    expect([{ format: format + 1, sensitivity }, sensitivity, null].map(parseSensitivity)).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['not a number', { ...sensitivity, matrices: [{ name: 'a', value: null }] }],
    ['not finite', { ...sensitivity, matrices: [{ name: 'a', value: Infinity }] }],
    ['a loss without a curve', { ...sensitivity, matrices: [{ name: 'a', value: 0.2 }] }],
    ['of no known kind', { ...sensitivity, gives: 'everything' }],
    ['a curve without points', withCurve([])],
    ['a curve that turns back', withCurve(curve.toReversed())],
    ['a curve with two points at one sparsity', withCurve([curve[0], curve[0]])],
    ['a curve from 0 on', withCurve([{ sparsity: 0, error: 0 }])],
  ])('is refused where it is %s', (_, damaged) => {
    expect(parseSensitivity({ format, sensitivity: damaged })).toBeUndefined();
  });
});
