/** Continues a prompt, so that a person can see what pruning did to a model. */

import { SecateurError } from '../error.ts';
import type { Model } from '../families/family.ts';
import { buildGraph } from '../graph/ir.ts';
import { createRandom } from '../tensor/random.ts';
import { type Context, throwIfCancelled } from './context.ts';
import type { Program, WeightFiles } from './runtime.ts';

export interface GenerateOptions {
  /** Token ids of the prompt; at least one. */
  readonly prompt: Int32Array;
  readonly tokens: number;
  /** Draws at temperature 0.8 under this seed; absent = always the likeliest token. */
  readonly seed?: number;
  /** Tokens that end the text. */
  readonly endIds: readonly number[];
}

/**
 * The tokens that follow a prompt, one by one.
 *
 * The whole model is held in memory for this, and each step recomputes all positions: it is for trying a prompt, not for serving.
 */
export async function* generate(
  { model, weights }: { readonly model: Model; readonly weights: WeightFiles },
  options: GenerateOptions,
  ctx: Context,
): AsyncGenerator<number> {
  const length = options.prompt.length + options.tokens;
  if (options.prompt.length === 0) throw new SecateurError('BAD_ARGUMENT', 'the prompt has no tokens', 'Give at least one word.');
  if (length > model.maxLength)
    throw new SecateurError(
      'BAD_ARGUMENT',
      `prompt and new tokens together are ${length}, the model was made for ${model.maxLength}`,
      `Ask for at most ${Math.max(0, model.maxLength - options.prompt.length)} tokens.`,
    );
  const random = options.seed === undefined ? undefined : createRandom(options.seed);
  const ids = new BigInt64Array(length);
  options.prompt.forEach((id, i) => {
    ids[i] = BigInt(id);
  });
  await using next = await compileModel(model, weights, length, ctx);
  for (let n = options.prompt.length; n < length; n++) {
    throwIfCancelled(ctx.signal);
    const logits = await next.logits(ids, n - 1);
    if (!Number.isFinite(logits[0]))
      throw new SecateurError('NOT_FINITE', `the logits after token ${n} are ${logits[0]}`, 'The checkpoint is damaged.');
    const id = random ? draw(logits, 0.8, random.uniform()) : argMax(logits);
    if (options.endIds.includes(id)) return;
    yield id;
    ids[n] = BigInt(id);
  }
}

interface CompiledModel extends AsyncDisposable {
  /** Logits after position `last` of a sequence, f32 `[vocab]`; later positions, not yet known, cannot reach it. */
  logits(ids: BigInt64Array, last: number): Promise<Float32Array>;
}

async function compileModel(model: Model, weights: WeightFiles, length: number, { runtime, signal }: Context): Promise<CompiledModel> {
  const width = model.hiddenSize;
  const programs: Program[] = [];
  const compile = async (write: Parameters<typeof buildGraph>[0]) => {
    throwIfCancelled(signal);
    const program = await runtime.compile(buildGraph(write), weights);
    programs.push(program);
    return program;
  };
  const embed = await compile((builder) => builder.output('next', model.embed(builder, builder.input('ids', [length], 'i64'))));
  const blocks: Program[] = [];
  for (let block = 0; block < model.nBlocks; block++)
    blocks.push(
      await compile((builder) => builder.output('next', model.block(builder, block, builder.input('hidden', [length, width])).hidden)),
    );
  const head = await compile((builder) =>
    builder.output('logits', model.head(builder, builder.input('hidden', [1, width]), 0, model.vocabSize)),
  );

  let [hidden, next] = [new Float32Array(length * width), new Float32Array(length * width)];
  const logits = new Float32Array(model.vocabSize);
  return {
    async logits(ids, last) {
      await embed.run({ ids }, { next: hidden });
      for (const block of blocks) {
        await block.run({ hidden }, { next });
        [hidden, next] = [next, hidden];
      }
      await head.run({ hidden: hidden.subarray(last * width, (last + 1) * width) }, { logits });
      return logits;
    },
    async [Symbol.asyncDispose]() {
      for (const program of programs) await program[Symbol.asyncDispose]();
    },
  };
}

function argMax(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

function draw(logits: Float32Array, temperature: number, uniform: number): number {
  const top = logits[argMax(logits)];
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
  let rest = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  const id = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return id < 0 ? argMax(logits) : id;
}
