/** Starts the engine's process at its first use, and asks it: typed requests, the events of jobs, and word of its death. */

import { type ChildProcess, fork } from 'node:child_process';
import {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
  type RequestType,
  ResponseError,
} from 'vscode-jsonrpc/node';
import { SecateurError } from '../error.ts';
import { type ErrorData, type JobEvent, notifications } from '../protocol/engine.ts';

export interface EngineExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines it wrote to its error stream. */
  readonly stderr: readonly string[];
}

/** What a request ends with whose engine has died, or was stopped, before it answered. */
export class EngineGone extends Error {
  readonly exit: EngineExit;
  /** Whether it was stopped from here, by `restart` or `dispose`. */
  readonly wanted: boolean;

  constructor(exit: EngineExit, wanted: boolean) {
    super(wanted ? 'the engine was stopped' : `the engine ended unexpectedly (${exit.signal ?? `code ${exit.code}`})`);
    this.name = 'EngineGone';
    this.exit = exit;
    this.wanted = wanted;
  }
}

export interface EngineClient extends Disposable {
  /**
   * Starts the engine where none runs.
   *
   * @param options.signal  asks the engine to stop; the request then ends with `CANCELLED`
   * @throws  `SecateurError` for what a user can act on; `EngineGone`; any other error is a bug of the engine
   */
  request<P, R>(type: RequestType<P, R, ErrorData>, params: P, options?: { readonly signal?: AbortSignal | undefined }): Promise<R>;
  /** Calls back for every event of the job of that name, until the listener is disposed. */
  onEvent(job: string, listener: (event: JobEvent) => void): Disposable & { dispose(): void };
  /** Calls back when the engine has ended by itself. The next request starts it anew. */
  onExit(listener: (exit: EngineExit) => void): Disposable & { dispose(): void };
  /** Ends the engine, whatever it is doing, and starts another. What it was doing can be resumed. */
  restart(): Promise<void>;
  dispose(): void;
}

export interface EngineClientOptions {
  /** The bundled engine, absolute. */
  readonly script: string;
  /** A line the engine wrote to its output or error stream. */
  readonly onLog: (line: string) => void;
}

export function createEngineClient({ script, onLog }: EngineClientOptions): EngineClient {
  const eventListeners = new Map<string, Set<(event: JobEvent) => void>>();
  const exitListeners = new Set<(exit: EngineExit) => void>();
  let engine: Engine | undefined;
  let isDisposed = false;

  const start = (): Engine => {
    if (isDisposed) throw new Error('the engine client is disposed');
    const started = startEngine(script, onLog, (job, event) => {
      for (const listener of eventListeners.get(job) ?? []) listener(event);
    });
    void started.gone.then((gone) => {
      if (engine === started) engine = undefined;
      if (!gone.wanted) for (const listener of exitListeners) listener(gone.exit);
    });
    return started;
  };
  const dispose = () => {
    isDisposed = true;
    engine?.stop();
  };
  return {
    async request(type, params, { signal } = {}) {
      if (!engine?.isConnected()) engine = start();
      return ask(engine, type, params, signal);
    },
    onEvent(job, listener) {
      const listeners = eventListeners.get(job) ?? new Set();
      eventListeners.set(job, listeners.add(listener));
      return disposable(() => {
        listeners.delete(listener);
        if (listeners.size === 0 && eventListeners.get(job) === listeners) eventListeners.delete(job);
      });
    },
    onExit(listener) {
      exitListeners.add(listener);
      return disposable(() => exitListeners.delete(listener));
    },
    async restart() {
      engine?.stop();
      await engine?.gone;
      engine ??= start();
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

interface Engine {
  readonly connection: MessageConnection;
  /** Resolves when the process has ended and all its words are read. */
  readonly gone: Promise<EngineGone>;
  /** Whether it can still be spoken to. */
  isConnected(): boolean;
  stop(): void;
}

const keptLines = 40;

function startEngine(script: string, onLog: (line: string) => void, onEvent: (job: string, event: JobEvent) => void): Engine {
  const child = fork(script, [], {
    execArgv: [],
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const stderr: string[] = [];
  onLines(child.stdout!, onLog);
  onLines(child.stderr!, (line) => {
    stderr.push(line);
    if (stderr.length > keptLines) stderr.shift();
    onLog(line);
  });
  let wanted = false;
  const gone = new Promise<EngineGone>((resolve) => {
    // A process that could not be started has no exit to tell of.
    child.on('error', (error) => {
      onLog(`engine: ${error.message}`);
      if (child.pid === undefined) resolve(new EngineGone({ code: null, signal: null, stderr: [...stderr, error.message] }, wanted));
    });
    child.on('close', (code, signal) => resolve(new EngineGone({ code, signal, stderr }, wanted)));
  });
  const connection = connect(child);
  connection.onNotification(notifications.event, ({ job, event }) => onEvent(job, event));
  connection.onError(([error]) => onLog(`engine: ${error.message}`));
  connection.listen();
  let hasEnded = false;
  void gone.then(() => {
    hasEnded = true;
    connection.dispose();
  });
  return {
    connection,
    gone,
    isConnected: () => child.connected && !wanted && !hasEnded,
    stop() {
      wanted = true;
      child.kill('SIGKILL');
    },
  };
}

function connect(child: ChildProcess): MessageConnection {
  return createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
}

async function ask<P, R>(engine: Engine, type: RequestType<P, R, ErrorData>, params: P, signal: AbortSignal | undefined): Promise<R> {
  const cancellation = new CancellationTokenSource();
  const cancel = () => cancellation.cancel();
  signal?.addEventListener('abort', cancel);
  if (signal?.aborted) cancel();
  try {
    return await engine.connection.sendRequest<R>(type.method, params, cancellation.token);
  } catch (error) {
    if (isAnswer(error)) throw fromAnswer(error);
    // A message that did not get through to a process that is just ending tells less than its end does.
    throw engine.isConnected() ? error : await engine.gone;
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancellation.dispose();
  }
}

function isAnswer(error: unknown): error is ResponseError<ErrorData | undefined> {
  const ownCodes: readonly number[] = [ErrorCodes.PendingResponseRejected, ErrorCodes.MessageWriteError];
  return error instanceof ResponseError && !ownCodes.includes(error.code);
}

function fromAnswer(error: ResponseError<ErrorData | undefined>): Error {
  return error.data ? new SecateurError(error.data.code, error.message, error.data.hint, { cause: error }) : error;
}

function onLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

function disposable(dispose: () => void): Disposable & { dispose(): void } {
  return { dispose, [Symbol.dispose]: dispose };
}
