/** `secateur measure RECIPE`: how much each matrix minds being pruned. */

import { measure as measureRecipe } from '../engine/measure.ts';
import { SecateurError } from '../error.ts';
import { type MatrixSensitivity, ranksOf, type Sensitivity } from '../methods/sensitivity.ts';
import { type Command, computeOptions, createContext, jsonOption } from './command.ts';
import { formatTable } from './format.ts';
import { cacheOptions, readRecipe, setOption } from './recipe-file.ts';

type Ranked = MatrixSensitivity & { readonly rank: number };

/** By the word that `--sort` takes. */
const orders: Readonly<Record<string, (a: Ranked, b: Ranked) => number>> = {
  checkpoint: () => 0,
  rank: (a, b) => a.rank - b.rank,
};

export const measure: Command = {
  usage: 'measure RECIPE',
  summary: 'How much each matrix minds being pruned; kept for later runs.',
  options: {
    set: setOption,
    sort: { type: 'string', value: 'ORDER', help: `${Object.keys(orders).join(' or ')} (default: checkpoint).` },
    json: jsonOption,
    ...cacheOptions,
    ...computeOptions,
  },
  async run(args, world) {
    const order = readOrder((args.options.sort ?? 'checkpoint') as string);
    const { resolved, cacheFolder } = readRecipe(args, world);
    const ctx = createContext(args, world);
    try {
      const found = await measureRecipe(resolved, cacheFolder, ctx);
      ctx.end();
      const sensitivity = { ...found, matrices: ranked(found).toSorted(order) };
      world.out(args.options.json ? `${JSON.stringify(sensitivity, null, 2)}\n` : render(sensitivity, resolved.recipe.sparsity));
      return 0;
    } finally {
      ctx.end();
    }
  },
};

function readOrder(name: string) {
  if (Object.hasOwn(orders, name)) return orders[name];
  throw new SecateurError('BAD_ARGUMENT', `--sort ${name} is not an order`, `Write ${Object.keys(orders).join(' or ')}.`);
}

function ranked({ matrices }: Sensitivity): Ranked[] {
  const ranks = ranksOf(matrices.map(({ value }) => value));
  return matrices.map(({ name, value, ...rest }, i) => ({ name, value, rank: ranks[i], ...rest }));
}

function render(
  { matrices, unit, description }: Omit<Sensitivity, 'matrices'> & { readonly matrices: readonly Ranked[] },
  sparsity: number,
): string {
  const isEstimate = matrices.some(({ standardError }) => standardError !== undefined);
  const isCurve = matrices.some(({ curve }) => curve !== undefined);
  const rows = matrices.map(({ name, value, standardError, rank }) => [
    name,
    value.toPrecision(3),
    ...(isEstimate ? [standardError?.toPrecision(2) ?? ''] : []),
    String(rank),
  ]);
  return [
    description,
    `value: ${unit}${isCurve ? `, at sparsity ${Number(sparsity.toFixed(4))}` : ''}; rank 1 minds pruning most`,
    '',
    formatTable(['matrix', 'value', ...(isEstimate ? ['± standard error'] : []), 'rank'], rows),
    '',
  ].join('\n');
}
