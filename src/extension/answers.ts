/** Answers to a prompt, as read-only documents that grow while the model writes. */

import { basename } from 'node:path';
import { Disposable, EventEmitter, languages, Uri, workspace } from 'vscode';
import { answerLanguageId } from './contributes/languages.ts';

export interface Answers extends Disposable {
  /** The document of what a checkpoint answers. */
  uriOf(folder: string): Uri;
  /** Sets the whole text of an answer, as far as it goes. */
  set(uri: Uri, text: string): void;
}

const scheme = 'secateur-answer';

export function createAnswers(): Answers {
  const texts = new Map<string, string>();
  const changed = new EventEmitter<Uri>();
  const provider = workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
  });
  // The language is opened anew with its documents; what it is already stays.
  const opened = workspace.onDidOpenTextDocument((document) => {
    if (document.uri.scheme === scheme && document.languageId !== answerLanguageId)
      void languages.setTextDocumentLanguage(document, answerLanguageId);
  });
  const disposable = Disposable.from(changed, provider, opened);
  return {
    uriOf: (folder) => Uri.from({ scheme, path: `/${basename(folder)}.txt`, query: folder }),
    set(uri, text) {
      texts.set(uri.toString(), text);
      changed.fire(uri);
    },
    dispose: () => disposable.dispose(),
  };
}
