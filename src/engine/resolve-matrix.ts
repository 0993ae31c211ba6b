/** Solves one matrix by itself, with the statistics of the dense model that an earlier measure has left. */

import { SecateurError } from '../error.ts';
import type { ResolvedMatrix } from '../protocol/engine.ts';
import { countZeros } from '../tensor/select.ts';
import { decodeWeights, openCheckpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { gramFolderName, gramLimit, openGramCache } from './gram-cache.ts';
import type { ResolvedRecipe } from './plan.ts';
import { solveLinear } from './solve.ts';
import { solveAlone } from './solve-alone.ts';
import { readTensor } from './target.ts';

/**
 * Zeros that the matrix has already are among those asked for, and there is never one fewer; a pattern of the recipe takes the place of a
 * sparsity above 0.
 *
 * @returns  `null` where no Grams are kept of this checkpoint on this text
 * @throws   `BAD_ARGUMENT` for a matrix that the checkpoint lacks or a sparsity out of [0, 1]; `CANCELLED`; what a solver can throw
 */
export async function resolveMatrix(
  resolved: ResolvedRecipe,
  { matrix, sparsity }: { readonly matrix: string; readonly sparsity: number },
  cacheFolder: string,
  ctx: Context,
): Promise<ResolvedMatrix | null> {
  if (!(sparsity >= 0 && sparsity <= 1)) throw new SecateurError('BAD_ARGUMENT', `sparsity ${sparsity} is not a number from 0 to 1`);
  const source = await openCheckpoint(resolved.model);
  const linear = source.linears.find(({ tensor }) => tensor === matrix);
  if (!linear) throw new SecateurError('BAD_ARGUMENT', `${matrix} is no prunable matrix of ${source.folder}`);
  if (gramLimit(ctx) === 0) return null;
  const name = await gramFolderName(resolved, source);
  const stats = openGramCache(source.model, cacheFolder, name, ctx).read(linear.block)?.get(linear.input);
  if (!stats) return null;
  const startedMs = performance.now();
  const { solve, pattern } = resolved.recipe;
  const entry = source.tensors.get(matrix)!;
  const weight = decodeWeights(readTensor(source, entry), entry.type, linear.out, linear.in);
  const size = linear.out * linear.in;
  const target = sparsity > 0 && pattern ? pattern : { zeros: Math.max(Math.round(sparsity * size), countZeros(weight.data, [size])[0]) };
  const alone = solveAlone(solve);
  const solved = await solveLinear({ name: matrix, weight, type: entry.type, target, stats }, alone, ctx.algebra);
  const { zeros, relativeError, maskOnlyError, damping } = solved;
  const seconds = (performance.now() - startedMs) / 1000;
  return { name: matrix, zeros, relativeError, maskOnlyError, damping, seconds, isStandIn: alone !== solve };
}
