/** `secateur evaluate DIR --text FILE`: perplexity, with the protocol it was taken by. */

import { openCheckpoint } from '../engine/checkpoint.ts';
import { protocol } from '../engine/evaluate.ts';
import { evaluateText } from '../engine/perplexity.ts';
import { windowLength } from '../engine/plan.ts';
import { SecateurError } from '../error.ts';
import { type Command, computeOptions, createContext, jsonOption, wholeNumber } from './command.ts';

export const evaluate: Command = {
  usage: 'evaluate DIR',
  summary: 'Perplexity of a checkpoint on a text.',
  options: {
    text: {
      type: 'string',
      value: 'FILE',
      help: 'Text to measure on: .txt, .md, .jsonl, .parquet, or token ids in .safetensors. Required.',
    },
    field: { type: 'string', value: 'NAME', help: 'Field of a .jsonl, column of a .parquet (default: text).' },
    length: { type: 'string', value: 'N', help: 'Tokens per window (default: 2048, or the model’s maximum if that is less).' },
    windows: { type: 'string', value: 'N', help: 'How many windows (default: all the text has).' },
    json: jsonOption,
    ...computeOptions,
  },
  async run(args, world) {
    const folder = args.positionals[0];
    const { text, field = 'text' } = args.options as { text?: string; field?: string };
    if (!text) throw new SecateurError('BAD_ARGUMENT', 'evaluate needs --text FILE', 'Name the text to measure on.');
    const ctx = createContext(args, world);
    const checkpoint = await openCheckpoint(folder);
    const length = windowLength('--length', wholeNumber('length', args.options.length, 2), checkpoint.model);
    const nWindows = wholeNumber('windows', args.options.windows);
    const request = { path: text, field, length, ...(nWindows === undefined ? {} : { windows: nWindows }) };
    const { perplexity, windows } = await evaluateText(checkpoint, request, ctx);
    const { windowNll, ...result } = perplexity;
    ctx.end();
    if (args.options.json)
      world.out(`${JSON.stringify({ ...result, windowNll, text: windows.description, sha256: windows.sha256, protocol }, null, 2)}\n`);
    else
      world.out(
        `perplexity ${result.perplexity.toFixed(4)}  (${result.nll.toFixed(5)} nats/token, ${result.tokens} predictions in ${result.windows} windows of ${result.length})\n` +
          `text: ${windows.description}\n${protocol}\n`,
      );
    return 0;
  },
};
