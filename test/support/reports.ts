/** Reports made up for tests: small, whole, and each figure another one. */

import type { MatrixReport, Perplexity, Report } from '../../src/protocol/report.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';

export function matrixReport(changes: Partial<MatrixReport> = {}): MatrixReport {
  const { block = 0, kind = 'q_proj', shape = [64, 128] as const, sparsity = 0.5 } = changes;
  return {
    name: `model.layers.${block}.${kind}.weight`,
    block,
    kind,
    shape,
    dtype: 'bf16',
    asked: sparsity,
    zeros: sparsity * shape[0] * shape[1],
    sparsity,
    setBy: 'uniform',
    relativeError: 0.02,
    maskOnlyError: 0.05,
    damping: 0.01,
    nudged: 0,
    ...changes,
  };
}

/** `nBlocks` blocks of three linears. */
export function matrixReports(nBlocks: number): MatrixReport[] {
  return Array.from({ length: nBlocks }, (_, block) =>
    ['q_proj', 'o_proj', 'down_proj'].map((kind, i) =>
      matrixReport({
        block,
        kind,
        sparsity: 0.25 * (i + 1),
        relativeError: 0.001 * (3 * block + i + 1),
        maskOnlyError: 0.002 * (3 * block + i + 1),
      }),
    ),
  ).flat();
}

export function perplexityOf(windowNll: readonly number[]): Perplexity {
  const nll = windowNll.reduce((sum, value) => sum + value, 0) / Math.max(1, windowNll.length);
  return { perplexity: Math.exp(nll), nll, tokens: 63 * windowNll.length, windows: windowNll.length, length: 64, windowNll };
}

export function madeReport(changes: Partial<Report> = {}, recipe = 'model: ./tiny\nsparsity: 0.5\n'): Report {
  const file = { name: 'model.safetensors', bytes: 2 ** 21, sha256: 'a'.repeat(64) };
  const parsed = parseRecipe(recipe).recipe;
  if (!parsed) throw new Error('the recipe of the test has problems');
  return {
    format: 1,
    secateur: '0.1.0',
    key: 'c'.repeat(64),
    recipe: parsed,
    source: { path: '/models/tiny', modelType: 'llama', parameters: 100_000, prunable: 49_152, files: [file], zeros: 0 },
    output: { files: [{ ...file, sha256: 'b'.repeat(64) }], others: ['config.json', 'secateur-report.json', 'tiny-50.prune.yaml'] },
    sparsity: { asked: 0.5, achieved: 0.5, zeros: 24_576, prunable: 49_152 },
    calibration: {
      description: 'text.txt: 4 windows of 64 tokens',
      windows: 4,
      length: 64,
      sha256: 'd'.repeat(64),
      seed: 3,
      flow: 'block-sequential',
    },
    evaluation: {
      description: 'test.txt: 3 windows of 64 tokens',
      windows: 3,
      length: 64,
      sha256: 'e'.repeat(64),
      protocol: 'Cold windows.',
    },
    perplexity: { before: perplexityOf([3, 4, 5]), after: perplexityOf([3.2, 4.1, 5.3]) },
    matrices: matrixReports(2),
    steps: [
      { step: 'calibrate', seconds: 3, peakBytes: 2 ** 28 },
      { step: 'solve', seconds: 1, peakBytes: 2 ** 29 },
    ],
    environment: { provider: 'cpu', threads: 2, node: 'v20.0.0', onnxruntime: '1.30.0', platform: 'linux-x64', cpu: 'A CPU' },
    resumed: 0,
    notes: [],
    ...changes,
  };
}

/** Of a run that was measured, controlled and predicted. */
export function fedReport(nBlocks = 2): Report {
  const matrices = matrixReports(nBlocks).map((matrix, i, all) => ({
    ...matrix,
    setBy: 'mixed',
    sensitivity: { value: 0.5 / (i + 1), standardError: 0.01 * (i + 1), rank: i + 1 },
    control: { zeros: matrix.zeros, sparsity: 0.5, relativeError: 0.003 * (all.length - i), maskOnlyError: 0.05 },
  }));
  return madeReport({
    matrices,
    measure: { method: 'scan', gives: 'loss', unit: 'nats a token', description: 'Scan on text.txt: 4 windows of 64 tokens' },
    control: { zeros: 24_576, perplexity: perplexityOf([3.3, 4.3, 5.4]) },
    prediction: {
      trials: 12,
      kl: { value: 0.2104, interval: [0.19, 0.23] },
      perplexity: { value: 66.1, interval: [64.25, 68.5] },
      control: { kl: { value: 0.31, interval: null }, perplexity: { value: 74.4, interval: null } },
    },
  });
}
