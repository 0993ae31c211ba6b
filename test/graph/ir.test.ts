import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../../src/graph/evaluate.ts';
import { buildGraph, type Graph, inline } from '../../src/graph/ir.ts';
import { reverse } from '../../src/graph/reverse.ts';
import { tangent } from '../../src/graph/tangent.ts';
import { cases, drawFeeds, generator } from './cases.ts';

/** y = x·Wᵀ over two rows of a tensor, and z = y∘y. */
const small = buildGraph((graph) => {
  const y = graph.op('linear', [graph.input('x', [2, 3]), graph.parameter('w', [2, 3], 1)], {});
  graph.output('y', y);
  graph.output('z', graph.op('mul', [y, y], {}));
});
const x = [1, 2, 3, -1, 0.5, 2];
const w = [9, 9, 9, 0.5, -1, 2, 1, 1, -0.25];

describe('inline', () => {
  it.each(cases)('%s: a graph written into another computes the same', (_, graph) => {
    const feeds = drawFeeds(graph, generator(5));
    expect(evaluateGraph(whole(graph), feeds, {})).toEqual(evaluateGraph(graph, feeds, {}));
  });

  it('keeps constants, and makes one parameter of the same rows of the same tensor', () => {
    const twice = buildGraph((graph) => {
      const input = graph.input('x', [2, 3]);
      const first = inline(graph, small, { x: input });
      const second = inline(graph, small, { x: graph.op('add', [input, graph.constant(Float32Array.of(1, 2, 3), [3])], {}) });
      graph.output('sum', graph.op('add', [first.z, second.z], {}));
    });
    expect(twice.parameters).toHaveLength(1);
    const shifted = x.map((value, i) => value + 1 + (i % 3));
    const z = (input: number[]) => evaluateGraph(small, { x: input }, { w }).z!;
    expect(evaluateGraph(twice, { x }, { w }).sum).toEqual(z(x).map((value, i) => value + z(shifted)[i]));
  });

  it('lets reductions be appended to a derived graph', () => {
    const back = reverse(small, { of: ['z'], wrt: ['w'] });
    const norm = buildGraph((graph) => {
      const inputs = { x: graph.input('x', [2, 3]), '∂z': graph.input('∂z', [2, 2]) };
      const gradient = inline(graph, back, inputs)['∂w'];
      graph.output('norm', graph.op('sumTo', [graph.op('mul', [gradient, gradient], {})], { shape: [1] }));
    });
    const feeds = { x, '∂z': [1, 2, 3, 4] };
    const gradient = evaluateGraph(back, feeds, { w })['∂w']!;
    expect(evaluateGraph(norm, feeds, { w }).norm![0]).toBeCloseTo(
      gradient.reduce((sum, value) => sum + value * value, 0),
      9,
    );
  });

  it('refuses a missing input, and one of another shape', () => {
    expect(() => buildGraph((graph) => void inline(graph, small, {}))).toThrow('x: nothing for [2, 3]');
    expect(() => buildGraph((graph) => void inline(graph, small, { x: graph.input('x', [3, 2]) }))).toThrow('x: f32 [3, 2] for [2, 3]');
  });
});

describe('names', () => {
  it('are taken once, for inputs and for outputs', () => {
    expect(() =>
      buildGraph((graph) => {
        graph.input('x', [1]);
        graph.input('x', [1]);
      }),
    ).toThrow('two inputs or two outputs named x');
  });

  it('of derived graphs are those of what they are derived from, marked', () => {
    const back = reverse(small, { of: ['z'], wrt: ['w', 'x'] });
    expect(back.inputs.map(({ name }) => name)).toEqual(['x', '∂z']);
    expect(back.outputs.map(({ name }) => name)).toEqual(['y', 'z', '∂w', '∂x']);
    const forth = tangent(back, { along: ['w', '∂z'] });
    expect(forth.inputs.map(({ name }) => name)).toEqual(['x', '∂z', "w'", "∂z'"]);
    expect(forth.outputs.map(({ name }) => name)).toEqual(['y', 'z', '∂w', '∂x', "y'", "z'", "∂w'", "∂x'"]);
  });

  it('that a derivative cannot be taken along are refused', () => {
    const slices = buildGraph((graph) => {
      const rows = [0, 1].map((from) => graph.parameter('w', [1, 3], from));
      graph.output('y', graph.op('linear', [graph.input('x', [2, 3]), graph.op('add', [rows[0], rows[1]], {})], {}));
    });
    expect(() => reverse(slices, { of: ['y'], wrt: ['w'] })).toThrow('2 inputs and parameters of the graph are named w');
    expect(() => tangent(slices, { along: ['v'] })).toThrow('0 inputs and parameters of the graph are named v');
    expect(() => reverse(slices, { of: ['q'], wrt: ['x'] })).toThrow('the graph has no output q');
    const picks = cases.find(([name]) => name === 'pick 0')![1];
    expect(() => tangent(picks, { along: ['ids'] })).toThrow('ids holds whole numbers');
  });
});

describe('what does not depend', () => {
  const graph = buildGraph((builder) => {
    const [a, b] = ['a', 'b'].map((name) => builder.input(name, [2, 3])) as [never, never];
    builder.output('y', builder.op('silu', [a], {}));
    builder.output('z', builder.op('silu', [b], {}));
  });
  const feeds = { a: x, b: x, '∂y': x, "a'": x };

  it('gets a cotangent of zeros', () => {
    const gradients = evaluateGraph(reverse(graph, { of: ['y'], wrt: ['a', 'b'] }), feeds, {});
    expect(gradients['∂b']).toEqual(new Float64Array(6));
    expect(gradients['∂a']).not.toContain(0);
  });

  it('gets a tangent of zeros', () => {
    expect(evaluateGraph(tangent(graph, { along: ['a'] }), feeds, {})["z'"]).toEqual(new Float64Array(6));
  });
});

function whole(graph: Graph): Graph {
  return buildGraph((builder) => {
    const inputs = Object.fromEntries(graph.inputs.map(({ name, value }) => [name, builder.input(name, value.shape, value.type)]));
    for (const [name, value] of Object.entries(inline(builder, graph, inputs))) builder.output(name, value);
  });
}
