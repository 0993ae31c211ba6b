import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { reverse } from '../../src/graph/reverse.ts';
import { tangent } from '../../src/graph/tangent.ts';
import { worstDifference } from '../support/reference.ts';
import { attention, cases, drawFeeds, generator, graphOf, type Numbers } from './cases.ts';

const nothing = {};

describe('every operation', () => {
  it.each(cases)('%s: its tangent is the finite difference along a random direction', (_, graph) => {
    const { feeds, directions, names } = draw(graph);
    const { "y'": slope } = evaluateGraph(tangent(graph, { along: names }), { ...feeds, ...primed(directions) }, nothing);
    expect(worstDifference(slope!, difference(graph, feeds, directions, 'y'))).toBeLessThan(1e-7);
  });

  it.each(cases)('%s: the tangent along each input alone adds up to that along all of them', (_, graph) => {
    const { feeds, directions, names } = draw(graph);
    const along = (some: string[]) => evaluateGraph(tangent(graph, { along: some }), { ...feeds, ...primed(directions) }, nothing)["y'"]!;
    const alone = names.map((name) => along([name]));
    expect(
      worstDifference(
        along(names).map((_, i) => total(alone.map((one) => one[i]))),
        along(names),
      ),
    ).toBeLessThan(1e-12);
  });

  it.each(cases)('%s: its cotangents are dual to its tangent', (_, graph) => {
    expectDual(graph);
  });

  it.each(cases)('%s: the tangent of its cotangents is their finite difference', (_, graph) => {
    const { feeds, directions, names, cotangent, cotangentDirection } = draw(graph);
    const back = reverse(graph, { of: ['y'], wrt: names });
    const there = { ...feeds, '∂y': cotangent };
    const moved = { ...directions, '∂y': cotangentDirection };
    const along = Object.keys(moved).filter((name) => back.inputs.some((input) => input.name === name));
    const slopes = evaluateGraph(tangent(back, { along }), { ...there, ...primed(moved) }, nothing);
    for (const name of names)
      expect(worstDifference(slopes[`∂${name}'`]!, difference(back, there, moved, `∂${name}`)), name).toBeLessThan(1e-6);
  });

  it.each(cases)('%s: its second derivative is symmetric', (_, graph) => {
    const { feeds, directions: u, names, cotangent, random } = draw(graph);
    const v = drawDirections(graph, names, random);
    const along = names;
    const twice = tangent(reverse(graph, { of: ['y'], wrt: names }), { along });
    const product = (direction: Numbers, other: Numbers) => {
      const slopes = evaluateGraph(twice, { ...feeds, '∂y': cotangent, ...primed(direction) }, nothing);
      return total(names.map((name) => inner(slopes[`∂${name}'`]!, other[name])));
    };
    const [uv, vu] = [product(v, u), product(u, v)];
    expect(uv).toBeCloseTo(vu, 9);
  });
});

describe('derived graphs', () => {
  const [, graph] = cases.find(([name]) => name === 'attention 2')!;
  const { feeds, names, directions: u, cotangent, cotangentDirection, random } = draw(graph);
  const v = drawDirections(graph, names, random);
  const back = reverse(graph, { of: ['y'], wrt: names });
  const blend = (a: Float64Array, b: Float64Array) => a.map((x, i) => 2 * x - 3 * b[i]);

  it('are linear in the cotangent', () => {
    const pulled = (one: Float64Array) => evaluateGraph(back, { ...feeds, '∂y': one }, nothing)['∂k']!;
    const both = blend(pulled(cotangent), pulled(cotangentDirection));
    expect(worstDifference(pulled(blend(cotangent, cotangentDirection)), both)).toBeLessThan(1e-12);
  });

  it('are linear in the tangent', () => {
    const forth = tangent(graph, { along: names });
    const pushed = (one: Numbers) => evaluateGraph(forth, { ...feeds, ...primed(one) }, nothing)["y'"]!;
    const mixed = Object.fromEntries(names.map((name) => [name, blend(u[name], v[name])]));
    expect(worstDifference(pushed(mixed), blend(pushed(u), pushed(v)))).toBeLessThan(1e-12);
  });

  it.each(cases)('%s: reverse over reverse is forward over reverse', (_, graph) => {
    const { feeds, names, directions, cotangent } = draw(graph);
    const back = reverse(graph, { of: ['y'], wrt: names });
    // The first gradients go by other names in the second graph, whose own would be the same.
    const renamed = {
      ...back,
      outputs: back.outputs.filter(({ name }) => name !== 'y').map((output) => ({ ...output, name: `g${output.name}` })),
    };
    const twice = reverse(renamed, { of: names.map((name) => `g∂${name}`), wrt: names });
    const seeds = Object.fromEntries(names.map((name) => [`∂g∂${name}`, directions[name]]));
    const products = evaluateGraph(twice, { ...feeds, '∂y': cotangent, ...seeds }, nothing);
    const forward = evaluateGraph(tangent(back, { along: names }), { ...feeds, '∂y': cotangent, ...primed(directions) }, nothing);
    for (const name of names) expect(worstDifference(products[`∂${name}`]!, forward[`∂${name}'`]!), name).toBeLessThan(1e-9);
  });
});

