/** What an error says to a person, whatever threw it. */

import { SecateurError, withFullStop } from '../error.ts';
import { EngineGone } from './engine-client.ts';

export interface Fault {
  /** `crashed`: the engine ended while it was asked; `bug`: nothing a user can act on. */
  readonly kind: 'cancelled' | 'refused' | 'crashed' | 'bug';
  readonly message: string;
  readonly hint: string | null;
}

export function faultOf(error: unknown): Fault {
  if (error instanceof SecateurError)
    return { kind: error.code === 'CANCELLED' ? 'cancelled' : 'refused', message: error.message, hint: error.hint ?? null };
  if (error instanceof EngineGone) {
    if (error.wanted) return { kind: 'cancelled', message: error.message, hint: null };
    const cause = error.exit.signal ?? `code ${error.exit.code}`;
    return { kind: 'crashed', message: `the engine ended unexpectedly (${cause})`, hint: null };
  }
  return { kind: 'bug', message: error instanceof Error ? error.message : String(error), hint: null };
}

/** `The engine ended unexpectedly (SIGKILL). Finished blocks are kept.` */
export function sentence({ message, hint }: Pick<Fault, 'message' | 'hint'>): string {
  // A file's or a tensor's name at the start stays as it is.
  const first = withFullStop(message.replace(/^[a-z]+(?=[ ,’])/, (word) => word.charAt(0).toUpperCase() + word.slice(1)));
  return hint ? `${first} ${hint}` : first;
}
