/** Starts the jobs of recipes and checkpoints, and tells how they ended: once, with what to look at. */

import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { commands, type MessageItem, type TextDocument, Uri, window, workspace } from 'vscode';
import { SecateurError } from '../error.ts';
import { type Evaluation, type Outcome, type ResolvedMatrix, requests } from '../protocol/engine.ts';
import type { Report } from '../protocol/report.ts';
import { parseRecipe } from '../recipe/parse.ts';
import type { Recipe } from '../recipe/schema.ts';
import { type CommandId, commandName } from './contributes/commands.ts';
import { faultOf } from './errors.ts';
import { reportIn } from './pick.ts';
import { withoutLinks } from './plain-text.ts';
import { openRecipe, recipeText } from './recipe-files.ts';
import type { Ending, Job } from './runs.ts';
import type { Services } from './services.ts';
import { tellError, type WayOut } from './tell.ts';

/**
 * Prunes as the text in the editor says, saved or not, or goes on with the run of it that stopped. An earlier result is not replaced
 * unless the recipe says so, nor are finished blocks of another recipe: a message offers that.
 *
 * @param options.fresh  starts over, and replaces an earlier result
 * @returns              how it ended, which a message tells too; `undefined` where an earlier result or run is in the way
 * @throws               `BAD_RECIPE`, `BUSY`, `UNSUPPORTED` where it cannot begin
 */
export async function prune(services: Services, uri: Uri, { fresh = false } = {}): Promise<Ending<Report> | undefined> {
  requireTrust();
  const document = await openRecipe(uri);
  const recipe = checkedRecipe(document);
  const text = recipeText(document);
  const { compute } = services.settings();
  const outcome = await services.engine.request(requests.outcome, text);
  if (outcome.state === 'finished' && !fresh && !recipe.save.overwrite) {
    tellTaken(services, outcome, uri);
    return undefined;
  }
  if (outcome.state === 'other' && !fresh) {
    tellOther(services, outcome, uri);
    return undefined;
  }
  const ending = await begin(services, {
    kind: 'prune',
    title: basename(uri.path),
    recipe: uri.toString(),
    folder: outcome.to,
    model: resolve(text.folder, recipe.model),
    ask: (job, signal) =>
      services.engine.request(requests.prune, { ...text, job, compute, fresh, cacheFolder: services.cacheFolder(uri) }, { signal }),
    summary: ({ perplexity }) => ({
      perplexity: perplexity && { before: perplexity.before.perplexity, after: perplexity.after.perplexity },
    }),
  });
  tellEnd(services, ending, {
    words: ({ sparsity, perplexity }) =>
      `${basename(outcome.to)}: ${Number((100 * sparsity.achieved).toFixed(2))} % zeros${
        perplexity ? `, perplexity ${perplexity.before.perplexity.toFixed(2)} → ${perplexity.after.perplexity.toFixed(2)}` : ''
      }.`,
    buttons: [
      { title: 'Open Report', command: 'openReport', argument: reportIn(outcome.to) },
      { title: 'Reveal', command: 'reveal', argument: Uri.file(outcome.to) },
    ],
    wayOut: { label: 'Resume', command: 'resume', argument: uri, hint: 'Finished blocks are kept.' },
  });
  return ending;
}

/** Measures the sensitivity of every matrix of a recipe's checkpoint. Errors as those of `prune`. */
export async function measure(services: Services, uri: Uri): Promise<void> {
  requireTrust();
  const document = await openRecipe(uri);
  checkedRecipe(document);
  const { compute } = services.settings();
  const request = { ...recipeText(document), compute, cacheFolder: services.cacheFolder(uri) };
  const ending = await begin(services, {
    kind: 'measure',
    title: basename(uri.path),
    recipe: uri.toString(),
    folder: null,
    ask: (job, signal) => services.engine.request(requests.measure, { ...request, job }, { signal }),
  });
  tellEnd(services, ending, {
    words: ({ matrices }) => `${basename(uri.path)}: ${matrices.length} matrices measured.`,
    buttons: [{ title: 'Open Panel', command: 'openPanel', argument: uri }],
  });
}

/** One matrix of a recipe, solved by itself beside whatever runs. Errors as those of `prune`, and what a solver can throw. */
export async function solveMatrix(
  services: Services,
  document: TextDocument,
  wished: { readonly matrix: string; readonly sparsity: number },
  signal: AbortSignal,
): Promise<ResolvedMatrix | null> {
  requireTrust();
  const { compute } = services.settings();
  const cacheFolder = services.cacheFolder(document.uri);
  return services.engine.request(requests.resolve, { ...recipeText(document), ...wished, compute, cacheFolder }, { signal });
}

export interface EvaluationJob {
  readonly folder: string;
  /** `default`, or the absolute path of a text. */
  readonly text: string;
  readonly field?: string;
  readonly length?: number;
  readonly windows?: number;
  /** The recipe whose panel shows it. */
  readonly recipe: Uri | null;
}

