/** The engine as a process of its own: the same functions that the command line calls, behind JSON-RPC over Node's own channel. */

import {
  type CancellationToken,
  createMessageConnection,
  ErrorCodes,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
} from 'vscode-jsonrpc/node';
import { SecateurError } from '../error.ts';
import { type ErrorData, notifications, requests } from '../protocol/engine.ts';
import { createHandlers } from './handlers.ts';
import { fromSystem } from './system-error.ts';

/** Beyond the codes that JSON-RPC keeps for itself; which error it is stands in the data. */
const userError = 1;

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const handlers = createHandlers((job, event) => void connection.sendNotification(notifications.event, { job, event }));
for (const [name, { method }] of Object.entries(requests)) {
  const handle = handlers[name as keyof typeof handlers] as (params: unknown, signal: AbortSignal) => Promise<unknown>;
  connection.onRequest(method, (params: unknown, token: CancellationToken) => answer((signal) => handle(params, signal), token));
}
// Whoever asked has gone. A run can be ended at any moment: its journal knows how far it was.
process.on('disconnect', () => process.exit());
connection.listen();

async function answer(work: (signal: AbortSignal) => Promise<unknown>, token: CancellationToken): Promise<unknown> {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  // A token that was cancelled before it came here fires no event.
  if (token.isCancellationRequested) controller.abort();
  try {
    return await work(controller.signal);
  } catch (error) {
    throw toResponse(fromSystem(error));
  }
}

/** What is no error of the user's is a bug: its stack goes to the error stream, which ends in the log. */
function toResponse(error: unknown): ResponseError<ErrorData | undefined> {
  if (error instanceof SecateurError) {
    const { code, message, hint } = error;
    return new ResponseError(userError, message, { code, ...(hint === undefined ? {} : { hint }) });
  }
  const bug = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${bug.stack}\n`);
  return new ResponseError(ErrorCodes.InternalError, `internal error: ${bug.message}`, undefined);
}
