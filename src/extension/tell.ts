/** Tells a person what went wrong: once, with the way out and the log. */

import { commands, type Uri, window } from 'vscode';
import { type CommandId, commandName } from './contributes/commands.ts';
import { faultOf, sentence } from './errors.ts';
import { withoutLinks } from './plain-text.ts';
import type { Services } from './services.ts';

const showLog = 'Show Log';

/** A button of a message that leads on. */
export interface WayOut {
  readonly label: string;
  readonly command: CommandId;
  readonly argument: Uri;
  /** Said in the place of the error's own hint. */
  readonly hint: string;
}

/** Says nothing of what the user stopped himself. Does not wait until the message is read. */
export function tellError({ log }: Pick<Services, 'log'>, error: unknown, wayOut?: WayOut): void {
  const fault = faultOf(error);
  if (fault.kind === 'cancelled') return;
  log.error(error instanceof Error && fault.kind === 'bug' ? (error.stack ?? error.message) : sentence(fault));
  const hint = wayOut?.hint ?? fault.hint;
  const buttons = wayOut ? [showLog, wayOut.label] : [showLog];
  void window.showErrorMessage(withoutLinks(sentence({ message: fault.message, hint })), ...buttons).then((answer) => {
    if (answer === showLog) return commands.executeCommand(commandName('showLog'));
    if (answer !== undefined && answer === wayOut?.label) return commands.executeCommand(commandName(wayOut.command), wayOut.argument);
    return undefined;
  });
}
