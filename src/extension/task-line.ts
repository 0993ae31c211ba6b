/** Tasks as `tasks.json` describes them, and the command lines that they stand for. */

import type { ComputeSettings } from '../protocol/engine.ts';
import type { TaskCommand } from './contributes/tasks.ts';

export interface SecateurTask {
  readonly type: 'secateur';
  readonly command: TaskCommand;
  /** Seen from the folder of the workspace, like `folder` and `text`. */
  readonly recipe?: string;
  readonly folder?: string;
  readonly text?: string;
  readonly args?: readonly string[];
}

/**
 * What follows the name of the program. What the task leaves out is left out here, too: the command line says best what it lacks. The
 * settings come first, so that the task's own arguments have the last word.
 */
export function taskLine({ command, recipe, folder, text, args = [] }: SecateurTask, compute: ComputeSettings): readonly string[] {
  const target = command === 'evaluate' ? folder : recipe;
  return [
    command,
    ...(target === undefined ? [] : [target]),
    ...(command === 'evaluate' && text !== undefined ? ['--text', text] : []),
    ...(command === 'check' ? [] : computeArguments(compute)),
    ...args,
  ];
}

/** `prune model.prune.yaml`, as the list of tasks calls it. */
export function taskName({ command, recipe, folder }: SecateurTask): string {
  return [command, command === 'evaluate' ? folder : recipe].filter((part) => part !== undefined).join(' ');
}

function computeArguments({ provider, threads, memoryLimitBytes, scratchFolder }: ComputeSettings): string[] {
  return [
    ...(provider === undefined ? [] : ['--provider', provider]),
    ...(threads === undefined ? [] : ['--threads', `${threads}`]),
    ...(memoryLimitBytes === undefined ? [] : ['--memory', `${memoryLimitBytes}`]),
    ...(scratchFolder === undefined ? [] : ['--scratch', scratchFolder]),
  ];
}
