/** Evaluate Perplexity…: of a checkpoint, or of the source or result of a recipe. */

import { basename, resolve } from 'node:path';
import type { Uri } from 'vscode';
import { requests } from '../../protocol/engine.ts';
import { checkedRecipe, requireTrust, evaluate as startEvaluation } from '../jobs.ts';
import { checkpointOf, pick, pickCheckpoint, pickText } from '../pick.ts';
import { withoutIcons } from '../plain-text.ts';
import { activeRecipe, isRecipe, openRecipe, recipeText, uriOf } from '../recipe-files.ts';
import type { Services } from '../services.ts';
import type { CommandHandler } from './command.ts';

const title = 'Evaluate Perplexity';

export const evaluate: CommandHandler = async (services, argument) => {
  requireTrust();
  const uri = uriOf(argument) ?? activeRecipe();
  if (uri && isRecipe(uri)) return evaluateRecipe(services, uri);
  const folder = uri ? checkpointOf(uri) : await pickCheckpoint(services, title);
  if (folder === undefined || folder === 'back') return;
  const text = await askText();
  if (text !== undefined) await startEvaluation(services, { folder, text, recipe: null });
};

/** On the text of the recipe, if it names one, cut as it says. */
async function evaluateRecipe(services: Services, uri: Uri): Promise<void> {
  const document = await openRecipe(uri);
  const recipe = checkedRecipe(document);
  const asked = recipeText(document);
  const { to, state } = await services.engine.request(requests.outcome, asked);
  const source = resolve(asked.folder, recipe.model);
  const folder = state === 'finished' ? await pickOne(source, to) : source;
  if (folder === undefined) return;
  if (recipe.evaluate) {
    const { text, ...cut } = recipe.evaluate;
    const path = text === 'default' ? text : resolve(asked.folder, text);
    await startEvaluation(services, { ...cut, folder, text: path, recipe: uri });
    return;
  }
  const text = await askText();
  if (text !== undefined) await startEvaluation(services, { folder, text, recipe: uri });
}

async function pickOne(source: string, result: string): Promise<string | undefined> {
  const answer = await pick({
    title,
    placeholder: 'Of which checkpoint?',
    items: [
      { label: withoutIcons(basename(result)), description: 'the pruned one', value: result },
      { label: withoutIcons(basename(source)), description: 'the source', value: source },
    ],
  });
  return answer === 'back' ? undefined : answer?.value;
}

async function askText(): Promise<string | undefined> {
  const text = await pickText({ title, placeholder: 'On which text? Not the one it was calibrated with', hasDefault: true });
  return text === 'back' ? undefined : text;
}
