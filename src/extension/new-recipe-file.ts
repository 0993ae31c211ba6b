/** Writes a recipe beside a checkpoint, under a name that is free. */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Uri } from 'vscode';
import { freeName, pathFrom } from './paths.ts';
import type { Services } from './services.ts';
import { type Answers, recipeFromAnswers } from './wizard-answers.ts';

/** Nothing that is there already is written over. */
export async function writeRecipe(services: Services, answers: Answers, evaluateText?: string): Promise<Uri> {
  const file = freeName(answers.model, '.prune.yaml', existsSync);
  const folder = dirname(file);
  const paths = {
    model: pathFrom(folder, answers.model),
    text: answers.text === 'default' ? answers.text : pathFrom(folder, answers.text),
    ...(evaluateText !== undefined && { evaluateText: pathFrom(folder, evaluateText) }),
  };
  // A checkpoint that cannot be read gets its recipe all the same; the panel says what is wrong with it.
  const inspected = await services.inspections.ask(answers.model);
  const maxLength = 'inspection' in inspected ? inspected.inspection.maxLength : undefined;
  await writeFile(file, recipeFromAnswers(answers, paths, maxLength), { flag: 'wx' });
  return Uri.file(file);
}
