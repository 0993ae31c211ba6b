import { describe, expect, it } from 'vitest';
import { type Facts, noFacts } from '../../src/language/facts.ts';
import { hover } from '../../src/language/hover.ts';
import { solvers } from '../../src/methods/solve/index.ts';
import { obs } from '../../src/methods/solve/obs.ts';
import { marked, sensitivity, studyOf, withCheckpoint } from './support.ts';

function hovered(text: string, facts: Facts = noFacts) {
  const { text: plain, offset } = marked(text);
  const found = hover(studyOf(plain, facts), offset);
  return found && { words: (found.contents as { value: string }).value, range: found.range };
}

describe('hover', () => {
  it('tells what a key takes, its default and its meaning', () => {
    const { words, range } = hovered('model: m\nsolve:\n  dam▮ping: 0.1')!;
    expect(words).toMatch(/^\*\*damping\*\*: a number from 0\\\.0001 to 1\. Default: `0\.01`\.\n\n.*diagonal/);
    expect(range).toEqual({ start: { line: 2, character: 2 }, end: { line: 2, character: 9 } });
  });

  it('says which key is needed', () => {
    expect(hovered('mo▮del: m')!.words).toContain('Needed.');
  });

  it('tells the key over its value too, and over the items of its list', () => {
    expect(hovered('calibrate: { samples: 1▮2 }')!.words).toContain('**samples**');
    expect(hovered('calibrate: { text: [a.txt, b▮.txt] }')!.words).toContain('**text**');
  });

  it('shows a method with summary, formula and paper', () => {
    const { words } = hovered('solve: { method: o▮bs }')!;
    expect(words).toContain(`**${obs.title}** (\`obs\`)`);
    expect(words).toContain(obs.summary);
    expect(words).toContain(`\`\`\`text\n${obs.formula}\n\`\`\``);
    expect(words).toMatch(/\]\(https:\/\/arxiv\.org\/abs\/[\d.]+\)/);
  });

  it('lists the methods where the one that is named does not exist', () => {
    const { words } = hovered('solve: { method: n▮othing }')!;
    expect(words.split('\n')).toHaveLength(Object.keys(solvers).length);
    expect(words).toContain(`- \`obs\`: ${obs.title}. ${obs.summary}`);
  });

  it('shows the matrices of a glob with the zeros they end up with', () => {
    const { words } = hovered('model: m\nsparsity: 0.5\nallocate: { fixed: { "*.q▮_proj": 0.25 } }', withCheckpoint)!;
    expect(words).toContain('`*.q_proj`: 2 matrices, 96 weights, 24 zeros (25.00 %).');
    expect(words).toContain('| `model.layers.1.self_attn.q_proj.weight` | 8 × 6 | 48 | 12 | 25.00 % |');
    expect(
      hovered('model: m\nsparsity: 0.5\nallocate: { fixed: { model.layers.0.mlp.down_proj.weight▮: 0.25 } }', withCheckpoint)!.words,
    ).toContain(': 1 matrix, 32 weights, 8 zeros');
  });

  it('shows how much each matrix of a glob minds, and its rank, once that is measured', () => {
    const text = 'model: m\nsparsity: 0.5\nallocate: { fixed: { "*.0▮.*": 0.25 } }';
    const { words } = hovered(text, { ...withCheckpoint, sensitivity })!;
    expect(words).toContain('| matrix | shape | weights | zeros | sparsity | sensitivity | rank |');
    expect(words).toContain('| 12 | 25.00 % | 2.00 | 3 of 4 |');
    expect(words).toContain('| 8 | 25.00 % | 4.00 ± 0.25 | 1 of 4 |');
    expect(words).toContain('Error curve on a\\.txt; of \\| the output');
    expect(hovered(text, withCheckpoint)!.words).not.toContain('rank');
    const even = { ...sensitivity, matrices: sensitivity.matrices.map((matrix) => ({ ...matrix, value: 2 })) };
    expect(hovered(text, { ...withCheckpoint, sensitivity: even })!.words).toContain('| 8 | 25.00 % | 2.00 ± 0.25 | 1 of 4 |');
  });

  it('says what an allocator waits for', () => {
    const text = 'model: m\nsparsity: 0.5\nmeasure: { method: error-curve }\nallocate: { method: mi▮xed }';
    expect(hovered(text, withCheckpoint)!.words).toContain('The budget is uniform until `error-curve` has been measured.');
    expect(hovered(text, { ...withCheckpoint, sensitivity })!.words).not.toContain('until');
  });

  it('says how many matrices a later entry sets', () => {
    const text = 'model: m\nsparsity: 0.2\nallocate: { fixed: { "*.q▮_proj": 0.25, "model.layers.0.*": 0 } }';
    expect(hovered(text, withCheckpoint)!.words).toContain('1 of them is set by a later entry.');
  });

  it('shows the matrices without zeros while the recipe has errors', () => {
    const { words } = hovered('model: m\nsparsity: 5\nallocate: { fixed: { "*.q▮_proj": 0.25 } }', withCheckpoint)!;
    expect(words).toContain('2 matrices, 96 weights.');
  });

  it('says what checkpoint and total a recipe comes to', () => {
    expect(hovered('mo▮del: m\nsparsity: 0.5', withCheckpoint)!.words).toContain(
      '`llama`, 2 blocks, 4 matrices with 160 prunable weights.',
    );
    expect(hovered('model: m\nspar▮sity: 0.5', withCheckpoint)!.words).toContain('80 of 160 prunable weights become zero (50.00 %).');
  });

  it('lets no text from a file be markup', () => {
    const name = 'a`|<b>](x).weight';
    const facts: Facts = {
      found: new Map(),
      sensitivity: null,
      checkpoint: { state: 'ready', modelType: '`x`', nBlocks: 1, maxLength: 8, slots: [{ name, block: 0, kind: 'k', out: 2, in: 2 }] },
    };
    expect(hovered('mo▮del: m\nsparsity: 0.5', facts)!.words).toContain('`` `x` ``');
    const { words } = hovered('model: m\nsparsity: 0.5\nallocate: { fixed: { "▮*": 0 } }', facts)!;
    expect(words).toContain('| ``a`\\|<b>](x).weight`` |');
  });

  it.each(['▮', 'model: m # c▮', 'nonsense: ▮1', 'solve: {▮ }', 'allocate: { fixed: { "a/▮b": 0 } }'])('is silent at %j', (text) => {
    expect(hovered(text, withCheckpoint)).toBeNull();
  });
});
