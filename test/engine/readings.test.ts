import { expect, it } from 'vitest';
import type { BlockValues } from '../../src/engine/gradient-walk.ts';
import { curvature, gramNorm, squaredNorm, type WriteNumber } from '../../src/engine/readings.ts';
import type { Linear } from '../../src/families/family.ts';
import { evaluateGraph } from '../../src/graph/evaluate.ts';
import { buildGraph, type Value } from '../../src/graph/ir.ts';
import { createRandom } from '../../src/tensor/random.ts';

const linear: Linear = { tensor: 'w', block: 0, kind: 'w', out: 5, in: 9, input: 'x' };

/** What is read where the outputs have the gradients D, the inputs are X, and these their tangents; G = DᵀX. */
function read(write: WriteNumber, length: number, seed: number) {
  const graph = buildGraph((builder) => {
    const input = (name: string, rows: number, cols: number): Value => builder.input(name, [rows, cols]);
    const [d, x, dTangent, xTangent, z] = [
      input('d', length, 5),
      input('x', length, 9),
      input("d'", length, 5),
      input("x'", length, 9),
      input('z', 5, 9),
    ];
    const values: BlockValues = {
      gradient: () => builder.op('matmul', [d, x], { transA: true, transB: false }),
      outputGradient: () => d,
      outputGradientTangent: () => dTangent,
      input: () => x,
      inputTangent: () => xTangent,
      probe: () => z,
    };
    builder.output('number', write(builder, values, linear));
  });
  const random = createRandom(seed);
  const feeds = Object.fromEntries(
    graph.inputs.map(({ name, value: { shape } }) => [name, Float64Array.from({ length: shape[0] * shape[1] }, () => random.gaussian())]),
  );
  return { number: evaluateGraph(graph, feeds, {}).number[0], feeds };
}

/** Aᵀ·B */
function product(a: Float64Array, b: Float64Array, rows: number): number[] {
  const [n, m] = [a.length / rows, b.length / rows];
  return Array.from({ length: n * m }, (_, i) => {
    let sum = 0;
    for (let t = 0; t < rows; t++) sum += a[t * n + Math.floor(i / m)] * b[t * m + (i % m)];
    return sum;
  });
}

const squares = (values: number[]) => values.reduce((sum, value) => sum + value ** 2, 0);

it.each([1, 4, 13])('the Gram form of a squared norm is that of the gradient itself within 1e-10, over %i positions', (length) => {
  const { number, feeds } = read(gramNorm, length, length);
  expect(Math.abs(number / squares(product(feeds.d, feeds.x, length)) - 1)).toBeLessThan(1e-10);
});

it('the squared norm is the sum of the squares of the gradient', () => {
  const { number, feeds } = read(squaredNorm, 6, 1);
  expect(number).toBeCloseTo(squares(product(feeds.d, feeds.x, 6)), 8);
});

it('the curvature is the product of the probe with the tangent of the gradient', () => {
  const { number, feeds } = read(curvature, 7, 3);
  const tangents = product(feeds["d'"], feeds.x, 7).map((value, i) => value + product(feeds.d, feeds["x'"], 7)[i]);
  expect(number).toBeCloseTo(
    tangents.reduce((sum, value, i) => sum + value * feeds.z[i], 0),
    8,
  );
});
