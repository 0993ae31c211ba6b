import { describe, expect, it } from 'vitest';
import { ambiguous, type Inspected, wordsOf } from '../../../src/extension/views/checkpoint-words.ts';
import type { CheckpointItem, RecipeItem } from '../../../src/extension/views/library.ts';
import type { Inspection } from '../../../src/protocol/data.ts';

const inspection: Inspection = {
  folder: '/w/SmolLM2-135M',
  modelType: 'llama',
  blocks: 30,
  hiddenSize: 576,
  vocabSize: 49152,
  maxLength: 8192,
  parameters: 134_515_008,
  prunable: 106_168_320,
  dtypes: { bf16: 272 },
  files: [{ name: 'model.safetensors', bytes: 269_060_552 }],
  matrices: [],
};
const found: Inspected = { inspection };

function checkpoint(parts: Partial<CheckpointItem> = {}): CheckpointItem {
  return { kind: 'checkpoint', path: '/w/SmolLM2-135M', report: null, reportProblem: null, children: [], ...parts };
}

function recipe(parts: Partial<RecipeItem> = {}): RecipeItem {
  const facts = { model: '/w/SmolLM2-135M', summary: '50 % · obs', nProblems: 0 };
  return { kind: 'recipe', path: '/w/half.prune.yaml', facts, hasCheckpoint: true, ...parts };
}

const report = { source: '/w/SmolLM2-135M', sparsity: 0.5, perplexity: { before: 20.123, after: 24.5 }, others: [] };

describe('what is said of a checkpoint', () => {
  it('is family, parameters, size and dtype, once the engine has found them', () => {
    expect(wordsOf(checkpoint(), undefined, null)).toMatchObject({ label: 'SmolLM2-135M', description: '' });
    expect(wordsOf(checkpoint(), found, null)).toMatchObject({
      description: 'llama · 135 M · 257 MiB · bf16',
      spoken: 'checkpoint SmolLM2-135M, llama, 135 M, 257 MiB, bf16',
      contextValue: 'checkpoint',
    });
  });

  it('is its sparsity, too, where a run made it, and what that did', () => {
    const words = wordsOf(checkpoint({ path: '/w/SmolLM2-135M-50-obs', report }), found, null);
    expect(words.description).toBe('llama · 135 M · 257 MiB · bf16 · 50 % sparse');
    expect(words.tooltip.split('\n')).toEqual([
      '/w/SmolLM2-135M-50-obs',
      'llama · 135 M · 257 MiB · bf16 · 50 % sparse',
      'Pruned from /w/SmolLM2-135M',
      'Perplexity 20.123 → 24.500',
    ]);
    expect(words.spoken).toContain('pruned checkpoint');
    expect(words.contextValue).toBe('result');
  });

  it('is why it cannot be read, on one line, and in full when pointed at', () => {
    const bad: Inspected = { message: 'config.json: model_type\nmystery is unknown', hint: 'Families: llama.' };
    const words = wordsOf(checkpoint(), bad, null);
    expect(words).toMatchObject({ description: 'config.json: model_type mystery is unknown', icon: 'warning' });
    expect(words.tooltip).toContain('Families: llama.');
  });

  it('is that its report cannot be read, without failing', () => {
    const words = wordsOf(checkpoint({ reportProblem: 'format: Invalid type' }), found, null);
    expect(words.tooltip).toContain('secateur-report.json cannot be read: format: Invalid type');
    expect(words.contextValue).toBe('checkpoint');
  });

  it('begins with its place where its name alone could be taken for another’s', () => {
    expect(wordsOf(checkpoint(), found, 'models/old').description).toMatch(/^models\/old · llama/);
    const items = [checkpoint({ path: '/a/m' }), checkpoint({ path: '/b/m' }), checkpoint({ path: '/b/n' })];
    expect([...ambiguous(items)]).toEqual(['/a/m', '/b/m']);
  });
});

describe('what is said of the rest', () => {
  it('is what a recipe asks for, or that it has problems', () => {
    expect(wordsOf(recipe(), undefined, null)).toMatchObject({
      description: '50 % · obs',
      spoken: 'recipe half.prune.yaml, 50 % · obs',
      icon: 'file',
    });
    const facts = { model: '/w/SmolLM2-135M', summary: null, nProblems: 2 };
    expect(wordsOf(recipe({ facts }), undefined, null)).toMatchObject({ description: '2 problems', icon: 'warning' });
  });

  it('is which checkpoint a recipe misses', () => {
    expect(wordsOf(recipe({ hasCheckpoint: false }), undefined, null).description).toBe(
      '50 % · obs · its checkpoint SmolLM2-135M is not in the workspace',
    );
    const facts = { model: null, summary: null, nProblems: 1 };
    expect(wordsOf(recipe({ facts, hasCheckpoint: false }), undefined, null).description).toBe('1 problem · names no checkpoint');
  });

  it('is that a GGUF file wants to be imported', () => {
    expect(wordsOf({ kind: 'gguf', path: '/w/q.gguf' }, undefined, null)).toMatchObject({
      label: 'q.gguf',
      description: 'to be imported',
      contextValue: 'gguf',
    });
  });
});
