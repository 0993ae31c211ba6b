/** Everything that is wrong with a recipe, with its place: what the text shows by itself, and what only its surroundings show. */

import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import { type ErrorCode, withFullStop } from '../error.ts';
import { findNode, type Offsets } from '../recipe/outline.ts';
import { type Path, type Problem, type ProblemCode, pathName } from '../recipe/problem.ts';
import { defaultOutput } from '../recipe/schema.ts';
import type { Analysis } from './analysis.ts';
import { pathsIn, type RecipePath } from './facts.ts';
import type { Study } from './study.ts';

/** A problem of the text or of its surroundings, in the terms of the text. */
export interface Flaw extends Pick<Problem, 'severity' | 'message' | 'path' | 'allowed' | 'hint'> {
  readonly code: ProblemCode | ErrorCode;
  readonly offsets: Offsets;
}

/** More than a person reads, and more than an editor shows without effort. */
const mostDiagnostics = 1000;

export function diagnose(study: Study): Diagnostic[] {
  return findFlaws(study)
    .slice(0, mostDiagnostics)
    .map((flaw) => diagnosticOf(study.analysis, flaw));
}

export function diagnosticOf(analysis: Analysis, { code, severity, message, hint, offsets }: Flaw): Diagnostic {
  return {
    range: analysis.range(offsets),
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    source: 'secateur',
    message: hint ? `${withFullStop(message)}\n${hint}` : message,
  };
}

/** In the order of the text. */
export function findFlaws(study: Study): readonly Flaw[] {
  const { problems } = study.analysis;
  const own = problems.map(({ range, ...problem }): Flaw => ({ ...problem, offsets: [range.start.offset, range.end.offset] }));
  const others = [...checkpointFlaws(study), ...pathFlaws(study), ...outputFlaws(study), ...lengthFlaws(study), ...budgetFlaws(study)];
  return [...own, ...others].toSorted((a, b) => a.offsets[0] - b.offsets[0]);
}

function checkpointFlaws({ analysis, facts: { checkpoint, found } }: Study): Flaw[] {
  const model = pathsIn(analysis).find(({ place }) => place === 'checkpoint');
  if (!model || checkpoint.state !== 'bad') return [];
  if (found.get(model.path) === 'absent')
    return [
      flawAt(model, 'FILE_MISSING', `${model.path} is not there`, 'Name the folder of a Hugging Face checkpoint, as seen from the recipe.'),
    ];
  return [flawAt(model, checkpoint.code, checkpoint.message, checkpoint.hint)];
}

function pathFlaws({ analysis, facts: { found } }: Study): Flaw[] {
  return pathsIn(analysis)
    .filter(({ place, path }) => place === 'text' && found.get(path) === 'absent')
    .map((text) =>
      flawAt(text, 'FILE_MISSING', `${text.path} is not there`, 'Name a text file or a folder of them, as seen from the recipe.'),
    );
}

/** A result that a run may or may not replace is no flaw of the recipe that made it. */
function outputFlaws({ analysis, facts: { found } }: Study): Flaw[] {
  const { recipe } = analysis;
  if (!recipe) return [];
  const to = recipe.save.to ?? defaultOutput(recipe);
  const lies = found.get(to);
  if (lies !== 'file' && lies !== 'folder') return [];
  const path = ['save', 'to'];
  return [
    {
      code: 'OUTPUT_EXISTS',
      severity: 'error',
      message: `${to} exists and is no result of Secateur, so a run does not replace it`,
      hint: 'Name another folder in save.to.',
      path,
      offsets: placeOfPath(analysis, [path, ['save'], ['model']]),
    },
  ];
}

function lengthFlaws({ analysis, facts: { checkpoint } }: Study): Flaw[] {
  const { recipe } = analysis;
  if (!recipe || checkpoint.state !== 'ready') return [];
  const { maxLength } = checkpoint;
  const lengths = { calibrate: recipe.calibrate.length, evaluate: recipe.evaluate?.length };
  return Object.entries(lengths).flatMap(([step, length]): Flaw[] => {
    if (length === undefined || length <= maxLength) return [];
    const path = [step, 'length'];
    const name = pathName(path);
    const message = `${name} is ${length}, the model was made for ${maxLength} tokens`;
    return [
      {
        code: 'BAD_ARGUMENT',
        severity: 'error',
        message,
        hint: `Write ${maxLength}.`,
        path,
        offsets: placeOfPath(analysis, [path, [step]]),
      },
    ];
  });
}

function budgetFlaws({ analysis, budget }: Study): Flaw[] {
  if (!budget) return [];
  const unmatched = fixedNodes(analysis).filter(({ path }) => budget.unmatched.has(String(path.at(-1))));
  const flaws = unmatched.map(
    ({ path, key, range }): Flaw => ({
      code: 'BAD_RECIPE',
      severity: 'error',
      message: `${pathName(path)} matches no matrix`,
      hint: `Names look like ${budget.slots[0].name}.`,
      path,
      offsets: key ?? range,
    }),
  );
  if (!budget.error) return flaws;
  const { code, message, hint } = budget.error;
  const path = [budget.recipe.pattern ? 'pattern' : 'sparsity'];
  return [...flaws, { code, severity: 'error', message, path, offsets: placeOfPath(analysis, [path]), ...(hint && { hint }) }];
}

/** The entries of `allocate.fixed`. */
export function fixedNodes({ outline }: Analysis) {
  return findNode(outline, ['allocate', 'fixed'])?.children ?? [];
}

function flawAt({ node }: RecipePath, code: ErrorCode, message: string, hint: string | undefined): Flaw {
  return {
    code,
    severity: 'error',
    message: `${pathName(node.path)}: ${message}`,
    path: node.path,
    offsets: node.value ?? node.range,
    ...(hint && { hint }),
  };
}

/** Of the first of several paths that is in the text. */
function placeOfPath({ outline }: Analysis, paths: readonly Path[]): Offsets {
  const node = paths.map((path) => findNode(outline, path)).find((found) => found !== undefined);
  return node?.value ?? node?.key ?? [0, 0];
}
