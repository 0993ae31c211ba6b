/** Continues a prompt as text, piece by piece. */

import type { Checkpoint } from './checkpoint.ts';
import type { Context } from './context.ts';
import { generate } from './generate.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface ContinueOptions {
  readonly prompt: string;
  /** At most so many tokens. */
  readonly tokens: number;
  /** As in `generate`. */
  readonly seed?: number | undefined;
}

export interface Continuation {
  /** What can be shown after all earlier pieces; may be empty. */
  readonly piece: string;
  /** All of it so far, the prompt left out. */
  readonly text: string;
  readonly nTokens: number;
}

/** One value a token. A character that is cut in two is kept back until its second token is there. */
export async function* continueText(
  checkpoint: Checkpoint,
  tokenizer: Tokenizer,
  { prompt, tokens, seed }: ContinueOptions,
  ctx: Context,
): AsyncGenerator<Continuation> {
  const request = { prompt: tokenizer.encode(prompt), tokens, endIds: tokenizer.eosIds, ...(seed === undefined ? {} : { seed }) };
  const ids: number[] = [];
  let shown = '';
  for await (const id of generate(checkpoint, request, ctx)) {
    ids.push(id);
    const text = tokenizer.decode(ids);
    // Half a character decodes to U+FFFD.
    const isWhole = !text.endsWith('\ufffd');
    const piece = isWhole ? text.slice(shown.length) : '';
    if (isWhole) shown = text;
    yield { piece, text, nTokens: ids.length };
  }
}
