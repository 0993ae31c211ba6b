import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../src/engine/outcome.ts';
import { resolveRecipe } from '../../src/engine/plan.ts';
import type { Progress } from '../../src/protocol/data.ts';
import { parseReport, type Report } from '../../src/protocol/report.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { hashFolder, runRecipe, sample, sampleRecipe, temporaryFolder } from '../support/runs.ts';

const fixed = 'fixed: { "*.k_proj": 0.1, "model.layers.5.*": 0.3 }';
const evaluation = `text: ${sample}/evaluation.txt, length: 64, windows: 4`;
const mixed = `measure: { method: error-curve }\nallocate: { method: mixed, spread: 0.2, ${fixed} }`;
const controlled = `${mixed}\nevaluate: { ${evaluation}, control: true }`;

const controlsOf = ({ matrices }: Report) => matrices.map(({ name, control }) => ({ name, ...control }));

describe('a uniform control', () => {
  it('has the very figures of a run of its own, and leaves nothing but them', async () => {
    const folder = temporaryFolder();
    const to = join(folder, 'mixed');
    const steps: string[] = [];
    const onProgress = ({ step }: Progress) => void steps.push(step);
    const report = await runRecipe(sampleRecipe({ to, more: controlled }), {}, { onProgress });
    const uniform = await runRecipe(
      sampleRecipe({ to: join(folder, 'uniform'), more: `allocate: { ${fixed} }\nevaluate: { ${evaluation} }` }),
    );
    expect(report.control).toEqual({ zeros: uniform.sparsity.zeros, perplexity: uniform.perplexity!.after });
    expect(controlsOf(report)).toEqual(
      uniform.matrices.map(({ name, zeros, sparsity, relativeError, maskOnlyError }) => ({
        ...{ name, zeros, sparsity, relativeError, maskOnlyError },
      })),
    );
    expect(report.control!.zeros).toBe(report.sparsity.zeros);
    expect(report.perplexity!.after).not.toEqual(uniform.perplexity!.after);
    expect(readdirSync(folder).toSorted()).toEqual(['mixed', 'uniform']);
    expect(readdirSync(to)).not.toContain('control.partial');
    expect(steps).toEqual(expect.arrayContaining(['prune', 'evaluate after', 'prune control', 'evaluate control']));
    expect(report.steps.map(({ step }) => step)).toContain('uniform control');
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual({ report });
  });

  it('that was stopped goes on where it was, with the same figures', async () => {
    const folder = temporaryFolder();
    const whole = await runRecipe(sampleRecipe({ to: join(folder, 'whole'), more: controlled }));
    const to = join(folder, 'stopped');
    const text = sampleRecipe({ to, more: controlled });
    const moments: ((progress: Progress, isAfter: boolean) => boolean)[] = [
      ({ step, done, total }, isAfter) => isAfter && step === 'read' && done === total,
      ({ step, done }) => step === 'prune control' && done > 3,
      ({ step }) => step === 'evaluate control',
    ];
    for (const isThere of moments) {
      const controller = new AbortController();
      let isAfter = false;
      const onProgress = (progress: Progress) => {
        isAfter ||= progress.step === 'evaluate after';
        if (isThere(progress, isAfter)) controller.abort();
      };
      await expect(runRecipe(text, {}, { signal: controller.signal, onProgress })).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(readdirSync(`${to}.partial`)).toContain('control.partial');
      expect(outcomeOf(resolveRecipe(parseRecipe(text).recipe!, '/')).state).toBe('partial');
    }
    const steps = new Set<string>();
    const report = await runRecipe(text, {}, { onProgress: ({ step }) => void steps.add(step) });
    expect(report.control).toEqual(whole.control);
    expect(controlsOf(report)).toEqual(controlsOf(whole));
    // What was finished before is not done again.
    expect([...steps]).toEqual(['tokenise', 'evaluate control', 'save']);
    const { 'stopped.prune.yaml': _a, ...files } = hashFolder(to);
    const { 'whole.prune.yaml': _b, ...expected } = hashFolder(join(folder, 'whole'));
    expect(files).toEqual(expected);
  });

  it('is not made where the budget is the uniform one already, which the report says', async () => {
    const to = join(temporaryFolder(), 'pruned');
    const steps = new Set<string>();
    const more = `allocate: { ${fixed} }\nevaluate: { ${evaluation}, control: true }`;
    const report = await runRecipe(sampleRecipe({ to, more }), {}, { onProgress: ({ step }) => void steps.add(step) });
    expect(report).not.toHaveProperty('control');
    expect(report.notes).toEqual(['The budget is the uniform one, so that the result is its own control.']);
    expect(steps).not.toContain('prune control');
    expect(existsSync(`${to}.partial`)).toBe(false);
  });

  it('keeps the zeros that the source has, as the run does', async () => {
    const folder = temporaryFolder();
    const once = join(folder, 'once');
    await runRecipe(sampleRecipe({ to: once, more: 'allocate: { fixed: { "*.down_proj": 0.7, "*.q_proj": 0.6 }}' }));
    const more = controlled.replace(`, ${fixed}`, '');
    const report = await runRecipe(sampleRecipe({ model: once, to: join(folder, 'twice'), sparsity: 'sparsity: 0.55', more }));
    expect(report.control!.zeros).toBe(report.sparsity.zeros);
    for (const { kind, control } of report.matrices) if (kind === 'down_proj') expect(control!.sparsity).toBeGreaterThanOrEqual(0.7 - 1e-4);
  });
});
