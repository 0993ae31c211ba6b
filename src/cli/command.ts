/** What a subcommand is, and the options that several of them share. */

import type { ParseArgsConfig } from 'node:util';
import type { Context } from '../engine/context.ts';
import { lendContext, lendRuntime, readProvider } from '../engine/lend.ts';
import { providers } from '../engine/runtime.ts';
import { SecateurError } from '../error.ts';
import { createProgress } from './progress.ts';

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  /** What stands for the value in the help; only for strings. */
  readonly value?: string;
  readonly help: string;
  readonly multiple?: boolean;
}

export interface Arguments {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
}

export interface Command {
  /** `inspect PATH`: the name, then what has to follow it. */
  readonly usage: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** The exit code: 0 done, 1 the user's error. */
  run(args: Arguments, world: World): Promise<number>;
}

/** The two streams a command writes to. With `--json`, one JSON value goes to `out` and nothing else. */
export interface World {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
  readonly signal: AbortSignal;
}

export const jsonOption: CommandOption = { type: 'boolean', help: 'Print one JSON value and nothing else.' };

/** Options of every command that computes. */
export const computeOptions = {
  threads: {
    type: 'string',
    value: 'N',
    help: 'Threads per operation (default: the cores there are). The same number gives the same bytes.',
  },
  memory: { type: 'string', value: 'SIZE', help: 'Memory limit, such as 4GiB (default: 80 % of what the machine has).' },
  scratch: {
    type: 'string',
    value: 'DIR',
    help: 'Folder for hidden states beyond the memory limit (default: beside the result).',
  },
  provider: { type: 'string', value: 'NAME', help: `Where to compute: ${providers.join(', ')} (default: auto).` },
} as const satisfies Record<string, CommandOption>;

/** A context whose progress is drawn on the error stream; `end` clears the line. */
export function createContext({ options }: Arguments, world: World): Context & { readonly end: () => void } {
  const progress = createProgress(world);
  const provider = readProvider((options.provider ?? 'auto') as string, '--provider');
  const runtime = lendRuntime(provider, wholeNumber('threads', options.threads, 1, 1024));
  const memoryLimitBytes = sizeBytes('memory', options.memory);
  const scratchFolder = options.scratch as string | undefined;
  const gramCacheBytes = options['gram-cache'] === '0' ? 0 : sizeBytes('gram-cache', options['gram-cache']);
  const limits = {
    ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
    ...(scratchFolder !== undefined && { scratchFolder }),
    ...(gramCacheBytes !== undefined && { gramCacheBytes }),
  };
  const listener = { signal: world.signal, onProgress: progress.report, log: progress.log };
  return { ...lendContext(runtime, limits, listener), end: progress.end };
}

/** The number of an option, `undefined` where it was not given; `BAD_ARGUMENT` unless it is whole and within the bounds. */
export function wholeNumber(name: string, text: Arguments['options'][string], least = 1, most = 2 ** 32 - 1): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most || text === '')
    throw new SecateurError('BAD_ARGUMENT', `--${name} ${text} is not a whole number from ${least} to ${most}`);
  return value;
}

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

function sizeBytes(name: string, text: Arguments['options'][string]): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(String(text)) ?? [];
  if (!digits || Number(digits) === 0)
    throw new SecateurError('BAD_ARGUMENT', `--${name} ${text} is not a size`, 'Write it as 512MiB or 4GiB.');
  return Number(digits) * units[unit!.toUpperCase()];
}

/** The options in the form `node:util` wants them. */
export function parserOptions(command: Command): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(Object.entries(command.options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]));
}
