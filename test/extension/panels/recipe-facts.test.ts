import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SecateurError } from '../../../src/error.ts';
import { type FactsFollower, followFacts, type RecipeFacts } from '../../../src/extension/panels/recipe-facts.ts';
import type { Sensitivity } from '../../../src/methods/sensitivity.ts';
import type { Inspection } from '../../../src/protocol/data.ts';
import type { ComputeSettings } from '../../../src/protocol/engine.ts';

let folder: string;
let followers: FactsFollower[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  folder = mkdtempSync(join(tmpdir(), 'facts-'));
  followers = [];
});
afterEach(() => {
  vi.useRealTimers();
  for (const follower of followers) follower.dispose();
  rmSync(folder, { recursive: true });
});

/** Every delay is over, and the file system has answered. */
async function later(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1000);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

const inspectionOf = (path: string) => ({ folder: path, matrices: [] }) as unknown as Inspection;

/** An engine that knows every folder and says of each request that it came. */
function setUp(answers: Readonly<Record<string, () => unknown>> = {}, isBusy = () => false, compute: () => ComputeSettings = () => ({})) {
  const asked: string[] = [];
  const changes: RecipeFacts[] = [];
  const faults: unknown[] = [];
  const usual: typeof answers = {
    outcome: () => ({ to: 'out', state: 'absent' }),
    measured: () => null,
    plan: () => ({ needs: { memoryBytes: 1, diskBytes: 2, scratchBytes: 0, seconds: 3 } }),
  };
  const follower = followFacts({
    engine: {
      async request(type) {
        asked.push(type.method);
        return (answers[type.method] ?? usual[type.method]!)() as never;
      },
    },
    inspections: {
      async ask(path) {
        asked.push('inspect');
        return path.endsWith('bad') ? { message: 'no config.json', hint: 'Choose another.' } : { inspection: inspectionOf(path) };
      },
    },
    isBusy,
    compute,
    cacheFolder: () => folder,
    onChange: (facts) => changes.push(facts),
    onFault: (error) => faults.push(error),
  });
  followers.push(follower);
  const follow = (text: string) => follower.follow({ text, folder });
  const settled = async (test: (facts: RecipeFacts) => void) =>
    vi.waitFor(async () => {
      await later();
      test(follower.facts);
    });
  return { follower, follow, settled, asked, changes, faults };
}

