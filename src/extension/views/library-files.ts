/** Reads what recipes and reports say that the library needs, each again only when its file has changed. */

import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { reportFileName } from '../../protocol/file-names.ts';
import { parseReport } from '../../protocol/report.ts';
import { parseRecipe } from '../../recipe/parse.ts';
import { solveName } from '../../recipe/solve-name.ts';
import { readYaml } from '../../recipe/yaml-text.ts';
import { type LibraryFacts, type RecipeFacts, type ReportFacts, sortFiles } from './library.ts';

/** Far beyond any recipe, and the report of a model with ten thousand matrices. */
const mostRecipeBytes = 2 ** 20;
const mostListedBytes = 32 * 2 ** 20;

export interface LibraryReader {
  /** What the files at these paths say; a file that is gone meanwhile counts as not being there. */
  read(paths: readonly string[]): Promise<LibraryFacts>;
}

export function createLibraryReader(): LibraryReader {
  const recipeOf = cached(readRecipeFacts);
  const reportOf = cached(readReportFacts);
  return {
    async read(paths) {
      const files = sortFiles(paths);
      const present = new Set(paths);
      const reports = new Map<string, ReportFacts | string>();
      for (const folder of files.checkpoints) {
        const path = join(folder, reportFileName);
        const report = present.has(path) ? await reportOf(path) : null;
        if (report !== null) reports.set(folder, report);
      }
      const recipes = new Map<string, RecipeFacts>();
      for (const path of files.recipes) {
        const facts = await recipeOf(path);
        if (facts !== null) recipes.set(path, facts);
      }
      return { files: { ...files, recipes: files.recipes.filter((path) => recipes.has(path)) }, reports, recipes };
    },
  };
}

/** `null` where there is no such file. */
async function readReportFacts(path: string, bytes: number): Promise<ReportFacts | string> {
  if (bytes > mostListedBytes) return `it is larger than ${mostListedBytes / 2 ** 20} MiB`;
  const parsed = parseReport(await readJson(path));
  if ('problem' in parsed) return parsed.problem;
  const { source, sparsity, perplexity, output } = parsed.report;
  return {
    source: canonical(source.path),
    sparsity: sparsity.achieved,
    perplexity: perplexity && { before: perplexity.before.perplexity, after: perplexity.after.perplexity },
    others: output.others,
  };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function readRecipeFacts(path: string, bytes: number): Promise<RecipeFacts> {
  if (bytes > mostRecipeBytes) return { model: null, summary: null, nProblems: 1 };
  const text = await readFile(path, 'utf8');
  const { recipe, problems } = parseRecipe(text);
  const model = recipe?.model ?? modelOf(text);
  const target = recipe && (recipe.pattern ? `${recipe.pattern.n}:${recipe.pattern.m}` : `${Number((100 * recipe.sparsity).toFixed(2))} %`);
  return {
    model: model === null ? null : canonical(resolve(dirname(path), model)),
    summary: recipe ? `${target} · ${solveName(recipe.solve)}` : null,
    nProblems: problems.filter(({ severity }) => severity === 'error').length,
  };
}

/** A recipe with problems elsewhere still belongs to the checkpoint it names. */
export function modelOf(text: string): string | null {
  const model = readYaml(text).document?.get('model');
  return typeof model === 'string' ? model : null;
}

/** The same folder under the same name, as the editor writes it: without a slash at the end, the drive in small letters. */
function canonical(path: string): string {
  return resolve(path).replace(/^[A-Z]:/, (drive) => drive.toLowerCase());
}

/** Asks again only where size or time of change are others; `null` where there is no such file, or none that may be read. */
function cached<T>(read: (path: string, bytes: number) => Promise<T>): (path: string) => Promise<T | null> {
  const known = new Map<string, { readonly stamp: string; readonly value: T }>();
  return async (path) => {
    try {
      const { size, mtimeMs } = await stat(path);
      const stamp = `${size} ${mtimeMs}`;
      const before = known.get(path);
      if (before?.stamp === stamp) return before.value;
      const value = await read(path, size);
      known.set(path, { stamp, value });
      return value;
    } catch {
      known.delete(path);
      return null;
    }
  };
}
