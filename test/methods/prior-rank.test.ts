import { describe, expect, test } from 'vitest';
import { priorRank } from '../../src/methods/prior-rank.ts';

const rank = (path: string, block = 5, nBlocks = 12) =>
  priorRank({ name: `model.layers.${block}.${path}.weight`, block, kind: path.split('.').at(-1)!, out: 4, in: 4 }, nBlocks);

describe('priorRank', () => {
  test('orders the roles of a block', () => {
    const kinds = [
      'mlp.down_proj',
      'self_attn.v_proj',
      'mlp.up_proj',
      'self_attn.o_proj',
      'mlp.gate_proj',
      'self_attn.q_proj',
      'self_attn.k_proj',
    ];
    expect(kinds.map((kind) => rank(kind))).toEqual([6, 5, 4, 3, 2, 1, 0]);
  });

  test.each([
    ['fc1', 'mlp.up_proj'],
    ['fc2', 'mlp.down_proj'],
    ['self_attn.out_proj', 'self_attn.o_proj'],
    ['mlp.c_fc', 'mlp.up_proj'],
    ['mlp.c_proj', 'mlp.down_proj'],
    ['attn.c_proj', 'self_attn.o_proj'],
    ['mlp.dense_4h_to_h', 'mlp.down_proj'],
    ['moe.experts.3.w2', 'mlp.down_proj'],
  ])('knows %s by its role', (path, same) => {
    expect(rank(path)).toBe(rank(same));
  });

  test('puts a role it does not know in the middle', () => {
    expect(rank('mixer.in_proj')).toBe(3);
  });

  test('puts the first three blocks and the last one above all others', () => {
    const blocks = Array.from({ length: 12 }, (_, block) => rank('self_attn.k_proj', block) > rank('mlp.down_proj', 5));
    expect(blocks.flatMap((isAbove, block) => (isAbove ? [block] : []))).toEqual([0, 1, 2, 11]);
  });

  test('goes by role alone where every block is one of these', () => {
    for (const nBlocks of [1, 2, 3, 4])
      for (let block = 0; block < nBlocks; block++)
        expect(rank('mlp.down_proj', block, nBlocks) - rank('self_attn.k_proj', 0, nBlocks)).toBe(6);
  });
});
