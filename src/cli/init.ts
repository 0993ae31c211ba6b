/** `secateur init PATH`: writes a commented recipe beside a checkpoint. */

import { existsSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { openCheckpoint } from '../engine/checkpoint.ts';
import { SecateurError } from '../error.ts';
import { starterRecipe } from '../recipe/starter.ts';
import { type Command, jsonOption } from './command.ts';

export const init: Command = {
  usage: 'init PATH',
  summary: 'Write a commented recipe next to a checkpoint.',
  options: {
    to: { type: 'string', value: 'FILE', help: 'The recipe to write (default: PATH.prune.yaml).' },
    sparsity: { type: 'string', value: 'SHARE', help: 'Share of zeros, 0 to 0.99 (default: 0.5).' },
    text: { type: 'string', value: 'FILE', help: 'Calibration text (default: the one that comes with Secateur).' },
    evaluate: { type: 'string', value: 'FILE', help: 'Text to measure perplexity on, before and after (default: none).' },
    force: { type: 'boolean', help: 'Replace a recipe that is there already.' },
    json: jsonOption,
  },
  async run({ positionals, options }, world) {
    const model = resolve(positionals[0]);
    const checkpoint = await openCheckpoint(model);
    const file = resolve((options.to as string | undefined) ?? `${model}.prune.yaml`);
    if (existsSync(file) && !options.force)
      throw new SecateurError('OUTPUT_EXISTS', `${file} exists`, 'Name another file with --to, or replace it with --force.');
    const seen = (path: string) => fromFolder(dirname(file), path);
    const { text, evaluate } = options as { text?: string; evaluate?: string };
    for (const path of [text, evaluate])
      if (path !== undefined && !existsSync(path)) throw new SecateurError('FILE_MISSING', `${path} is not there`, 'Name a text that is.');
    const recipe = starterRecipe({
      model: seen(model),
      sparsity: readSparsity(options.sparsity as string | undefined),
      maxLength: checkpoint.model.maxLength,
      ...(text === undefined ? {} : { text: seen(text) }),
      ...(evaluate === undefined ? {} : { evaluateText: seen(evaluate) }),
    });
    writeFileSync(file, recipe);
    world.out(
      options.json ? `${JSON.stringify({ recipe: file })}\n` : `${file} written; see it with: secateur plan ${relative('.', file)}\n`,
    );
    return 0;
  },
};

function readSparsity(text: string | undefined): number {
  const sparsity = Number(text ?? 0.5);
  if (text === '' || !(sparsity >= 0 && sparsity <= 0.99))
    throw new SecateurError('BAD_ARGUMENT', `--sparsity ${text} is not within 0 and 0.99`);
  return sparsity;
}

/** A path as a recipe in that folder writes it, with forward slashes everywhere. */
function fromFolder(folder: string, path: string): string {
  const seen = relative(folder, resolve(path)).replaceAll(sep, '/');
  return seen.startsWith('.') ? seen : `./${seen}`;
}
