import { expect, it, vi } from 'vitest';
import { SecateurError } from '../../../src/error.ts';
import { createMatrixSolver } from '../../../src/extension/panels/matrix-solver.ts';
import type { ResolvedMatrix } from '../../../src/protocol/engine.ts';
import type { ToBudget } from '../../../src/protocol/panel.ts';

const solved: ResolvedMatrix = {
  name: 'w',
  zeros: 5,
  relativeError: 0.1,
  maskOnlyError: 0.2,
  damping: 0.01,
  seconds: 0.3,
  isStandIn: false,
};

/** Asks that are answered by hand. */
function solver() {
  const posted: ToBudget[] = [];
  const asked: { answer(value: ResolvedMatrix | null): void; fail(error: unknown): void; signal: AbortSignal }[] = [];
  const onBug = vi.fn();
  const made = createMatrixSolver({
    ask: (_matrix, _sparsity, signal) =>
      new Promise((answer, fail) => {
        asked.push({ answer, fail, signal });
      }),
    post: (message) => posted.push(message),
    onBug,
  });
  return { ...made, posted, asked, onBug };
}

it('tells what came of a matrix, or that nothing is kept to solve it with', async () => {
  const { solve, posted, asked } = solver();
  const first = solve('w', 0.5);
  asked[0]!.answer(solved);
  await first;
  const second = solve('w', 0.6);
  asked[1]!.answer(null);
  await second;
  expect(posted).toEqual([
    { type: 'solved', matrix: 'w', sparsity: 0.5, answer: { state: 'solved', solved } },
    { type: 'solved', matrix: 'w', sparsity: 0.6, answer: { state: 'no grams' } },
  ]);
});

it('stops the one that is under way for the next, and tells of the next alone', async () => {
  const { solve, stop, posted, asked } = solver();
  const both = [solve('a', 0.5), solve('b', 0.5)];
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  asked[1]!.answer(solved);
  asked[0]!.answer(solved);
  await Promise.all(both);
  expect(posted.map((message) => 'matrix' in message && message.matrix)).toEqual(['b']);
  const third = solve('c', 0.5);
  stop();
  asked[2]!.fail(new SecateurError('CANCELLED', 'stopped by the user'));
  await third;
  expect(asked[2]!.signal.aborted).toBe(true);
  expect(posted).toHaveLength(1);
});

it('says why it could not be done, and logs what nobody can act on', async () => {
  const { solve, posted, asked, onBug } = solver();
  const refused = solve('w', 0.5);
  asked[0]!.fail(new SecateurError('UNSUPPORTED', 'not that', 'Do this.'));
  await refused;
  expect(onBug).not.toHaveBeenCalled();
  const broken = solve('w', 0.5);
  asked[1]!.fail(new TypeError('a slip'));
  await broken;
  expect(posted.map((message) => 'answer' in message && message.answer)).toEqual([
    { state: 'failed', message: 'not that', hint: 'Do this.' },
    { state: 'failed', message: 'a slip', hint: null },
  ]);
  expect(onBug).toHaveBeenCalledOnce();
});
