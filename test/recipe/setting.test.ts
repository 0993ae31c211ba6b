import { expect, it } from 'vitest';
import { readSetting } from '../../src/recipe/setting.ts';

it.each([
  ['sparsity=0.6', ['sparsity'], 0.6],
  ['pattern=2:4', ['pattern'], '2:4'],
  ['solve.score.method=wanda', ['solve', 'score', 'method'], 'wanda'],
  ['save.overwrite=true', ['save', 'overwrite'], true],
  ['save.to=./a=b', ['save', 'to'], './a=b'],
  ['calibrate.text=[a.txt, b.txt]', ['calibrate', 'text'], ['a.txt', 'b.txt']],
  ['allocate.fixed.*.q_proj=0', ['allocate', 'fixed', '*.q_proj'], 0],
  ['allocate.fixed.model.layers.0.*=0.25', ['allocate', 'fixed', 'model.layers.0.*'], 0.25],
])('%s', (text, path, value) => {
  expect(readSetting(text)).toEqual({ path, value });
});

it.each([
  'sparsity',
  '=1',
  'solve..x=1',
  'save.to=null',
  'save.to=',
  'a={b: 1}',
  'a=[]',
  'a=[[1]]',
  'a=&x [*x]',
  'a="',
  'allocate.fixed.=1',
])('%s is refused in words', (text) => {
  expect(() => readSetting(text)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(text) }));
});
