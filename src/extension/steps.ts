/** Goes through the steps of a wizard, forwards and back. */

export interface StepPlace {
  /** From 1. */
  readonly step: number;
  readonly total: number;
}

/** Asks for one thing: the answers with it, `back` to the step before, or `undefined` to give up. */
export type Step<A> = (answers: A, place: StepPlace) => Promise<A | 'back' | undefined>;

/** @returns  the answers after the last step, or `undefined` where the user gave up; `back` at the first step asks it again */
export async function takeSteps<A extends object>(steps: readonly Step<A>[], start: A): Promise<A | undefined> {
  let answers = start;
  for (let at = 0; at < steps.length; ) {
    const answer = await steps[at](answers, { step: at + 1, total: steps.length });
    if (answer === undefined) return undefined;
    if (answer === 'back') at = Math.max(0, at - 1);
    else {
      answers = answer;
      at++;
    }
  }
  return answers;
}
