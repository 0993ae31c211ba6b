/** What the files of a workspace add up to: checkpoints, with the recipes that prune them and the results made from them. */

import { basename, dirname, join, sep } from 'node:path';
import { reportFileName } from '../../protocol/file-names.ts';

/** Names that make a file matter here; the folders of `leftOut` are never looked into. */
export const watchedNames = `**/{config.json,model.safetensors,model.safetensors.index.json,*.gguf,${reportFileName},*.prune.yaml}`;
export const leftOut = '{**/node_modules/**,**/.git/**,**/.secateur/**,**/*.partial/**}';

const watchedName = /^(config\.json|model\.safetensors(\.index\.json)?|.+\.gguf|.+\.prune\.yaml)$/i;
const leftOutFolder = /^(node_modules|\.git|\.secateur|.+\.partial)$/;

/** Files by what they are; every path is absolute. */
export interface SortedFiles {
  /** Folders with a `config.json` beside safetensors. */
  readonly checkpoints: readonly string[];
  readonly recipes: readonly string[];
  readonly ggufs: readonly string[];
}

/** What a report says that matters here. */
export interface ReportFacts {
  /** The folder of the checkpoint it was made from, as it was called then. */
  readonly source: string;
  readonly sparsity: number;
  readonly perplexity: { readonly before: number; readonly after: number } | null;
  /** Names of the files that the run wrote beside the weights. */
  readonly others: readonly string[];
}

/** What a recipe says that matters here. */
export interface RecipeFacts {
  /** The folder its `model` leads to, absolute; `null` where it names none. */
  readonly model: string | null;
  /** `50 % · obs`; `null` where it has problems. */
  readonly summary: string | null;
  readonly nProblems: number;
}

export interface LibraryFacts {
  readonly files: SortedFiles;
  /** By the folder of the checkpoint; a text says why the report cannot be read. */
  readonly reports: ReadonlyMap<string, ReportFacts | string>;
  /** By path. */
  readonly recipes: ReadonlyMap<string, RecipeFacts>;
}

export interface CheckpointItem {
  readonly kind: 'checkpoint';
  readonly path: string;
  /** There is one in every result of a run. */
  readonly report: ReportFacts | null;
  readonly reportProblem: string | null;
  readonly children: readonly LibraryItem[];
}

export interface RecipeItem {
  readonly kind: 'recipe';
  readonly path: string;
  readonly facts: RecipeFacts;
  /** Whether the checkpoint it names is in the workspace. */
  readonly hasCheckpoint: boolean;
}

export interface GgufItem {
  readonly kind: 'gguf';
  readonly path: string;
}

export type LibraryItem = CheckpointItem | RecipeItem | GgufItem;

/** Whether a file of this name can change the library, by what is in it or by being there. */
export function isWatched(path: string): boolean {
  const name = path.split(/[\\/]/).at(-1)!;
  return (watchedName.test(name) || name.toLowerCase() === reportFileName) && !isLeftOut(path);
}

/** Whether nothing below this path is looked at. `path` is seen from the workspace's folder. */
export function isLeftOut(path: string): boolean {
  return path.split(/[\\/]/).some((part) => leftOutFolder.test(part));
}

/** Whether something of the library lies at this path or below it. */
export function holds({ files }: LibraryFacts, path: string): boolean {
  const known = [...files.checkpoints, ...files.recipes, ...files.ggufs];
  return known.some((one) => one === path || one.startsWith(path + sep));
}

/** Sorts paths by what they are; those that are nothing here are left out. */
export function sortFiles(paths: readonly string[]): SortedFiles {
  const all = new Set(paths);
  const hasWeights = (folder: string) =>
    all.has(join(folder, 'model.safetensors')) || all.has(join(folder, 'model.safetensors.index.json'));
  const isNamed = (ending: string) => (path: string) => path.toLowerCase().endsWith(ending);
  return {
    checkpoints: paths
      .filter((path) => basename(path) === 'config.json')
      .map((path) => dirname(path))
      .filter(hasWeights),
    recipes: paths.filter(isNamed('.prune.yaml')),
    ggufs: paths.filter(isNamed('.gguf')),
  };
}

/**
 * The library as a tree: results below what they were made from, recipes below what they prune, in the order of their names. A recipe whose
 * checkpoint is not in the workspace stands by itself at the end, and so does a GGUF file before them.
 */
export function buildLibrary({ files, reports, recipes }: LibraryFacts): readonly LibraryItem[] {
  const known = new Set(files.checkpoints);
  const parents = findParents(files.checkpoints, reports, recipes, known);
  const recipeItem = (path: string): RecipeItem => {
    const facts = recipes.get(path)!;
    return { kind: 'recipe', path, facts, hasCheckpoint: facts.model !== null && known.has(facts.model) };
  };
  const items = ownRecipes({ files, reports }).map(recipeItem);
  const checkpointItem = (path: string): CheckpointItem => {
    const report = reports.get(path) ?? null;
    const results = files.checkpoints.filter((folder) => parents.get(folder) === path).toSorted(byName);
    return {
      kind: 'checkpoint',
      path,
      report: typeof report === 'string' ? null : report,
      reportProblem: typeof report === 'string' ? report : null,
      children: [...items.filter(({ facts }) => facts.model === path), ...results.map(checkpointItem)],
    };
  };
  const roots = files.checkpoints.filter((folder) => !parents.has(folder)).toSorted(byName);
  return [
    ...roots.map(checkpointItem),
    ...files.ggufs.toSorted(byName).map((path): GgufItem => ({ kind: 'gguf', path })),
    ...items.filter((item) => !item.hasCheckpoint),
  ];
}

/** The recipes in the order of their names, without the copies that runs leave in their results. */
export function ownRecipes({ files, reports }: Pick<LibraryFacts, 'files' | 'reports'>): readonly string[] {
  const isCopy = (path: string) => {
    const report = reports.get(dirname(path));
    return typeof report === 'object' && report.others.includes(basename(path));
  };
  return files.recipes.filter((path) => !isCopy(path)).toSorted(byName);
}

/**
 * The checkpoint each result was made from. A result that was moved along with its source still finds it by the recipe beside it, whose
 * path is relative. Reports can say anything, also that two checkpoints were made from each other: such a ring is cut open.
 */
function findParents(
  folders: readonly string[],
  reports: LibraryFacts['reports'],
  recipes: LibraryFacts['recipes'],
  known: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const parents = new Map<string, string>();
  for (const folder of folders.toSorted(byName)) {
    const report = reports.get(folder);
    if (typeof report !== 'object') continue;
    const models = report.others.map((name) => recipes.get(join(folder, name))?.model ?? null);
    const source = [report.source, ...models].find((path) => path !== null && known.has(path) && !leadsTo(parents, path, folder));
    if (source) parents.set(folder, source);
  }
  return parents;
}

function leadsTo(parents: ReadonlyMap<string, string>, from: string, to: string): boolean {
  for (let at: string | undefined = from; at !== undefined; at = parents.get(at)) if (at === to) return true;
  return false;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function byName(a: string, b: string): number {
  return collator.compare(basename(a), basename(b)) || collator.compare(a, b);
}
