/** What the menus may know: whether a job is on, whether one could go on or has a result, and which folders are checkpoints. */

import { commands, type Disposable, window } from 'vscode';
import type { Outcome } from '../protocol/engine.ts';
import { activeRecipe } from './recipe-files.ts';
import { isResumable, wasRefused } from './run-list.ts';
import type { Services } from './services.ts';

export interface ContextKeys extends Disposable {
  /** What became of the output of a recipe, by its uri. */
  setOutcome(recipe: string, outcome: Outcome | null): void;
}

export function createContextKeys({ runs, library, log }: Pick<Services, 'runs' | 'library' | 'log'>): ContextKeys {
  const outcomes = new Map<string, Outcome['state']>();
  const told = new Map<string, string>();
  const tell = (key: string, value: unknown) => {
    const text = JSON.stringify(value);
    if (told.get(key) === text) return;
    told.set(key, text);
    void commands.executeCommand('setContext', `secateur.${key}`, value);
  };
  /** Of the recipe that is looked at: as its panel knows, or as its last run ended. Without one, of the last run there was. */
  const outcomeNow = (): Outcome['state'] => {
    const recipe = activeRecipe()?.toString();
    const known = recipe && outcomes.get(recipe);
    if (known) return known;
    const last = runs.list.find((run) => run.kind === 'prune' && !wasRefused(run) && (recipe === undefined || run.recipe === recipe));
    if (!last) return 'absent';
    return isResumable(last) ? 'partial' : 'finished';
  };
  const tellRuns = () => {
    const outcome = outcomeNow();
    tell('running', runs.current !== null);
    tell('resumable', outcome === 'partial');
    tell('finished', outcome === 'finished');
  };
  const tellFolders = async () => {
    try {
      tell('checkpointFolders', (await library.facts()).files.checkpoints);
    } catch (error) {
      log.debug(`checkpoints could not be looked for: ${(error as Error).message}`);
    }
  };
  tellRuns();
  void tellFolders();
  const disposables = [
    runs.onDidChange(({ run, isProgress }) => {
      if (isProgress) return;
      // What was known of its output holds no longer.
      if (run?.recipe) outcomes.delete(run.recipe);
      tellRuns();
    }),
    window.tabGroups.onDidChangeTabs(tellRuns),
    window.tabGroups.onDidChangeTabGroups(tellRuns),
    window.onDidChangeActiveTextEditor(tellRuns),
    library.onDidChange(tellFolders),
  ];
  return {
    setOutcome(recipe, outcome) {
      if (outcome) outcomes.set(recipe, outcome.state);
      else outcomes.delete(recipe);
      tellRuns();
    },
    dispose() {
      for (const disposable of disposables) disposable.dispose();
    },
  };
}