/** Takes the perplexity of a checkpoint. Errors as those of `prune`. */
export async function evaluate(services: Services, { recipe, ...request }: EvaluationJob): Promise<void> {
  requireTrust();
  const { compute } = services.settings();
  const ending = await begin<Evaluation>(services, {
    kind: 'evaluate',
    title: basename(request.folder),
    recipe: recipe?.toString() ?? null,
    folder: request.folder,
    ask: (job, signal) => services.engine.request(requests.evaluate, { ...request, job, compute }, { signal }),
    summary: ({ perplexity }) => ({ perplexity: { before: null, after: perplexity.perplexity } }),
  });
  tellEnd(services, ending, {
    words: ({ perplexity, text, protocol }) =>
      `${basename(request.folder)}: perplexity ${perplexity.perplexity.toFixed(3)} on ${text}; ${protocol}.`,
    buttons: [],
  });
}

/** Turns a GGUF file into a checkpoint in a folder that is not there yet. Errors as those of `prune`. */
export async function importGguf(services: Services, file: string, to: string): Promise<void> {
  requireTrust();
  const { compute } = services.settings();
  const ending = await begin(services, {
    kind: 'import',
    title: basename(file),
    recipe: null,
    folder: to,
    ask: (job, signal) => services.engine.request(requests.import, { job, compute, file, to }, { signal }),
  });
  tellEnd(services, ending, {
    words: ({ folder }) => `${basename(file)} is now a checkpoint in ${folder}.`,
    buttons: [
      { title: 'Prune Checkpoint…', command: 'pruneCheckpoint', argument: Uri.file(to) },
      { title: 'Reveal', command: 'reveal', argument: Uri.file(to) },
    ],
  });
}

/** @throws `UNSUPPORTED` in a workspace that is not trusted */
export function requireTrust(): void {
  if (workspace.isTrusted) return;
  throw new SecateurError(
    'UNSUPPORTED',
    'this workspace is not trusted, and nothing is run in it',
    'Trust it with “Workspaces: Manage Workspace Trust”.',
  );
}

/** @throws `BAD_RECIPE` naming the first problem and its line */
export function checkedRecipe(document: TextDocument): Recipe {
  const { recipe, problems } = parseRecipe(document.getText());
  if (recipe) return recipe;
  const [first] = problems.filter(({ severity }) => severity === 'error');
  throw new SecateurError('BAD_RECIPE', `${basename(document.uri.path)}, line ${first!.range.start.line}: ${first!.message}`, first!.hint);
}

function tellTaken(services: Services, { to }: Outcome, uri: Uri): void {
  const error = new SecateurError('OUTPUT_EXISTS', `${to} is an earlier result`);
  const hint = 'Replace it, or name another folder in save.to. It is kept until the new one is whole.';
  tellError(services, error, { label: 'Replace and Prune', command: 'pruneFresh', argument: uri, hint });
}

function tellOther(services: Services, { to }: Outcome, uri: Uri): void {
  const error = new SecateurError(
    'OUTPUT_EXISTS',
    `${to}.partial holds finished blocks of the recipe as it was before; they would be lost`,
  );
  const hint = existsSync(to)
    ? `Starting over also replaces ${to}, an earlier result, once the new one is whole.`
    : 'To keep them, undo the changes of the recipe, or name another folder in save.to.';
  tellError(services, error, { label: 'Start Over', command: 'pruneFresh', argument: uri, hint });
}

/** A job that ends sooner than its view could follow is still in the list of runs. */
async function begin<R>({ runs, log }: Services, job: Job<R>): Promise<Ending<R>> {
  log.info(`${job.kind} ${job.title}: begins`);
  const ending = await runs.start(job);
  log.info(`${job.kind} ${job.title}: ${ending.state}`);
  return ending;
}

interface EndButton extends MessageItem {
  readonly command: CommandId | 'reveal';
  readonly argument: Uri;
}

interface EndWords<R> {
  readonly words: (result: R) => string;
  readonly buttons: readonly EndButton[];
  /** Where the engine has died. */
  readonly wayOut?: WayOut;
}

/** Does not wait until the message is read. What the user stopped himself needs none. */
function tellEnd<R>(services: Services, ending: Ending<R>, { words, buttons, wayOut }: EndWords<R>): void {
  if (ending.state === 'stopped') return;
  if (ending.state === 'failed') {
    tellError(services, ending.error, faultOf(ending.error).kind === 'crashed' ? wayOut : undefined);
    return;
  }
  void window.showInformationMessage(withoutLinks(words(ending.result)), ...buttons).then((button) => {
    if (button?.command === 'reveal') return commands.executeCommand('revealInExplorer', button.argument);
    return button && commands.executeCommand(commandName(button.command), button.argument);
  });
}
