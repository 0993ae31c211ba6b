/** Tells a person what went wrong: once, with the way out and the log. */

import { commands, window } from 'vscode';
import { commandName } from './contributes/commands.ts';
import { faultOf, sentence } from './errors.ts';
import type { Services } from './services.ts';

const showLog = 'Show Log';

/**
 * Says nothing of what the user stopped himself. Does not wait until the message is read.
 *
 * @param resume  what goes on where the engine has died
 */
export function tellError({ log }: Pick<Services, 'log'>, error: unknown, resume?: () => unknown): void {
  const fault = faultOf(error);
  if (fault.kind === 'cancelled') return;
  log.error(error instanceof Error && fault.kind === 'bug' ? (error.stack ?? error.message) : sentence(fault));
  const canResume = fault.kind === 'crashed' && resume !== undefined;
  const hint = canResume ? 'Finished blocks are kept.' : fault.hint;
  const buttons = canResume ? [showLog, 'Resume'] : [showLog];
  void window.showErrorMessage(sentence({ message: fault.message, hint }), ...buttons).then((answer) => {
    if (answer === showLog) return commands.executeCommand(commandName('showLog'));
    if (answer === 'Resume') return resume?.();
    return undefined;
  });
}
