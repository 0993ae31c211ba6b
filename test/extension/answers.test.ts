import { describe, expect, it, vi } from 'vitest';

const editor = vi.hoisted(() => ({ nDisposed: 0, provide: (_: unknown): string => '' }));

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
    Uri: { from: ({ path, query }: { path: string; query: string }) => `${path}?${query}` },
    workspace: {
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
    expect(editor.nDisposed).toBe(2);
  });
});
