import { tmpdir } from 'node:os';
import { createAlgebra } from '../../src/engine/algebra.ts';
import type { Context } from '../../src/engine/context.ts';
import { createRuntime } from '../../src/engine/runtime.ts';

const runtime = createRuntime({ provider: 'cpu', threads: 2 });

/** A context that draws nothing and sets no limit. */
export function testContext(changes: Partial<Context> = {}): Context {
  return {
    runtime,
    algebra: createAlgebra(runtime),
    signal: new AbortController().signal,
    onProgress: () => {},
    log: () => {},
    memoryLimitBytes: 2 ** 40,
    scratchFolder: tmpdir(),
    ...changes,
  };
}
