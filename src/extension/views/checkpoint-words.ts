/** What the view of checkpoints says of each of its items. */

import { basename } from 'node:path';
import type { Inspection } from '../../protocol/data.ts';
import { reportFileName } from '../../protocol/file-names.ts';
import { formatBytes, formatRough } from '../../protocol/quantity.ts';
import type { CheckpointItem, GgufItem, LibraryItem, RecipeItem } from './library.ts';

/** What the engine found in a checkpoint; `undefined` while it has not answered. */
export type Inspected = { readonly inspection: Inspection } | { readonly message: string; readonly hint: string | null } | undefined;

export interface ItemWords {
  readonly label: string;
  readonly description: string;
  /** Plain text, line by line. */
  readonly tooltip: string;
  /** For a screen reader: what it is, then what there is to know of it. */
  readonly spoken: string;
  /** Name of a codicon. */
  readonly icon: string;
  /** What the menus ask for as `viewItem`. */
  readonly contextValue: 'checkpoint' | 'result' | 'recipe' | 'gguf';
}

/** @param place  the folder it lies in, told where its label alone could be taken for another's */
export function wordsOf(item: LibraryItem, inspected: Inspected, place: string | null): ItemWords {
  if (item.kind === 'recipe') return recipeWords(item);
  if (item.kind === 'gguf') return ggufWords(item, place);
  return checkpointWords(item, inspected, place);
}

function checkpointWords({ path, report, reportProblem }: CheckpointItem, inspected: Inspected, place: string | null): ItemWords {
  const label = basename(path);
  const isBad = inspected !== undefined && 'message' in inspected;
  const sparse = report ? [`${Number((100 * report.sparsity).toFixed(2))} % sparse`] : [];
  const facts = inspected === undefined ? [] : isBad ? [oneLine(inspected.message)] : inspectionFacts(inspected.inspection);
  const told = [...facts, ...sparse];
  const perplexity = report?.perplexity && `Perplexity ${report.perplexity.before.toFixed(3)} → ${report.perplexity.after.toFixed(3)}`;
  return {
    label,
    description: [...(place === null ? [] : [place]), ...told].join(' · '),
    tooltip: [
      path,
      told.join(' · '),
      isBad ? inspected.hint : null,
      report ? `Pruned from ${report.source}` : null,
      perplexity,
      reportProblem === null ? null : `Its ${reportFileName} cannot be read: ${oneLine(reportProblem)}`,
    ]
      .filter(Boolean)
      .join('\n'),
    spoken: [`${report ? 'pruned checkpoint' : 'checkpoint'} ${label}`, ...told, ...(perplexity ? [perplexity] : [])].join(', '),
    icon: isBad ? 'warning' : report ? 'graph' : 'package',
    contextValue: report ? 'result' : 'checkpoint',
  };
}

/** `llama`, `135 M`, `257 MiB`, `bf16` */
function inspectionFacts({ modelType, parameters, files, dtypes }: Inspection): string[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return [modelType, formatRough(parameters), formatBytes(bytes), Object.keys(dtypes).join(' and ')];
}

function recipeWords({ path, facts, hasCheckpoint }: RecipeItem): ItemWords {
  const label = basename(path);
  const problems = facts.nProblems === 1 ? '1 problem' : `${facts.nProblems} problems`;
  const state = facts.summary ?? problems;
  const elsewhere = facts.model === null ? 'names no checkpoint' : `its checkpoint ${basename(facts.model)} is not in the workspace`;
  const told = hasCheckpoint ? [state] : [state, elsewhere];
  return {
    label,
    description: told.join(' · '),
    tooltip: [path, state, hasCheckpoint ? `Prunes ${facts.model}` : (facts.model ?? elsewhere)].join('\n'),
    spoken: [`recipe ${label}`, ...told].join(', '),
    icon: facts.summary === null ? 'warning' : 'file',
    contextValue: 'recipe',
  };
}

function ggufWords({ path }: GgufItem, place: string | null): ItemWords {
  const label = basename(path);
  return {
    label,
    description: [...(place === null ? [] : [place]), 'to be imported'].join(' · '),
    tooltip: `${path}\nImport it to get a checkpoint that can be pruned.`,
    spoken: `GGUF file ${label}, to be imported`,
    icon: 'file-binary',
    contextValue: 'gguf',
  };
}

/** The paths whose last part another one has too: with them the folder has to be told. */
export function ambiguous(items: readonly LibraryItem[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { path } of items) counts.set(basename(path), (counts.get(basename(path)) ?? 0) + 1);
  return new Set(items.map(({ path }) => path).filter((path) => counts.get(basename(path))! > 1));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
