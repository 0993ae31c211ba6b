import { describe, expect, it } from 'vitest';
import { errorAt } from '../../../src/methods/error-curve.ts';
import { measures } from '../../../src/methods/measure/index.ts';
import type { Sensitivity } from '../../../src/methods/sensitivity.ts';
import type { BudgetState, RunState } from '../../../src/protocol/panel.ts';
import { slotsOf } from '../../../src/protocol/slots.ts';
import { curveErrorAt, packCurves } from '../../../webview/budget/curves.ts';
import { type Derived, derive, withRun, workOf } from '../../../webview/budget/derive.ts';
import { factsOf, meanErrors, predictions } from '../../../webview/budget/facts.ts';
import { titleOf } from '../../../webview/budget/measures.ts';
import { choicesOf } from '../../../webview/budget/methods.ts';
import { predictionNote } from '../../../webview/budget/prediction.ts';
import { readRecipe } from '../../../webview/budget/situation.ts';
import { budgetState, curvesRecipe, inspectionOf, measuring, scanOf, sensitivityOf } from '../../panel/fixtures/budget-model.ts';

const inspection = inspectionOf(4);
const slots = slotsOf({ state: 'ready', inspection });
const scan = scanOf(inspection);
const state = (change: Partial<BudgetState>) => budgetState(inspection, { text: curvesRecipe, sensitivity: scan, ...change });
const sparsities = ({ lastGood }: Derived) => lastGood!.budget.map(({ zeros }, i) => zeros / (slots[i].out * slots[i].in));
const isUniform = (derived: Derived) => new Set(sparsities(derived).map((share) => share.toFixed(3))).size === 1;

describe('a budget that is fed', () => {
  it('is what the measured losses make it, and exact', () => {
    const fed = derive(state({}), null);
    expect(fed.awaited).toBeNull();
    expect(isUniform(fed)).toBe(false);
    expect(fed.lastGood!.zeros).toBe(Math.round(0.5 * inspection.prunable));
    const { budget, uniform } = meanErrors(slots, fed.facts, fed.lastGood!.budget)!;
    expect(budget).toBeLessThan(uniform);
  });

  it.each<[string, Sensitivity | null]>([
    ['nothing', null],
    ['another measure', { ...scan, method: 'trace-error' }],
    ['one that gives no losses', sensitivityOf(inspection)],
    ['only a part of the matrices', { ...scan, matrices: scan.matrices.slice(1) }],
    ['another checkpoint', { ...scan, matrices: scan.matrices.map((matrix) => ({ ...matrix, name: `x.${matrix.name}` })) }],
  ])('is uniform, and says what it waits for, where it is fed by %s', (_, sensitivity) => {
    const waiting = derive(state({ sensitivity }), null);
    expect(waiting.awaited).toBe('scan');
    expect(isUniform(waiting)).toBe(true);
    expect(waiting.facts.nMeasured).toBe(0);
  });

  it('changes at once with the method in the text, and with what comes for it', () => {
    const before = derive(state({ text: curvesRecipe.replace('curves', 'uniform') }), null);
    expect(isUniform(before)).toBe(true);
    expect(before.facts.nMeasured, 'found by a measure that the recipe no longer names').toBe(0);
    const named = derive(state({ version: 2 }), before);
    expect(isUniform(named)).toBe(false);
    const other = derive(state({ sensitivity: { ...scan, description: 'another text' } }), named);
    expect(other.facts).not.toBe(named.facts);
    expect(derive(structuredClone(state({})), named).facts).toBe(named.facts);
  });
});

describe('what is shown of a matrix', () => {
  it('is read at the sparsity that the text asks for', () => {
    const at = (sparsity: number, before: Derived | null) => derive(state({ text: curvesRecipe.replace('0.5', String(sparsity)) }), before);
    const half = at(0.5, null);
    const more = at(0.7, half);
    expect(more.sensitivity).toBe(half.sensitivity);
    expect(more.facts.sensitivities[0]!.value).toBe(errorAt(scan.matrices[0].curve!, 0.7));
    expect(half.facts.sensitivities[0]!.value).toBe(errorAt(scan.matrices[0].curve!, 0.5));
  });
});

