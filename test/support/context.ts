import { tmpdir } from 'node:os';
import { createAlgebra } from '../../src/engine/algebra.ts';
import type { Context } from '../../src/engine/context.ts';
import { createRuntime } from '../../src/engine/runtime.ts';

// One thread: tests run side by side, and threads that wait for each other on busy cores are many times slower.
const runtime = createRuntime({ provider: 'cpu', threads: 1 });

/** A context that draws nothing and sets no limit. */
export function testContext(changes: Partial<Context> = {}): Context {
  const { signal = new AbortController().signal } = changes;
  return {
    runtime,
    algebra: createAlgebra(runtime, signal),
    signal,
    onProgress: () => {},
    log: () => {},
    memoryLimitBytes: 2 ** 40,
    scratchFolder: tmpdir(),
    ...changes,
  };
}
