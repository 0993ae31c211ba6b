/** Curves: the sparsities at which the losses of all matrices add up to the least. */

import * as v from 'valibot';
import { type AllocateInput, defineAllocator } from '../allocator.ts';
import { errorAt } from '../error-curve.ts';
import type { MatrixSensitivity } from '../sensitivity.ts';

/**
 *     min Σ E_i(s_i)  with  Σ P_i s_i = p Σ P_i,  least_i <= s_i <= most_i
 *
 * Each curve is replaced by the highest convex function below it within its limits, made of straight pieces. At the optimum there is one
 * price μ of a zero: pieces that cost less for each zero are taken whole, those that cost more not at all, and those that cost just that
 * share what remains, in proportion to their length. So matrices with one curve get one sparsity. Beyond its last point a curve says
 * nothing, so no matrix goes there unless the total cannot be met otherwise.
 *
 * @returns  within the limits; all at the nearer limit where the total cannot be met
 * @see      Everett 1963, "Generalized Lagrange Multiplier Method for Solving Problems of Optimum Allocation of Resources",
 *           doi:10.1287/opre.11.3.399
 */
export const curves = defineAllocator({
  title: 'Curves',
  summary: 'Minimises the loss that the measured curves of all matrices add up to, under the exact total.',
  formula: 'min Σ E_i(s_i) with Σ P_i s_i = p Σ P_i, by one price μ = E_i′(s_i) / P_i',
  paper: 'doi:10.1287/opre.11.3.399',
  feed: { gives: ['loss'], measure: 'scan', only: false },
  options: v.strictObject({}),
  allocate(input) {
    const { slots, sparsity, least } = input;
    const pieces = piecesFor(input);
    let zeros = 0;
    for (let i = 0; i < slots.length; i++) zeros += slots[i].out * slots[i].in * (sparsity - least[i]);
    return fill(input, pieces, priceOf(pieces, zeros), zeros);
  },
});

/** The straight pieces of all convex curves, slot after slot, in each with rising prices. */
interface Pieces {
  /** Where the pieces of each slot begin in the arrays below, and after the last one where they end. */
  readonly starts: Uint32Array;
  /** Sparsity at which a piece ends. */
  readonly ends: Float64Array;
  /** Loss for each zero. */
  readonly prices: Float64Array;
  /** Zeros. */
  readonly sizes: Float64Array;
}

/** Of zeros beyond the last point of a curve: above any that was measured, and one for all. */
const unknownPrice = 1e300;

/** The pieces that were made last of a list of sensitivities: while a target is dragged, a budget is made of the same ones in every frame. */
const made = new WeakMap<readonly MatrixSensitivity[], { readonly input: AllocateInput; readonly pieces: Pieces }>();

function piecesFor(input: AllocateInput): Pieces {
  const known = made.get(input.sensitivities);
  if (known && known.input.slots === input.slots && isSame(known.input.least, input.least) && isSame(known.input.most, input.most))
    return known.pieces;
  const pieces = convexPieces(input);
  made.set(input.sensitivities, { input, pieces });
  return pieces;
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}

function convexPieces({ slots, least, most, sensitivities }: AllocateInput): Pieces {
  const capacity = sensitivities.reduce((sum, { curve }) => sum + curve!.length + 2, 0);
  const starts = new Uint32Array(slots.length + 1);
  const [ends, prices, sizes, losses] = [0, 1, 2, 3].map(() => new Float64Array(capacity));
  let n = 0;
  for (let i = 0; i < slots.length; i++) {
    const first = n;
    const [from, to] = [least[i], most[i]];
    const weights = slots[i].out * slots[i].in;
    const curve = sensitivities[i].curve!;
    const last = Math.max(from, Math.min(to, curve[curve.length - 1].sparsity));
    const loss = errorAt(curve, from);
    for (let k = 0; k <= curve.length && from < last; k++) {
      const isLast = k === curve.length;
      const sparsity = isLast ? last : curve[k].sparsity;
      if (!isLast && (sparsity <= from || sparsity >= last)) continue;
      const error = isLast ? errorAt(curve, last) : curve[k].error;
      // A piece that costs no less than what follows it is one piece with it.
      for (; ; n--) {
        const isFirst = n === first;
        const size = (sparsity - (isFirst ? from : ends[n - 1])) * weights;
        const price = (error - (isFirst ? loss : losses[n - 1])) / size;
        if (!isFirst && prices[n - 1] >= price) continue;
        sizes[n] = size;
        prices[n] = price;
        break;
      }
      ends[n] = sparsity;
      losses[n] = error;
      n++;
    }
    if (last < to) {
      ends[n] = to;
      prices[n] = unknownPrice;
      sizes[n] = (to - last) * weights;
      n++;
    }
    starts[i + 1] = n;
  }
  return { starts, ends: ends.subarray(0, n), prices: prices.subarray(0, n), sizes: sizes.subarray(0, n) };
}

