/** Show Engine Log. */

import type { CommandHandler } from './command.ts';

export const showLog: CommandHandler = async ({ log }) => log.show(true);
