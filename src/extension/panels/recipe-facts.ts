/** What a recipe's panel shows beside the text: the checkpoint it names, its sensitivity, what a run needs, and what became of its output. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Sensitivity } from '../../methods/sensitivity.ts';
import type { Needs } from '../../protocol/data.ts';
import { type ComputeSettings, type Outcome, type RecipeText, requests } from '../../protocol/engine.ts';
import type { CheckpointState } from '../../protocol/panel.ts';
import { isSameSensitivity } from '../../protocol/same-sensitivity.ts';
import { methodsText } from '../../recipe/named-methods.ts';
import { parseRecipe } from '../../recipe/parse.ts';
import { readYaml } from '../../recipe/yaml-text.ts';
import type { EngineClient } from '../engine-client.ts';
import type { Inspections } from '../views/inspections.ts';

export interface RecipeFacts {
  readonly checkpoint: CheckpointState;
  readonly sensitivity: Sensitivity | null;
  readonly needs: Needs | null;
  readonly outcome: Outcome | null;
}

export interface FactsOptions {
  readonly engine: Pick<EngineClient, 'request'>;
  readonly inspections: Pick<Inspections, 'ask'>;
  /** While a job runs, nothing else is asked but what a checkpoint is, and what was measured of it. */
  isBusy(): boolean;
  compute(): ComputeSettings;
  cacheFolder(): string;
  onChange(facts: RecipeFacts): void;
  /** Where something could not be found out that the panel does without. */
  onFault(error: unknown): void;
}

export interface FactsFollower {
  readonly facts: RecipeFacts;
  /** The folder of the checkpoint; `null` where the recipe names none. */
  readonly modelFolder: string | null;
  /** The recipe as it is now. */
  follow(recipe: RecipeText): void;
  /** Finds everything out again: a run has ended, or files have changed. */
  refresh(): void;
  /** Finds out at once what was measured: a measure has ended. */
  refreshSensitivity(): void;
  dispose(): void;
}

const checkpointMs = 150;
const dryRunMs = 500;

export function followFacts(options: FactsOptions): FactsFollower {
  let facts: RecipeFacts = { checkpoint: { state: 'loading' }, sensitivity: null, needs: null, outcome: null };
  let recipe: RecipeText | undefined;
  let model: string | null | undefined;
  let methods: string | undefined;
  let isDisposed = false;
  const timers: { checkpoint?: NodeJS.Timeout; dryRun?: NodeJS.Timeout } = {};

  const set = ({ sensitivity = facts.sensitivity, ...change }: Partial<RecipeFacts>) => {
    facts = { ...facts, ...change, sensitivity: isSameSensitivity(facts.sensitivity, sensitivity) ? facts.sensitivity : sensitivity };
    options.onChange(facts);
  };
  const isStale = (asked: RecipeText) => isDisposed || asked !== recipe;

  const findCheckpoint = async () => {
    const asked = model;
    const checkpoint = await checkpointAt(asked ?? null, options.inspections);
    if (!isDisposed && asked === model && !isSame(checkpoint, facts.checkpoint)) set({ checkpoint });
  };
  // A setting with a value that it cannot have throws before anything is asked.
  const ask = async <R>(request: () => Promise<R>): Promise<R | null> => {
    try {
      return await request();
    } catch (error) {
      options.onFault(error);
      return null;
    }
  };
  const measuredFor = (asked: RecipeText) =>
    ask(() => options.engine.request(requests.measured, { ...asked, cacheFolder: options.cacheFolder() }));
  const findSensitivity = async () => {
    const asked = recipe;
    if (!asked || parseRecipe(asked.text).recipe === undefined) return;
    const sensitivity = await measuredFor(asked);
    // Also one that is not there is told at once: what another method has found is no answer.
    if (!isStale(asked)) set({ sensitivity });
  };
  const dryRun = async () => {
    const asked = recipe;
    if (!asked || options.isBusy()) return;
    if (parseRecipe(asked.text).recipe === undefined) return set({ needs: null, outcome: null });
    const outcome = await ask(() => options.engine.request(requests.outcome, asked));
    if (isStale(asked)) return;
    const sensitivity = await measuredFor(asked);
    if (isStale(asked)) return;
    const plan = await ask(() =>
      options.engine.request(requests.plan, { ...asked, compute: options.compute(), cacheFolder: options.cacheFolder() }),
    );
    if (!isStale(asked)) set({ outcome, sensitivity, needs: plan?.needs ?? null });
  };
  const schedule = () => {
    clearTimeout(timers.checkpoint);
    clearTimeout(timers.dryRun);
    timers.checkpoint = setTimeout(() => void findCheckpoint(), checkpointMs);
    timers.dryRun = setTimeout(() => void dryRun(), dryRunMs);
  };
  return {
    get facts() {
      return facts;
    },
    get modelFolder() {
      return model ?? null;
    },
    follow(next) {
      recipe = next;
      // With every key that is typed: the whole is read only where the model is an alias, or not there.
      const { document } = readYaml(next.text);
      const named: unknown = document?.get('model');
      const written = typeof named === 'string' ? named : (parseRecipe(next.text).recipe?.model ?? null);
      const folder = written === null ? null : resolve(next.folder, written);
      if (folder !== model) {
        model = folder;
        set({ checkpoint: { state: 'loading' }, sensitivity: null, needs: null });
      }
      const chosen = `${folder}\n${methodsText(next.text, document)}`;
      if (chosen !== methods) {
        methods = chosen;
        void findSensitivity();
      }
      schedule();
    },
    refresh: schedule,
    refreshSensitivity: () => void findSensitivity(),
    dispose() {
      isDisposed = true;
      clearTimeout(timers.checkpoint);
      clearTimeout(timers.dryRun);
    },
  };
}

async function checkpointAt(folder: string | null, inspections: Pick<Inspections, 'ask'>): Promise<CheckpointState> {
  if (folder === null) return { state: 'missing', path: '' };
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  if (!isThere) return { state: 'missing', path: folder };
  const answer = await inspections.ask(folder);
  if ('inspection' in answer) return { state: 'ready', inspection: answer.inspection };
  return { state: 'bad', path: folder, message: answer.message, hint: answer.hint };
}

/** Inspections are kept where they were made, so the same one says that nothing has changed. */
function isSame(a: CheckpointState, b: CheckpointState): boolean {
  if (a.state === 'ready' && b.state === 'ready') return a.inspection === b.inspection;
  return JSON.stringify(a) === JSON.stringify(b);
}
