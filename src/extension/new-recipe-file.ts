/** Writes a recipe beside a checkpoint, under a name that is free. */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Uri, workspace } from 'vscode';
import { SecateurError } from '../error.ts';
import { setValue } from '../recipe/edit.ts';
import { parseRecipe } from '../recipe/parse.ts';
import { defaultOutput } from '../recipe/schema.ts';
import { freeName, pathFrom } from './paths.ts';
import type { Services } from './services.ts';
import { type Answers, recipeFromAnswers } from './wizard-answers.ts';

const denials = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * Nothing that is there already is written over. Where the checkpoint itself is the folder that is opened, the recipe is written into
 * it: beside it, it would lie outside of the workspace.
 *
 * @throws `FILE_DENIED` where nothing can be written there
 */
export async function writeRecipe(services: Services, answers: Answers, evaluateText?: string): Promise<Uri> {
  const { model } = answers;
  const isInside = isOpenedFolder(model);
  const file = freeName(isInside ? join(model, basename(model)) : model, '.prune.yaml', existsSync);
  const folder = dirname(file);
  const paths = {
    model: isInside ? '.' : pathFrom(folder, model),
    text: answers.text === 'default' ? answers.text : pathFrom(folder, answers.text),
    ...(evaluateText !== undefined && { evaluateText: pathFrom(folder, evaluateText) }),
  };
  // A checkpoint that cannot be read gets its recipe all the same; the panel says what is wrong with it.
  const inspected = await services.inspections.ask(model);
  const maxLength = 'inspection' in inspected ? inspected.inspection.maxLength : undefined;
  const text = recipeFromAnswers(answers, paths, maxLength);
  await writeNew(file, isInside ? savedBeside(text, basename(model)) : text);
  return Uri.file(file);
}

function isOpenedFolder(model: string): boolean {
  const isInWorkspace = (path: string) => workspace.getWorkspaceFolder(Uri.file(path)) !== undefined;
  return isInWorkspace(model) && !isInWorkspace(dirname(model));
}

/** From inside the checkpoint its own name cannot be seen, so the result is named after it here. */
function savedBeside(text: string, name: string): string {
  const { recipe } = parseRecipe(text);
  return recipe ? setValue(text, ['save', 'to'], defaultOutput({ ...recipe, model: `../${name}` })).text : text;
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (cause) {
    if (!denials.has((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    const hint = `See to the rights of ${dirname(file)}, or copy the checkpoint to where you may write.`;
    throw new SecateurError('FILE_DENIED', `${file} cannot be written: ${(cause as Error).message}`, hint, { cause });
  }
}
