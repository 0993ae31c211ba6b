/** Restart Engine: ends the process, whatever it is doing, and starts another. */

import type { CommandHandler } from './command.ts';

export const restartEngine: CommandHandler = async ({ engine, inspections, log }) => {
  await engine.restart();
  inspections.forgetFailures();
  log.info('the engine was started anew');
};
