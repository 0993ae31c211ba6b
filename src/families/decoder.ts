/** The decoder that Llama, Mistral and Qwen share: RMSNorm, rotary grouped-query attention, gated SiLU MLP. */

import { SecateurError } from '../error.ts';
import type { GraphBuilder, Value } from '../graph/ir.ts';
import type { Linear, Model, TensorShape } from './family.ts';
import { checkRope, type RopeSpec, ropeTables } from './rope.ts';

export interface DecoderSpec {
  readonly modelType: string;
  readonly hidden: number;
  readonly intermediate: number;
  readonly nBlocks: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly vocab: number;
  readonly maxLength: number;
  readonly epsilon: number;
  /** The linears that have a bias. */
  readonly biases: ReadonlySet<string>;
  /** Whether queries and keys are normalised per head before they are rotated. */
  readonly headNorms: boolean;
  readonly tiedHead: boolean;
  /** How many positions each block's attention looks back, itself included; `undefined` = all. */
  readonly windows: readonly (number | undefined)[];
  readonly rope: RopeSpec;
}

export function decoderModel(spec: DecoderSpec): Model {
  checkDecoder(spec);
  const linears = (block: number) => blockLinears(spec, block);
  return {
    modelType: spec.modelType,
    hiddenSize: spec.hidden,
    vocabSize: spec.vocab,
    nBlocks: spec.nBlocks,
    maxLength: spec.maxLength,
    linears,
    tensors: () => decoderTensors(spec),
    embed: (graph, ids) => graph.op('gather', [graph.parameter(embedding, [spec.vocab, spec.hidden]), ids], {}),
    block: (graph, block, hidden) => writeBlock(graph, spec, block, hidden),
    head(graph, hidden, from, to) {
      const normed = norm(graph, spec, 'model.norm', hidden);
      const weight = graph.parameter(spec.tiedHead ? embedding : 'lm_head.weight', [to - from, spec.hidden], from);
      return graph.op('linear', [normed, weight], {});
    },
  };
}

const embedding = 'model.embed_tokens.weight';

function checkDecoder({ heads, kvHeads, headDim, rope }: DecoderSpec): void {
  if (heads % kvHeads !== 0)
    throw new SecateurError(
      'BAD_CHECKPOINT',
      `config.json: num_attention_heads ${heads} is not a multiple of num_key_value_heads ${kvHeads}`,
    );
  if (headDim % 2 !== 0) throw new SecateurError('BAD_CHECKPOINT', `config.json: head_dim ${headDim} is odd; rotary positions need pairs`);
  checkRope(rope);
}

function blockLinears(spec: DecoderSpec, block: number): readonly Linear[] {
  const { hidden, intermediate, heads, kvHeads, headDim } = spec;
  const linear = (module: string, out: number, width: number, input: string): Linear => ({
    tensor: `model.layers.${block}.${module}.weight`,
    block,
    kind: module.split('.')[1],
    out,
    in: width,
    input,
  });
  return [
    linear('self_attn.q_proj', heads * headDim, hidden, 'attention'),
    linear('self_attn.k_proj', kvHeads * headDim, hidden, 'attention'),
    linear('self_attn.v_proj', kvHeads * headDim, hidden, 'attention'),
    linear('self_attn.o_proj', hidden, heads * headDim, 'heads'),
    linear('mlp.gate_proj', intermediate, hidden, 'mlp'),
    linear('mlp.up_proj', intermediate, hidden, 'mlp'),
    linear('mlp.down_proj', hidden, intermediate, 'gated'),
  ];
}

function decoderTensors(spec: DecoderSpec): readonly TensorShape[] {
  const blocks = Array.from({ length: spec.nBlocks }, (_, block) => {
    const prefix = `model.layers.${block}`;
    const vector = (name: string, length: number): TensorShape => ({ name: `${prefix}.${name}`, shape: [length] });
    return [
      vector('input_layernorm.weight', spec.hidden),
      vector('post_attention_layernorm.weight', spec.hidden),
      ...(spec.headNorms ? [vector('self_attn.q_norm.weight', spec.headDim), vector('self_attn.k_norm.weight', spec.headDim)] : []),
      ...blockLinears(spec, block).flatMap((linear) => [
        { name: linear.tensor, shape: [linear.out, linear.in] },
        ...(spec.biases.has(linear.kind) ? [{ name: biasOf(linear), shape: [linear.out] }] : []),
      ]),
    ];
  });
  const table = [spec.vocab, spec.hidden];
  return [
    { name: embedding, shape: table },
    ...blocks.flat(),
    { name: 'model.norm.weight', shape: [spec.hidden] },
    ...(spec.tiedHead ? [] : [{ name: 'lm_head.weight', shape: table }]),
  ];
}

function writeBlock(graph: GraphBuilder, spec: DecoderSpec, block: number, hidden: Value): ReturnType<Model['block']> {
  const { heads, kvHeads, headDim } = spec;
  const prefix = `model.layers.${block}`;
  const length = hidden.shape[0];
  const byKind = Object.fromEntries(blockLinears(spec, block).map((linear) => [linear.kind, linear]));
  const apply = (kind: string, x: Value) => {
    const linear = byKind[kind];
    const weight = graph.parameter(linear.tensor, [linear.out, linear.in]);
    return graph.op('linear', spec.biases.has(kind) ? [x, weight, graph.parameter(biasOf(linear), [linear.out])] : [x, weight], {});
  };
  const tables = ropeTables(spec.rope, length);
  const [cos, sin] = [tables.cos, tables.sin].map((table) => graph.constant(table, [length, headDim / 2])) as [Value, Value];
  const rotate = (x: Value, nHeads: number, normName: string) =>
    graph.op('rope', [spec.headNorms ? headNorm(graph, spec, `${prefix}.self_attn.${normName}`, x, nHeads) : x, cos, sin], {
      heads: nHeads,
    });

  const attention = norm(graph, spec, `${prefix}.input_layernorm`, hidden);
  const q = rotate(apply('q_proj', attention), heads, 'q_norm');
  const k = rotate(apply('k_proj', attention), kvHeads, 'k_norm');
  const window = spec.windows[block];
  const sizes = { heads, kvHeads, scale: 1 / Math.sqrt(headDim), ...(window === undefined ? {} : { window }) };
  const mixed = graph.op('attention', [q, k, apply('v_proj', attention)], sizes);
  const middle = graph.op('add', [hidden, apply('o_proj', mixed)], {});
  const mlp = norm(graph, spec, `${prefix}.post_attention_layernorm`, middle);
  const gated = graph.op('mul', [graph.op('silu', [apply('gate_proj', mlp)], {}), apply('up_proj', mlp)], {});
  return { hidden: graph.op('add', [middle, apply('down_proj', gated)], {}), inputs: { attention, heads: mixed, mlp, gated } };
}

function norm(graph: GraphBuilder, spec: DecoderSpec, module: string, x: Value): Value {
  return graph.op('rmsNorm', [x, graph.parameter(`${module}.weight`, x.shape.slice(-1))], { epsilon: spec.epsilon });
}

function headNorm(graph: GraphBuilder, spec: DecoderSpec, module: string, x: Value, nHeads: number): Value {
  const split = graph.op('reshape', [x], { shape: [x.shape[0], nHeads, spec.headDim] });
  return graph.op('reshape', [norm(graph, spec, module, split)], { shape: x.shape });
}

function biasOf(linear: Linear): string {
  return linear.tensor.replace(/weight$/, 'bias');
}
