import { describe, expect, it } from 'vitest';
import { type Step, takeSteps } from '../../src/extension/steps.ts';

type Answers = Readonly<Record<string, number>>;

/** Each step answers what its list says, one after the other. */
function script(...lists: readonly (readonly (number | 'back' | undefined)[])[]) {
  const asked: string[] = [];
  const steps = lists.map((list, i): Step<Answers> => {
    let nAsked = 0;
    return async (answers, { step, total }) => {
      asked.push(`${step}/${total} ${JSON.stringify(answers)}`);
      const answer = list[nAsked++];
      return typeof answer === 'number' ? { ...answers, [`s${i}`]: answer } : answer;
    };
  });
  return { steps, asked };
}

describe('takeSteps', () => {
  it('hands every step the answers so far, and its place', async () => {
    const { steps, asked } = script([1], [2]);
    expect(await takeSteps(steps, { start: 0 })).toEqual({ start: 0, s0: 1, s1: 2 });
    expect(asked).toEqual(['1/2 {"start":0}', '2/2 {"start":0,"s0":1}']);
  });

  it('goes back with what was answered, and forward again', async () => {
    const { steps, asked } = script([1, 3], ['back', 2], [4]);
    expect(await takeSteps(steps, {})).toEqual({ s0: 3, s1: 2, s2: 4 });
    expect(asked).toEqual(['1/3 {}', '2/3 {"s0":1}', '1/3 {"s0":1}', '2/3 {"s0":3}', '3/3 {"s0":3,"s1":2}']);
  });

  it('goes back one step only, and not before the first', async () => {
    const { steps, asked } = script(['back', 1], [2, 5], ['back', 3]);
    expect(await takeSteps(steps, {})).toEqual({ s0: 1, s1: 5, s2: 3 });
    expect(asked.map((text) => text.slice(0, 3))).toEqual(['1/3', '1/3', '2/3', '3/3', '2/3', '3/3']);
  });

  it('ends without answers where one step is given up', async () => {
    const { steps, asked } = script([1], [undefined], [3]);
    expect(await takeSteps(steps, {})).toBeUndefined();
    expect(asked).toHaveLength(2);
  });
});
