/** Prune Checkpoint…: asks for everything a recipe needs, writes it, opens it and runs it if that is wished. */

import { commands } from 'vscode';
import { commandName } from '../contributes/commands.ts';
import { recipeEditor } from '../contributes/editors.ts';
import { requireTrust } from '../jobs.ts';
import { writeRecipe } from '../new-recipe-file.ts';
import { type Choice, checkpointOf, type PickOptions, pick, pickCheckpoint, pickText } from '../pick.ts';
import { uriOf } from '../recipe-files.ts';
import type { Services } from '../services.ts';
import { type Step, type StepPlace, takeSteps } from '../steps.ts';
import { type Answers, methodChoices, patternSparsity, readTarget, readTypedPattern } from '../wizard-answers.ts';
import type { CommandHandler } from './command.ts';

interface WizardAnswers extends Answers {
  readonly runNow: boolean;
}

const title = 'Prune Checkpoint';

/** Under this name the answers are kept for the next time. */
const memory = 'wizard';

export const pruneCheckpoint: CommandHandler = async (services, argument) => {
  requireTrust();
  const given = uriOf(argument);
  const start = startAnswers(services, given && checkpointOf(given));
  const steps = [askTarget, askPattern, askMethod, askText, askRun];
  const answers = await takeSteps(given ? steps : [askCheckpoint(services), ...steps], start);
  if (!answers) return undefined;
  const uri = await writeRecipe(services, answers);
  await services.context.workspaceState.update(memory, answers);
  await commands.executeCommand('vscode.openWith', uri, recipeEditor);
  if (answers.runNow) void commands.executeCommand(commandName('prune'), uri);
  return uri;
};

function startAnswers({ context, calibrationText }: Services, model: string | undefined): WizardAnswers {
  const [method] = methodChoices();
  const usual: WizardAnswers = {
    model: '',
    sparsity: 0.5,
    pattern: null,
    method: method!.id,
    text: calibrationText(model),
    runNow: true,
  };
  const before = context.workspaceState.get<WizardAnswers>(memory);
  return { ...usual, ...before, ...(model !== undefined && { model }) };
}

function askCheckpoint(services: Services): Step<WizardAnswers> {
  return async (answers, place) => {
    const model = await pickCheckpoint(services, title, place, answers.model);
    return model === undefined || model === 'back' ? model : { ...answers, model };
  };
}

const percent = (share: number) => `${Number((100 * share).toFixed(4))} %`;

const askTarget: Step<WizardAnswers> = async (answers, place) => {
  const choice = (value: number): Choice<number> => ({
    label: percent(value),
    value,
    description: value === 0.5 ? 'half of the weights' : '',
  });
  const usual = [0.3, 0.4, 0.5, 0.6, 0.7];
  const shares = [...new Set([...usual, answers.sparsity])].toSorted((a, b) => a - b);
  return ask(answers, place, {
    placeholder: 'Target sparsity: the share of zeros over all prunable weights. Choose one or type it',
    items: shares.map(choice),
    preferred: (value) => value === answers.sparsity,
    typed: (text) => {
      const share = readTarget(text);
      return share === null ? null : choice(share);
    },
    merge: (sparsity) => ({ sparsity }),
  });
};

const askPattern: Step<WizardAnswers> = async (answers, place) => {
  const choice = (value: string): Choice<string | null> => {
    const share = patternSparsity(value);
    const description = share === answers.sparsity ? percent(share) : `makes the target ${percent(share)}`;
    return { label: value, value, description };
  };
  return ask<string | null>(answers, place, {
    placeholder: 'Pattern: n weights kept of every m. Choose one or type it',
    items: [{ label: 'None', description: 'zeros where they cost least', value: null }, ...['2:4', '4:8', '1:4'].map(choice)],
    preferred: (value) => value === answers.pattern,
    typed: (text) => {
      const pattern = readTypedPattern(text);
      return pattern === null ? null : choice(pattern);
    },
    merge: (pattern) => ({ pattern }),
  });
};

const askMethod: Step<WizardAnswers> = async (answers, place) =>
  ask(answers, place, {
    placeholder: 'Method',
    items: methodChoices().map(({ id, title, summary, paper }) => ({ label: title, description: paper ?? '', detail: summary, value: id })),
    preferred: (value) => value === answers.method,
    merge: (method) => ({ method }),
  });

const askText: Step<WizardAnswers> = async (answers, place) => {
  const placeholder = 'Calibration text: like that of the model’s later work is best';
  const text = await pickText({ title, placeholder, hasDefault: true, place, preferred: answers.text });
  return text === undefined || text === 'back' ? text : { ...answers, text };
};

const askRun: Step<WizardAnswers> = async (answers, place) =>
  ask(answers, place, {
    placeholder: 'The recipe is written beside the checkpoint',
    items: [
      { label: 'Write the recipe and prune', value: true },
      { label: 'Only write the recipe', description: 'and open it', value: false },
    ],
    preferred: (value) => value === answers.runNow,
    merge: (runNow) => ({ runNow }),
  });

type Question<T> = Omit<PickOptions<T>, 'title' | 'place'> & { readonly merge: (value: T) => Partial<WizardAnswers> };

async function ask<T>(
  answers: WizardAnswers,
  place: StepPlace,
  { merge, ...question }: Question<T>,
): Promise<WizardAnswers | 'back' | undefined> {
  const answer = await pick<T>({ ...question, title, place });
  return answer === undefined || answer === 'back' ? answer : { ...answers, ...merge(answer.value) };
}