describe('a measure under way', () => {
  const waiting = derive(state({ sensitivity: null }), null);
  const running = (found: number, change: Partial<RunState> = {}) => state({ sensitivity: null, run: measuring(scan, found, change) });

  it('shows what it has found, ranked among itself, and feeds nothing', () => {
    const half = derive(running(14), waiting);
    expect(half.facts.nMeasured).toBe(14);
    expect(half.facts.ranks.slice(0, 14).toSorted()).toEqual(Int32Array.from({ length: 14 }, (_, i) => i + 1));
    expect(half.facts).toMatchObject({ unit: measures.scan.unit, gives: 'loss' });
    expect(half.awaited).toBe('scan');
    expect(isUniform(half)).toBe(true);
    expect(workOf(half)).toMatchObject({ block: 2 });
    expect(half.facts.fit, 'half of a model is no model').toBeNull();
  });

  it('stands in for what was measured before, until it is done', () => {
    const again = derive(state({ run: measuring(scan, 7) }), derive(state({}), null));
    expect(again.facts.nMeasured).toBe(7);
    expect(isUniform(again)).toBe(false);
    const ended = derive(state({ run: measuring(scan, 7, { state: 'stopped' }) }), again);
    expect(ended.facts.nMeasured).toBe(28);
  });

  it('leaves what it found in sight until its result comes, but not for another recipe', () => {
    const half = derive(running(28), waiting);
    const done = derive(running(28, { state: 'done' }), half);
    expect(done.facts.nMeasured).toBe(28);
    const other = derive({ ...running(28, { state: 'done' }), text: curvesRecipe.replace('0.5', '0.6') }, half);
    expect(other.facts.nMeasured).toBe(0);
    expect(derive(running(28, { state: 'stopped' }), half).facts.nMeasured).toBe(0);
  });

  it('takes a better value in the place of the first', () => {
    const [first] = scan.matrices;
    const run = measuring(scan, 0);
    const better = [first, { ...first, value: 9 }].reduce<BudgetState>(
      (now, matrix) => withRun(now, { ...run, sensitivities: [matrix] }),
      running(0),
    );
    expect(better.run!.sensitivities).toEqual([{ ...first, value: 9 }]);
  });
});

describe('curves in typed arrays', () => {
  it('are read as the plain ones are', () => {
    const curves = scan.matrices.map(({ curve }) => curve);
    const packed = packCurves([...curves, undefined]);
    for (const [i, curve] of curves.entries())
      for (const sparsity of [0, 0.01, 0.05, 0.333, 0.95, 0.99, 1])
        expect(curveErrorAt(packed, i, sparsity)).toBe(errorAt(curve!, sparsity));
    expect(curveErrorAt(packed, curves.length, 0.5)).toBeNaN();
  });
});

describe('the prediction', () => {
  const fed = derive(state({}), null);

  it('is less for the budget than for the control, with an interval around it', () => {
    const { budget, uniform } = predictions(slots, fed.facts, fed.lastGood!.budget)!;
    for (const { kl, nll } of [budget, uniform])
      for (const { value, interval } of [kl, nll]) expect(interval![0] < value && value < interval![1]).toBe(true);
    expect(budget.kl.value).toBeLessThan(uniform.kl.value);
  });

  it('is none where curves are no losses, or there are none', () => {
    for (const findings of [sensitivityOf(inspection), null, { ...scan, matrices: scan.matrices.slice(1) }])
      expect(predictions(slots, factsOf(slots, findings, 0.5), fed.lastGood!.budget)).toBeNull();
  });

  it('says when nobody knows how far off it is', () => {
    const { joint: _, ...alone } = scan;
    const predicted = predictions(slots, factsOf(slots, alone, 0.5), fed.lastGood!.budget)!;
    expect(predictionNote(predicted, 17)).toMatch(/^How far off they are is not known/);
    expect(predictionNote(predictions(slots, fed.facts, fed.lastGood!.budget)!, null)).toMatch(
      /90 of 100 of the measure’s own trials, on its own text; another text can cost more\. × stands for/,
    );
  });

  it('is called a loss where it is one', () => {
    const view = { slots, facts: fed.facts, budget: null, solved: [], nSolved: 0, isDone: () => false };
    expect(titleOf('predicted', view)).toBe('Predicted loss');
    expect(titleOf('predicted', { ...view, facts: factsOf(slots, sensitivityOf(inspection), 0.5) })).toBe('Predicted error');
  });
});

describe('the methods to choose from', () => {
  const choices = (text: string) => choicesOf(readRecipe(`model: m\nsparsity: 0.5\n${text}`, null));
  const label = ({ choices }: { choices: readonly { method: string; label: string }[] }, method: string) =>
    choices.find((choice) => choice.method === method)!.label;

  it('are named as on their cards; what is not written is what the recipe takes', () => {
    expect(choices('')).toMatchObject({ measure: { chosen: 'error-curve' }, allocate: { chosen: 'uniform' } });
    const { measure, allocate } = choices('allocate: { method: curves }');
    expect([measure.chosen, allocate.chosen]).toEqual(['scan', 'curves']);
    expect(label(measure, 'scan')).toBe(measures.scan.title);
    expect(allocate.choices.every((choice) => !choice.label.includes('('))).toBe(true);
  });

  it('say what does not go together, also while that is a problem of the recipe', () => {
    const { measure, allocate } = choices('measure: { method: error-curve }\nallocate: { method: curves }');
    expect([measure.chosen, allocate.chosen]).toEqual(['error-curve', 'curves']);
    expect(label(measure, 'error-curve')).toMatch(/\(not for Curves\)$/);
    expect(label(measure, 'scan')).toBe(measures.scan.title);
    expect(label(allocate, 'curves')).toBe('Curves (takes no Error curve)');
    expect(label(allocate, 'mixed')).not.toContain('(');
  });

  it('leave out a word that is none', () => {
    const { measure } = choices('measure: { method: fisherr }');
    expect(measure.chosen).toBe('fisherr');
    expect(measure.choices.map(({ method }) => method)).toEqual(Object.keys(measures));
  });
});
