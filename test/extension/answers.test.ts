import { describe, expect, it, vi } from 'vitest';

const editor = vi.hoisted(() => ({
  nDisposed: 0,
  provide: (_: unknown): string => '',
  open: (_: { uri: { scheme: string }; languageId: string }) => {},
  languages: [] as string[],
}));

vi.mock('vscode', () => {
  class Disposable {
    // As the editor's own: it cannot be disposed of by a method that was taken off it.
    readonly #work: () => void;
    constructor(work: () => void) {
      this.#work = work;
    }
    static from(...all: { dispose(): void }[]) {
      return new Disposable(() => all.forEach((one) => void one.dispose()));
    }
    dispose() {
      this.#work();
    }
  }
  const counting = () => new Disposable(() => editor.nDisposed++);
  return {
    Disposable,
    EventEmitter: class {
      readonly fire = () => {};
      readonly dispose = () => editor.nDisposed++;
    },
    languages: { setTextDocumentLanguage: (_: unknown, id: string) => editor.languages.push(id) },
    Uri: { from: ({ path, query }: { path: string; query: string }) => `${path}?${query}` },
    workspace: {
      onDidOpenTextDocument(listener: typeof editor.open) {
        editor.open = listener;
        return counting();
      },
      registerTextDocumentContentProvider(_scheme: string, provider: { provideTextDocumentContent(uri: unknown): string }) {
        editor.provide = (uri) => provider.provideTextDocumentContent(uri);
        return counting();
      },
    },
  };
});

import { createAnswers } from '../../src/extension/answers.ts';

describe('answers', () => {
  it('grow by the whole text, each apart from the others, and go with the extension', () => {
    const answers = createAnswers();
    const [a, b] = ['/w/a', '/w/b'].map((folder) => answers.uriOf(folder));
    answers.set(a!, 'Once');
    answers.set(a!, 'Once upon');
    expect([editor.provide(a), editor.provide(b)]).toEqual(['Once upon', '']);
    answers.dispose();
    expect(editor.nDisposed).toBe(3);
  });

  it('get the language whose lines are wrapped, and no other document does', () => {
    createAnswers();
    editor.open({ uri: { scheme: 'file' }, languageId: 'plaintext' });
    editor.open({ uri: { scheme: 'secateur-answer' }, languageId: 'plaintext' });
    // The change of language opens the document again.
    editor.open({ uri: { scheme: 'secateur-answer' }, languageId: 'secateur-answer' });
    expect(editor.languages).toEqual(['secateur-answer']);
  });
});
