/** Try a Prompt…: how the source and the pruned checkpoint go on from it, beside each other. */

import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { commands, type Uri, window } from 'vscode';
import { SecateurError } from '../../error.ts';
import { requests } from '../../protocol/engine.ts';
import { checkedRecipe, requireTrust } from '../jobs.ts';
import { loadReport } from '../load-report.ts';
import { checkpointOf, pickReport, reportIn } from '../pick.ts';
import { activeRecipe, isRecipe, openRecipe, recipeText, uriOf } from '../recipe-files.ts';
import type { Services } from '../services.ts';
import { tellError } from '../tell.ts';
import type { CommandHandler } from './command.ts';

/** The checkpoints to ask, the source first. */
interface Pair {
  readonly source: string | null;
  readonly pruned: string;
}

/** Under this name the prompt is kept for the next time. */
const memory = 'prompt';
const nTokens = 64;

export const tryPrompt: CommandHandler = async (services, argument, given) => {
  requireTrust();
  const uri = uriOf(argument) ?? activeRecipe() ?? (await pickReport('Try a Prompt: on which result?'));
  if (!uri) return;
  const pair = isRecipe(uri) ? await pairOfRecipe(services, uri) : await pairOfFolder(checkpointOf(uri));
  const prompt = typeof given === 'string' ? given : await askPrompt(services);
  if (!prompt) return;
  await services.context.workspaceState.update(memory, prompt);
  await show(services, pair, prompt);
};

async function askPrompt({ context }: Services): Promise<string | undefined> {
  return window.showInputBox({
    title: 'Try a Prompt',
    prompt: `Both models go on from it, for ${nTokens} tokens at most.`,
    value: context.workspaceState.get(memory, 'Once upon a time'),
    ignoreFocusOut: true,
  });
}

async function pairOfRecipe({ engine }: Services, uri: Uri): Promise<Pair> {
  const document = await openRecipe(uri);
  const text = recipeText(document);
  const source = resolve(text.folder, checkedRecipe(document).model);
  const { to, state } = await engine.request(requests.outcome, text);
  return state === 'finished' ? { source, pruned: to } : { source: null, pruned: source };
}

/** A checkpoint by itself is asked alone. */
async function pairOfFolder(pruned: string): Promise<Pair> {
  const report = reportIn(pruned);
  if (!existsSync(report.fsPath)) return { source: null, pruned };
  const file = await loadReport(report);
  if ('problem' in file) throw new SecateurError('BAD_FILE', `${report.fsPath}: ${file.problem}`);
  const source = file.report.source.path;
  return { source: existsSync(source) ? source : null, pruned };
}

async function show(services: Services, { source, pruned }: Pair, prompt: string): Promise<void> {
  const right = services.answers.uriOf(pruned);
  services.answers.set(right, prompt);
  if (source === null) {
    await window.showTextDocument(right, { preview: true });
    await generate(services, pruned, prompt, right);
    return;
  }
  const left = services.answers.uriOf(source);
  services.answers.set(left, prompt);
  await commands.executeCommand('vscode.diff', left, right, `Prompt: ${basename(source)} ↔ ${basename(pruned)}`, { preview: true });
  if (await generate(services, source, prompt, left)) await generate(services, pruned, prompt, right);
}

/** @returns  whether it came to its end */
async function generate(services: Services, folder: string, prompt: string, uri: Uri): Promise<boolean> {
  const { compute } = services.settings();
  const ending = await services.runs.start({
    kind: 'generate',
    title: basename(folder),
    recipe: null,
    folder,
    async ask(job, signal) {
      let text = prompt;
      const events = services.engine.onEvent(job, (event) => {
        if (event.type !== 'text') return;
        text += event.text;
        services.answers.set(uri, text);
      });
      try {
        return await services.engine.request(requests.generate, { job, compute, folder, prompt, tokens: nTokens }, { signal });
      } finally {
        events.dispose();
      }
    },
  });
  if (ending.state === 'failed') tellError(services, ending.error);
  return ending.state === 'done';
}