describe('at any size', () => {
  const size = (most: number) => fc.integer({ min: 1, max: most });

  it('attention pulls back what it pushes forward', () => {
    fc.assert(
      fc.property(size(80), size(2), size(3), size(3), size(90), (length, kvHeads, group, dim, window) =>
        expectDual(graphOf(attention([length, kvHeads * group, kvHeads, dim, window]))),
      ),
      { numRuns: 20 },
    );
  });

  it('products pull back what they push forward', () => {
    fc.assert(
      fc.property(size(9), size(9), size(9), size(9), fc.boolean(), fc.boolean(), (batch, n, k, m, transA, transB) => {
        const [a, b] = [transA ? [k, n] : [n, k], transB ? [m, k] : [k, m]];
        expectDual(graphOf((graph, x) => graph.op('matmul', [x('a', batch, ...a), x('b', batch, ...b)], { transA, transB })));
        expectDual(graphOf((graph, x) => graph.op('linear', [x('x', n, k), x('w', m, k), x('b', m)], {})));
      }),
      { numRuns: 50 },
    );
  });
});

function expectDual(graph: Graph): void {
  const { feeds, directions, names, cotangent } = draw(graph);
  const { "y'": slope } = evaluateGraph(tangent(graph, { along: names }), { ...feeds, ...primed(directions) }, nothing);
  const pulled = evaluateGraph(reverse(graph, { of: ['y'], wrt: names }), { ...feeds, '∂y': cotangent }, nothing);
  expect(total(names.map((name) => inner(pulled[`∂${name}`]!, directions[name])))).toBeCloseTo(inner(cotangent, slope!), 8);
}

function draw(graph: Graph) {
  const random = generator(graph.nodes.length + graph.inputs.length);
  const feeds = drawFeeds(graph, random);
  const names = graph.inputs.filter(({ value }) => value.type === 'f32').map(({ name }) => name);
  const size = evaluateGraph(graph, feeds, nothing).y!.length;
  const signed = () => Float64Array.from({ length: size }, () => 2 * random() - 1);
  return { feeds, names, directions: drawDirections(graph, names, random), cotangent: signed(), cotangentDirection: signed(), random };
}

function drawDirections(graph: Graph, names: readonly string[], random: () => number): Numbers {
  const feeds = drawFeeds(graph, random);
  return Object.fromEntries(names.map((name) => [name, feeds[name].map(() => 2 * random() - 1)]));
}

/** The slope of one output by differences to both sides, of which the errors of the lowest two orders cancel. */
function difference(graph: Graph, feeds: Numbers, directions: Numbers, output: string): Float64Array {
  const at = (step: number) => {
    const moved = Object.entries(feeds).map(([name, data]) => [
      name,
      directions[name] ? data.map((x, i) => x + step * directions[name][i]) : data,
    ]);
    return evaluateGraph(graph, Object.fromEntries(moved), nothing)[output]!;
  };
  const step = 1e-3;
  const [near, far] = [step, 2 * step].map((h) => [at(h), at(-h)] as const) as [[Float64Array, Float64Array], [Float64Array, Float64Array]];
  return near[0].map((_, i) => (8 * (near[0][i] - near[1][i]) - (far[0][i] - far[1][i])) / (12 * step));
}

function primed(directions: Numbers): Numbers {
  return Object.fromEntries(Object.entries(directions).map(([name, data]) => [`${name}'`, data]));
}

function inner(a: Float64Array, b: Float64Array): number {
  return total(Array.from(a, (x, i) => x * b[i]));
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
