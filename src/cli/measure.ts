/** `secateur measure RECIPE`: how much each matrix minds being pruned. */

import { measure as measureRecipe } from '../engine/measure.ts';
import type { Sensitivity } from '../protocol/data.ts';
import { type Command, computeOptions, createContext, jsonOption } from './command.ts';
import { formatTable } from './format.ts';
import { readRecipe, setOption } from './recipe-file.ts';

export const measure: Command = {
  usage: 'measure RECIPE',
  summary: 'How much each matrix minds being pruned; writes nothing.',
  options: { set: setOption, json: jsonOption, ...computeOptions },
  async run(args, world) {
    const { resolved } = readRecipe(args, world);
    const ctx = createContext(args, world);
    try {
      const sensitivity = await measureRecipe(resolved, undefined, ctx);
      ctx.end();
      world.out(args.options.json ? `${JSON.stringify(sensitivity, null, 2)}\n` : render(sensitivity));
      return 0;
    } finally {
      ctx.end();
    }
  },
};

function render({ matrices, description }: Sensitivity): string {
  const descending = matrices.map(({ value }) => value).toSorted((a, b) => b - a);
  const rows = matrices.map(({ name, value }) => [name, value.toPrecision(3), `${descending.indexOf(value) + 1}`]);
  return `${description}\n\n${formatTable(['matrix', 'value', 'rank'], rows)}\n\nRank 1 minds pruning most.\n`;
}
