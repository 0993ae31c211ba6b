/** What the engine found in checkpoints: asked one after the other, and again only when config or headers have changed. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SecateurError } from '../../error.ts';
import type { Inspection } from '../../protocol/data.ts';
import { EngineGone } from '../engine-client.ts';
import type { Inspected } from './checkpoint-words.ts';

export interface Inspections {
  /** What was found last, at once; `undefined` where the engine has not answered yet. */
  known(folder: string): Inspected;
  /** What is there now. Never rejects: what cannot be read is an answer, too. */
  ask(folder: string): Promise<NonNullable<Inspected>>;
  /** Asks again for what could not be read. */
  forgetFailures(): void;
}

const stampedNames = ['config.json', 'model.safetensors', 'model.safetensors.index.json'];

/** @param inspect  the engine's, or whatever stands before it */
export function createInspections(inspect: (folder: string) => Promise<Inspection>): Inspections {
  const answers = new Map<string, { readonly stamp: string | null; readonly answer: NonNullable<Inspected> }>();
  let last: Promise<unknown> = Promise.resolve();

  const ask = async (folder: string) => {
    const stamp = await stampOf(folder);
    const before = answers.get(folder);
    if (before?.stamp === stamp) return before.answer;
    const { answer: found, isLasting } = await inspect(folder)
      .catch((error) => (isRestart(error) ? inspect(folder) : Promise.reject(error)))
      .then((inspection) => ({ answer: { inspection }, isLasting: true }), failure);
    // The same words are the same answer: whoever shows answers that are new must not be kept busy by an engine that cannot start.
    const answer = before && isSameFailure(before.answer, found) ? before.answer : found;
    answers.set(folder, { stamp: isLasting ? stamp : null, answer });
    return answer;
  };
  return {
    known: (folder) => answers.get(folder)?.answer,
    ask(folder) {
      const asked = last.then(() => ask(folder));
      last = asked;
      return asked;
    },
    forgetFailures() {
      for (const [folder, { answer }] of answers) if ('message' in answer) answers.delete(folder);
    },
  };
}

/** The engine was started anew while it was asked, and can be asked again; one that died may do so again. */
function isRestart(error: unknown): boolean {
  return error instanceof EngineGone && error.wanted;
}

/** An engine that died says nothing of the checkpoint: it is asked again at the next occasion. */
function failure(error: unknown): { readonly answer: NonNullable<Inspected>; readonly isLasting: boolean } {
  const message = error instanceof Error ? error.message : String(error);
  const isLasting = error instanceof SecateurError;
  return { answer: { message, hint: isLasting ? (error.hint ?? null) : null }, isLasting };
}

function isSameFailure(a: NonNullable<Inspected>, b: NonNullable<Inspected>): boolean {
  return 'message' in a && 'message' in b && a.message === b.message;
}

async function stampOf(folder: string): Promise<string> {
  const stamps = stampedNames.map((name) =>
    stat(join(folder, name)).then(
      ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
      () => '-',
    ),
  );
  return (await Promise.all(stamps)).join(' ');
}
