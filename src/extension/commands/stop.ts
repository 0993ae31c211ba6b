/** Stop: asks the job under way to stop; what is finished is kept. */

import type { CommandHandler } from './command.ts';

export const stop: CommandHandler = async ({ runs }) => runs.stop();
