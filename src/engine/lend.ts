/** Makes the context of a job from what a door was told: which provider, how many threads, how much memory. */

import { availableParallelism, totalmem } from 'node:os';
import { SecateurError } from '../error.ts';
import type { ComputeSettings } from '../protocol/engine.ts';
import { createAlgebra } from './algebra.ts';
import type { Context } from './context.ts';
import { defaultGramCacheBytes } from './gram-room.ts';
import { createRuntime, type Provider, providers, type Runtime } from './runtime.ts';

/** The provider of that name; `BAD_ARGUMENT` under the name that the door has for it. */
export function readProvider(name: string, calledAs: string): Provider {
  const provider = providers.find((known) => known === name);
  if (provider) return provider;
  throw new SecateurError('BAD_ARGUMENT', `${calledAs} ${name} is not one of ${providers.join(', ')}`);
}

/** @param threads  per operation; the cores there are, unless given */
export function lendRuntime(provider: Provider, threads = availableParallelism()): Runtime {
  return createRuntime({ provider, threads });
}

export function lendContext(
  runtime: Runtime,
  {
    memoryLimitBytes = 0.8 * machineMemory(),
    scratchFolder,
    gramCacheBytes = defaultGramCacheBytes,
  }: Pick<ComputeSettings, 'memoryLimitBytes' | 'scratchFolder' | 'gramCacheBytes'>,
  listener: Pick<Context, 'signal' | 'onProgress' | 'log'>,
): Context {
  return { ...listener, runtime, algebra: createAlgebra(runtime, listener.signal), memoryLimitBytes, scratchFolder, gramCacheBytes };
}

/** What this process may use: in a container less than what the machine has. */
function machineMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
