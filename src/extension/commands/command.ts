/** What a command is: what happens when it is called, on whatever the editor hands it. */

import type { Services } from '../services.ts';

/**
 * @param argument  a uri, its text, an item of a view, or nothing
 * @throws          `SecateurError`, which is told to the user
 */
export type CommandHandler = (services: Services, argument: unknown, second?: unknown) => Promise<unknown>;