describe('followFacts', () => {
  it('finds the checkpoint, then what a run needs', async () => {
    mkdirSync(join(folder, 'm'));
    const { follow, settled, follower, asked } = setUp();
    follow('model: ./m\nsparsity: 0.5');
    expect(follower.facts.checkpoint).toEqual({ state: 'loading' });
    expect(follower.modelFolder).toBe(join(folder, 'm'));
    await settled((facts) =>
      expect(facts).toMatchObject({ checkpoint: { state: 'ready' }, needs: { seconds: 3 }, outcome: { state: 'absent' } }),
    );
    expect(asked.toSorted()).toEqual(['inspect', 'measured', 'measured', 'outcome', 'plan']);
  });

  it('asks first and at once for what was measured, when it opens and whenever the text names another method', async () => {
    mkdirSync(join(folder, 'm'));
    let found: Sensitivity = { method: 'fisher', gives: 'value', unit: '', matrices: [], description: '' };
    const { follow, follower, asked, changes } = setUp({ measured: () => found });
    const text = 'model: ./m\nsparsity: 0.5\nallocate: { method: mixed, spread: 0.1 }\n';
    const atOnce = async (next: string) => {
      asked.length = 0;
      follow(next);
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      return [...asked];
    };
    expect(await atOnce(text)).toEqual(['measured']);
    expect(follower.facts.sensitivity).toBe(found);
    expect(await atOnce(text.replace('0.1', '0.2'))).toEqual([]);
    expect(await atOnce(text.replace('mixed', 'prior'))).toEqual(['measured']);
    expect(await atOnce(`${text}measure: { method: scan }\n`)).toEqual(['measured']);
    expect(await atOnce(`${text}measure: { method: scn }\n`), 'no recipe').toEqual([]);
    expect(changes.at(-1)!.sensitivity).toBe(found);
    asked.length = 0;
    follow(text);
    follower.refreshSensitivity();
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual(['measured', 'measured']);
    found = structuredClone(found);
    const known = follower.facts.sensitivity;
    follower.refreshSensitivity();
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(follower.facts.sensitivity, 'the same again need not be sent again').toBe(known);
  });

  it('asks once for a text that is typed quickly, and about the last of it', async () => {
    mkdirSync(join(folder, 'm'));
    const { follow, settled, asked } = setUp();
    for (let i = 0; i < 20; i++) follow(`model: ./m\nsparsity: 0.${i + 10}`);
    await settled((facts) => expect(facts).toMatchObject({ checkpoint: { state: 'ready' }, needs: { seconds: 3 } }));
    expect(asked.toSorted()).toEqual(['inspect', 'measured', 'measured', 'outcome', 'plan']);
  });

  it('says which checkpoint is missing, and which is bad', async () => {
    mkdirSync(join(folder, 'bad'));
    const { follow, settled } = setUp();
    follow('model: ./gone\nsparsity: 0.5');
    await settled((facts) => expect(facts.checkpoint).toEqual({ state: 'missing', path: join(folder, 'gone') }));
    follow('model: ./bad\nsparsity: 0.5');
    await settled((facts) => expect(facts.checkpoint).toMatchObject({ state: 'bad', message: 'no config.json', hint: 'Choose another.' }));
    follow('sparsity: 0.5');
    await settled((facts) => expect(facts.checkpoint).toEqual({ state: 'missing', path: '' }));
  });

  it('still knows the checkpoint of a recipe with problems, and plans nothing', async () => {
    mkdirSync(join(folder, 'm'));
    const { follow, settled, asked } = setUp();
    follow('model: ./m\nsparsity: lots');
    await settled((facts) => expect(facts.checkpoint.state).toBe('ready'));
    await later();
    expect(asked).toEqual(['inspect']);
  });

  it('does without a plan where a setting has a value that it cannot have', async () => {
    mkdirSync(join(folder, 'm'));
    const refused = new SecateurError('BAD_ARGUMENT', 'the setting secateur.threads is "x"');
    const { follow, settled, faults } = setUp({}, undefined, () => {
      throw refused;
    });
    follow('model: ./m\nsparsity: 0.5');
    await settled((facts) => expect(facts).toMatchObject({ outcome: { state: 'absent' }, needs: null }));
    expect(faults).toEqual([refused]);
  });

  it('finds a checkpoint that appears', async () => {
    const { follow, settled, follower } = setUp();
    follow('model: ./m\nsparsity: 0.5');
    await settled((facts) => expect(facts.checkpoint.state).toBe('missing'));
    mkdirSync(join(folder, 'm'));
    follower.refresh();
    await settled((facts) => expect(facts.checkpoint.state).toBe('ready'));
  });

  it('asks for no dry run while a job is on, but for what was measured', async () => {
    mkdirSync(join(folder, 'm'));
    let isBusy = true;
    const { follow, follower, settled, asked } = setUp({}, () => isBusy);
    follow('model: ./m\nsparsity: 0.5');
    await settled((facts) => expect(facts.checkpoint.state).toBe('ready'));
    await later();
    expect(asked).toEqual(['measured', 'inspect']);
    isBusy = false;
    follower.refresh();
    await settled((facts) => expect(facts.needs).not.toBeNull());
  });

  it('does without what cannot be found out, and passes on why', async () => {
    mkdirSync(join(folder, 'm'));
    const plan = () => {
      throw new SecateurError('BUDGET_INFEASIBLE', 'no room');
    };
    const { follow, settled, faults } = setUp({ plan });
    follow('model: ./m\nsparsity: 0.5');
    await settled((facts) => expect(facts).toMatchObject({ outcome: { state: 'absent' }, needs: null }));
    expect(faults).toMatchObject([{ code: 'BUDGET_INFEASIBLE' }]);
  });

  it('drops an answer to a text that is no more', async () => {
    mkdirSync(join(folder, 'm'));
    let release: (outcome: unknown) => void = () => {};
    let nOutcomes = 0;
    const outcome = () => (nOutcomes++ === 0 ? new Promise((resolve) => (release = resolve)) : { to: 'second', state: 'absent' });
    const { follow, settled, changes } = setUp({ outcome });
    follow('model: ./m\nsparsity: 0.5');
    await later();
    expect(nOutcomes).toBe(1);
    follow('model: ./m\nsparsity: 0.6');
    release({ to: 'first', state: 'absent' });
    await settled((facts) => expect(facts.outcome?.to).toBe('second'));
    expect(changes.filter((facts) => facts.outcome?.to === 'first')).toEqual([]);
  });

  it('says nothing more once it is disposed', async () => {
    mkdirSync(join(folder, 'm'));
    const { follow, follower, changes } = setUp();
    follow('model: ./m\nsparsity: 0.5');
    follower.dispose();
    const nChanges = changes.length;
    await later();
    expect(changes).toHaveLength(nChanges);
  });
});
