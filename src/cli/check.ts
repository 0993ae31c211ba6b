/** `secateur check RECIPE`: the recipe's problems, also those that only its checkpoint shows. */

import { existsSync } from 'node:fs';
import { openCheckpoint } from '../engine/checkpoint.ts';
import { planMatrices } from '../engine/plan.ts';
import { SecateurError } from '../error.ts';
import { type Command, jsonOption } from './command.ts';
import { readRecipe, setOption } from './recipe-file.ts';

export const check: Command = {
  usage: 'check RECIPE',
  summary: 'The problems of a recipe; exit code 1 if there are any.',
  options: { set: setOption, json: jsonOption },
  async run(args, world) {
    const { path, resolved } = readRecipe(args, world);
    const checkpoint = await openCheckpoint(resolved.model);
    planMatrices(resolved.recipe, checkpoint);
    for (const text of [...resolved.calibrationText, ...resolved.evaluationText])
      if (text !== 'default' && !existsSync(text))
        throw new SecateurError('FILE_MISSING', `${text} is not there`, `It is named in ${path}.`);
    world.out(args.options.json ? `${JSON.stringify({ problems: [] })}\n` : `${path}: no problems\n`);
    return 0;
  },
};
