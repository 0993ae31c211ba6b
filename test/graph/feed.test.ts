import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../../src/graph/evaluate.ts';
import { feeding } from '../../src/graph/feed.ts';
import { buildGraph, type GraphBuilder } from '../../src/graph/ir.ts';

const write = (builder: GraphBuilder) =>
  builder.op('add', [builder.op('mul', [builder.parameter('a', [2]), builder.parameter('b', [2])], {}), builder.parameter('a', [2])], {});

describe('feeding', () => {
  it('makes one input of a tensor that is asked for twice, and leaves the others where they are', () => {
    const graph = buildGraph((builder) => builder.output('y', write(feeding(builder, new Set(['a'])))));
    expect(graph.inputs.map(({ name }) => name)).toEqual(['a']);
    expect(graph.parameters.map(({ tensor }) => tensor)).toEqual(['b']);
    expect(Array.from(evaluateGraph(graph, { a: [1, 2] }, { b: [3, 4] }).y)).toEqual([4, 10]);
  });

  it('names inputs as told, beside the same tensors as they are', () => {
    const graph = buildGraph((builder) =>
      builder.output('y', builder.op('add', [write(builder), write(feeding(builder, new Set(['a']), (tensor) => `now ${tensor}`))], {})),
    );
    expect(Array.from(evaluateGraph(graph, { 'now a': [1, 2] }, { a: [10, 20], b: [3, 4] }).y)).toEqual([44, 110]);
  });

  it('refuses a tensor that is read in slices', () => {
    expect(() => buildGraph((builder) => feeding(builder, new Set(['a'])).parameter('a', [1], 1))).toThrow('a is read in slices');
  });
});
