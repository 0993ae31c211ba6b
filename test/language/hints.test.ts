import { describe, expect, it } from 'vitest';
import { inlayHints } from '../../src/language/hints.ts';
import { sensitivity, studyOf, withCheckpoint } from './support.ts';

/** Each hint in brackets, at its place in the text. */
function shown(text: string, within: readonly [number, number] = [0, text.length], facts = withCheckpoint): string {
  const lines = text.split('\n');
  for (const { position, label } of inlayHints(studyOf(text, facts), within).toReversed()) {
    const line = lines[position.line];
    lines[position.line] = `${line.slice(0, position.character)}[${label}]${line.slice(position.character)}`;
  }
  return lines.join('\n');
}

describe('inlayHints', () => {
  it('shows the exact total behind the sparsity, and what each glob sets behind its value', () => {
    expect(shown('model: m\nsparsity: 0.3 # c\nallocate:\n  fixed:\n    "*.q_proj": 0.5\n    model.layers.0.mlp.down_proj: 0\n')).toBe(
      [
        'model: m',
        'sparsity: 0.3[48 of 160 weights] # c',
        'allocate:',
        '  fixed:',
        '    "*.q_proj": 0.5[2 matrices, 48 zeros]',
        '    model.layers.0.mlp.down_proj: 0[1 matrix, 0 zeros]',
        '',
      ].join('\n'),
    );
  });

  it('shows the share behind a pattern', () => {
    expect(shown('model: m\npattern: 1:2')).toBe('model: m\npattern: 1:2[50.00 %: 80 of 160 weights]');
  });

  it('counts only matrices that no later entry sets', () => {
    expect(
      shown('model: m\nsparsity: 0.5\nallocate: { fixed: { "*.q_proj": 0.9, "model.layers.0.*": 0.1, "*.0.self_attn.*": 0.1 } }'),
    ).toContain('"*.q_proj": 0.9[1 matrix, 43 zeros], "model.layers.0.*": 0.1[1 matrix, 3 zeros]');
    expect(shown('model: m\nsparsity: 0.5\nallocate: { fixed: { "*.q_proj": 0.9, "*_proj": 0.5 } }')).toContain('0.9[sets no matrix]');
  });

  it('takes the name of a method for no glob that set what the method did', () => {
    expect(shown('model: m\nsparsity: 0.5\nallocate: { fixed: { uniform: 0.9 } }')).toContain('uniform: 0.9[sets no matrix]');
  });

  it('says that the budget is uniform until it is measured, and shows the measured one then', () => {
    const text = 'model: m\nsparsity: 0.5\nmeasure: { method: error-curve }\nallocate: { method: mixed, fixed: { "*.0.*": 0.1 } }';
    expect(shown(text)).toContain('method: mixed[uniform until error-curve is measured],');
    expect(shown(text, [0, text.length], { ...withCheckpoint, sensitivity })).not.toContain('until');
    expect(shown(text.replace('mixed', 'uniform'))).not.toContain('until');
  });

  it('shows only what is in the range', () => {
    const text = 'model: m\nsparsity: 0.3\nallocate: { fixed: { "*.q_proj": 0.5 } }';
    expect(shown(text, [0, 20])).not.toContain('matrices');
  });

  it('is silent without a checkpoint, and where the budget cannot be met', () => {
    expect(inlayHints(studyOf('model: m\nsparsity: 0.3'), [0, 100])).toEqual([]);
    expect(shown('model: m\nsparsity: 0.3\nallocate: { max: 0.1 }')).not.toContain('[');
  });
});
