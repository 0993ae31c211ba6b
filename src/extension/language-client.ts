/** Starts the language server; whatever becomes of it, the rest of the extension goes on. */

import { Uri } from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, TransportKind } from 'vscode-languageclient/node';
import { cacheFolderRequest, measuredNotification } from '../protocol/language.ts';
import { languageId } from './contributes/languages.ts';
import { faultOf } from './errors.ts';
import type { Services } from './services.ts';

/** A server that dies again and again is left dead. */
const mostRestarts = 4;

export async function startLanguageClient({
  context,
  log,
  runs,
  cacheFolder,
}: Pick<Services, 'context' | 'log' | 'runs' | 'cacheFolder'>): Promise<void> {
  let nRestarts = 0;
  const client = new LanguageClient(
    'secateur',
    'Secateur',
    { module: context.asAbsolutePath('dist/language.js'), transport: TransportKind.ipc },
    {
      documentSelector: [{ language: languageId }],
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          nRestarts++;
          const isOver = nRestarts > mostRestarts;
          log.warn(`the language server ended; ${isOver ? 'it is not started again' : 'it is started again'}`);
          return { action: isOver ? CloseAction.DoNotRestart : CloseAction.Restart, handled: true };
        },
      },
    },
  );
  const answers = client.onRequest(cacheFolderRequest, ({ uri }: { readonly uri: string }): string | null => {
    try {
      return cacheFolder(Uri.parse(uri));
    } catch (error) {
      // A setting that has a value it cannot have is told of by whatever is run.
      log.debug(faultOf(error).message);
      return null;
    }
  });
  const measured = runs.onDidChange(({ run, isProgress }) => {
    if (run?.state === 'done' && !isProgress && client.isRunning()) void client.sendNotification(measuredNotification);
  });
  context.subscriptions.push(answers, measured, { dispose: () => void client.stop().catch(() => {}) });
  try {
    await client.start();
  } catch (error) {
    log.error(`the language server could not be started: ${(error as Error).message}`);
  }
}
