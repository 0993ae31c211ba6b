/** What the engine does for each request: the same functions that the command line calls. */

import type { RequestType } from 'vscode-jsonrpc';
import { SecateurError } from '../error.ts';
import type { JobEvent, RecipeText, requests, SolvedMatrix } from '../protocol/engine.ts';
import { parseRecipe } from '../recipe/parse.ts';
import { renderProblems } from '../recipe/render.ts';
import { version } from '../version.ts';
import { openCheckpoint } from './checkpoint.ts';
import { continueText } from './continue-text.ts';
import { protocol } from './evaluate.ts';
import { importGguf } from './import/gguf.ts';
import { inspect } from './inspect.ts';
import { checkWhole, createJobs } from './jobs.ts';
import type { BlockMatrix } from './journal.ts';
import { measureAgain, measured, type OnFound } from './measure.ts';
import { outcomeOf } from './outcome.ts';
import { evaluateText } from './perplexity.ts';
import { dryRun, type ResolvedRecipe, resolveRecipe, windowLength } from './plan.ts';
import { resolveMatrix } from './resolve-matrix.ts';
import { run } from './run.ts';
import { openTokenizer } from './tokenizer.ts';

type Requests = typeof requests;
type Handler<T> = T extends RequestType<infer P, infer R, infer _E> ? (params: P, signal: AbortSignal) => Promise<R> : never;
export type Handlers = { readonly [K in keyof Requests]: Handler<Requests[K]> };

/** @param send  tells an event of a job */
export function createHandlers(send: (job: string, event: JobEvent) => void): Handlers {
  const jobs = createJobs(send);
  return {
    hello: async () => ({ version, pid: process.pid, node: process.version }),
    inspect: async ({ folder }) => inspect(await openCheckpoint(folder)),
    plan: async ({ compute, cacheFolder, ...recipe }, signal) => {
      const resolved = resolve(recipe);
      return dryRun(resolved, jobs.quiet(compute, signal), await measured(resolved, cacheFolder));
    },
    outcome: async (recipe) => outcomeOf(resolve(recipe)),
    prune: (params, signal) =>
      jobs.run('a prune', params, signal, (ctx, tell) => {
        const onBlock = (matrices: readonly BlockMatrix[]) => tell({ type: 'matrices', matrices: matrices.map(solved) });
        const onFound: OnFound = (matrices) => tell({ type: 'sensitivities', matrices });
        const { fresh, cacheFolder, text: recipeText } = params;
        return run(resolve(params), { fresh, recipeText, cacheFolder, onFound, onBlock }, ctx);
      }),
    measure: (params, signal) =>
      jobs.run('a measure', params, signal, async (ctx, tell) =>
        measureAgain(resolve(params), params.cacheFolder, ctx, (matrices) => tell({ type: 'sensitivities', matrices })),
      ),
    measured: async ({ cacheFolder, ...recipe }) => measured(resolve(recipe), cacheFolder),
    resolve: async ({ compute, cacheFolder, matrix, sparsity, ...recipe }, signal) =>
      resolveMatrix(resolve(recipe), { matrix, sparsity }, cacheFolder, jobs.quiet(compute, signal)),
    evaluate: (params, signal) =>
      jobs.run('an evaluation', params, signal, async (ctx) => {
        const checkpoint = await openCheckpoint(params.folder);
        const { text: path, field = 'text', windows: nWindows } = params;
        const length = windowLength('length', params.length, checkpoint.model);
        const request = { path, field, length, ...(nWindows === undefined ? {} : { windows: nWindows }) };
        const { perplexity, windows } = await evaluateText(checkpoint, request, ctx);
        return { perplexity, protocol, text: windows.description };
      }),
    generate: (params, signal) =>
      jobs.run('a generation', params, signal, async (ctx, tell) => {
        checkWhole('tokens', params.tokens, 1);
        checkWhole('seed', params.seed, 0);
        const checkpoint = await openCheckpoint(params.folder);
        let said = '';
        for await (const { piece, text } of continueText(checkpoint, await openTokenizer(params.folder), params, ctx)) {
          if (piece !== '') tell({ type: 'text', text: piece });
          said = text;
        }
        return { text: said };
      }),
    import: (params, signal) =>
      jobs.run('an import', params, signal, async ({ onProgress }) => {
        const { folder } = await importGguf(params.file, params.to, {
          signal,
          onProgress: ({ done, total, tensor }) => onProgress({ step: 'import', done, total, unit: 'bytes', detail: tensor }),
        });
        return { folder };
      }),
  };
}

function resolve({ text, folder }: RecipeText): ResolvedRecipe {
  const { recipe, problems } = parseRecipe(text);
  if (recipe) return resolveRecipe(recipe, folder);
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  throw new SecateurError('BAD_RECIPE', `the recipe has ${count}\n\n${renderProblems(text, problems, 'recipe')}`);
}

function solved({ name, zeros, relativeError, maskOnlyError, damping }: BlockMatrix): SolvedMatrix {
  return { name, zeros, relativeError, maskOnlyError, damping };
}
