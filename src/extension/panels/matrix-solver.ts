/** Has one matrix solved alone for a panel: the last one that was asked for, and none that is no longer wanted. */

import type { ResolvedMatrix } from '../../protocol/engine.ts';
import type { ToBudget } from '../../protocol/panel.ts';
import { faultOf } from '../errors.ts';

export interface MatrixSolver {
  /** Answers with one message, unless another matrix is asked for before, or it is stopped. */
  solve(matrix: string, sparsity: number): Promise<void>;
  stop(): void;
}

export interface MatrixSolverOptions {
  ask(matrix: string, sparsity: number, signal: AbortSignal): Promise<ResolvedMatrix | null>;
  post(message: ToBudget): void;
  /** Where the fault is nothing that a user can act on. */
  onBug(error: unknown): void;
}

export function createMatrixSolver({ ask, post, onBug }: MatrixSolverOptions): MatrixSolver {
  let current: AbortController | undefined;
  const stop = () => {
    current?.abort();
    current = undefined;
  };
  return {
    async solve(matrix, sparsity) {
      stop();
      const own = new AbortController();
      current = own;
      const answer = await answerOf(() => ask(matrix, sparsity, own.signal), onBug);
      if (current !== own) return;
      current = undefined;
      post({ type: 'solved', matrix, sparsity, answer });
    },
    stop,
  };
}

type Answer = Extract<ToBudget, { type: 'solved' }>['answer'];

async function answerOf(ask: () => Promise<ResolvedMatrix | null>, onBug: (error: unknown) => void): Promise<Answer> {
  try {
    const solved = await ask();
    return solved ? { state: 'solved', solved } : { state: 'no grams' };
  } catch (error) {
    const { kind, message, hint } = faultOf(error);
    if (kind === 'bug') onBug(error);
    return { state: 'failed', message, hint };
  }
}