/** Of the sign, exponent and first two digits of a price: buckets that lie in the order of the prices. */
const bucketBits = 14;

/** The pieces of the one bucket in which the price must be, and the zeros that they have to make up. */
function narrow({ prices, sizes }: Pieces, zeros: number): { readonly open: Float64Array; readonly weights: Float64Array; wanted: number } {
  // The upper half of a number, with the bits of negative ones turned round, so that it sorts as a whole number.
  const words = new Int32Array(prices.buffer, prices.byteOffset, 2 * prices.length);
  const bucketOf = (k: number) => {
    const word = words[2 * k + 1];
    return (word < 0 ? ~word : word ^ (1 << 31)) >>> (32 - bucketBits);
  };
  const sums = new Float64Array(2 ** bucketBits);
  let [last, n] = [0, 0];
  for (let k = 0; k < prices.length; k++) {
    const bucket = bucketOf(k);
    sums[bucket] += sizes[k];
    if (bucket > last) last = bucket;
  }
  let wanted = zeros;
  let chosen = 0;
  for (; chosen < last && wanted > sums[chosen]; chosen++) wanted -= sums[chosen];
  for (let k = 0; k < prices.length; k++) if (bucketOf(k) === chosen) n++;
  const [open, weights] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0, at = 0; at < n; k++)
    if (bucketOf(k) === chosen) {
      open[at] = prices[k];
      weights[at++] = sizes[k];
    }
  return { open, weights, wanted };
}

/**
 * The price at which the pieces, the cheapest first, reach that many zeros; found by parting them around a pivot again and again, which
 * takes time in proportion to their number. Of none at all, 0.
 */
function priceOf(pieces: Pieces, zeros: number): number {
  const { open, weights, ...narrowed } = narrow(pieces, zeros);
  const swap = (a: number, b: number) => {
    const [price, weight] = [open[a], weights[a]];
    open[a] = open[b];
    weights[a] = weights[b];
    open[b] = price;
    weights[b] = weight;
  };
  let price = 0;
  let { wanted } = narrowed;
  for (let from = 0, to = open.length; from < to; ) {
    price = medianOf(open[from], open[(from + to) >> 1], open[to - 1]);
    let [below, above, cheaper, equal] = [from, to, 0, 0];
    for (let i = from; i < above; ) {
      if (open[i] > price) swap(i, --above);
      else if (open[i] < price) {
        cheaper += weights[i];
        swap(i++, below++);
      } else equal += weights[i++];
    }
    if (wanted < cheaper) to = below;
    else if (wanted <= cheaper + equal) return price;
    else {
      wanted -= cheaper + equal;
      from = above;
    }
  }
  return price;
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** Prices that differ by less than this share are one price: rounding alone sets them apart. */
const sameness = 1e-9;

function fill({ slots, least }: AllocateInput, { starts, ends, prices, sizes }: Pieces, price: number, zeros: number): Float64Array {
  const [low, high] = [price - sameness * Math.abs(price), price + sameness * Math.abs(price)];
  let [rest, tied] = [zeros, 0];
  for (let k = 0; k < prices.length; k++) {
    if (prices[k] < low) rest -= sizes[k];
    else if (prices[k] <= high) tied += sizes[k];
  }
  const part = tied === 0 ? 0 : Math.min(Math.max(rest / tied, 0), 1);
  const shares = new Float64Array(least);
  for (let i = 0; i < slots.length; i++)
    for (let k = starts[i]; k < starts[i + 1] && prices[k] <= high; k++)
      shares[i] = prices[k] < low || part === 1 ? ends[k] : shares[i] + (part * sizes[k]) / (slots[i].out * slots[i].in);
  return shares;
}
