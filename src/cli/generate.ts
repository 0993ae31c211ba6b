/** `secateur generate DIR --prompt TEXT`: how a checkpoint goes on from a prompt. */

import { openCheckpoint } from '../engine/checkpoint.ts';
import { continueText } from '../engine/continue-text.ts';
import { openTokenizer } from '../engine/tokenizer.ts';
import { SecateurError } from '../error.ts';
import { type Command, computeOptions, createContext, jsonOption, wholeNumber } from './command.ts';

export const generate: Command = {
  usage: 'generate DIR',
  summary: 'Continue a prompt, to see what pruning did to a model.',
  options: {
    prompt: { type: 'string', value: 'TEXT', help: 'What to continue. Required.' },
    tokens: { type: 'string', value: 'N', help: 'How many tokens at most (default: 64).' },
    seed: { type: 'string', value: 'N', help: 'Draw at temperature 0.8 under this seed (default: always the likeliest token).' },
    json: jsonOption,
    ...computeOptions,
  },
  async run(args, world) {
    const folder = args.positionals[0];
    const { prompt, json } = args.options as { prompt?: string; json?: boolean };
    if (!prompt) throw new SecateurError('BAD_ARGUMENT', 'generate needs --prompt TEXT', 'Say what to continue.');
    const ctx = createContext(args, world);
    const checkpoint = await openCheckpoint(folder);
    const tokenizer = await openTokenizer(folder);
    const seed = wholeNumber('seed', args.options.seed, 0);
    const tokens = wholeNumber('tokens', args.options.tokens) ?? 64;
    let said = { text: '', nTokens: 0 };
    if (!json) world.out(prompt);
    for await (const { piece, ...soFar } of continueText(checkpoint, tokenizer, { prompt, tokens, seed }, ctx)) {
      if (!json) world.out(piece);
      said = soFar;
    }
    world.out(json ? `${JSON.stringify({ prompt, text: said.text, tokens: said.nTokens })}\n` : '\n');
    return 0;
  },
};
