/** Perplexity of a checkpoint on a text that a person names. */

import type { Perplexity } from '../protocol/report.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type Context, textContext } from './context.ts';
import { evaluate } from './evaluate.ts';
import { type EvaluationRequest, evaluationWindows, type Windows } from './texts.ts';
import { openTokenizerIfAny } from './tokenizer.ts';

/** @throws  as `evaluationWindows` and `evaluate` do */
export async function evaluateText(
  checkpoint: Checkpoint,
  request: EvaluationRequest,
  ctx: Context,
): Promise<{ readonly perplexity: Perplexity; readonly windows: Windows }> {
  const tokenizer = await openTokenizerIfAny(checkpoint.folder, checkpoint.model.vocabSize);
  const windows = await evaluationWindows(request, tokenizer, textContext(ctx, request.path));
  const { tokens } = windows;
  const perplexity = await evaluate(checkpoint, windows, ctx, ({ done, total, detail }) =>
    ctx.onProgress({ step: 'evaluate', done: (done / total) * tokens, total: tokens, unit: 'tokens', detail }),
  );
  return { perplexity, windows };
}
