/** Lets the user say which checkpoint a recipe is for, and writes it down. */

import type { TextDocument } from 'vscode';
import { setValue } from '../../recipe/edit.ts';
import { pathFrom } from '../paths.ts';
import { pickCheckpoint } from '../pick.ts';
import { recipeText } from '../recipe-files.ts';
import type { Services } from '../services.ts';
import { applyTextEdits } from './text-edits.ts';

export async function pickModel(services: Services, document: TextDocument): Promise<void> {
  const folder = await pickCheckpoint(services, 'Checkpoint of the recipe');
  if (folder === undefined) return;
  const recipe = recipeText(document);
  await applyTextEdits(document, setValue(recipe.text, ['model'], pathFrom(recipe.folder, folder)).edits);
}
