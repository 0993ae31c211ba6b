import { beforeEach, describe, expect, it, vi } from 'vitest';

const editor = vi.hoisted(() => ({
  text: '',
  answer: undefined as string | undefined,
  messages: [] as string[][],
  called: [] as unknown[][],
}));

vi.mock('vscode', () => {
  const show = async (message: string, ...buttons: (string | { title: string })[]) => {
    const titles = buttons.map((button) => (typeof button === 'string' ? button : button.title));
    editor.messages.push([message, ...titles]);
    return buttons[titles.indexOf(editor.answer ?? '')];
  };
  const file = (path: string) => ({ scheme: 'file', path, fsPath: path, toString: () => `file://${path}` });
  return {
    Uri: { file },
    commands: { executeCommand: async (...call: unknown[]) => editor.called.push(call) },
    window: { showErrorMessage: show, showInformationMessage: show },
    workspace: {
      isTrusted: true,
      textDocuments: [],
      openTextDocument: async (uri: unknown) => ({ uri, getText: () => editor.text }),
    },
  };
});

import { Uri } from 'vscode';
import { EngineGone } from '../../src/extension/engine-client.ts';
import { prune } from '../../src/extension/jobs.ts';
import { createRuns } from '../../src/extension/runs.ts';
import type { Services } from '../../src/extension/services.ts';

const recipe = Uri.file('/w/a.prune.yaml');

/** @param ask  answers the request to prune */
function servicesWith(state: string, ask: (params: { readonly fresh: boolean }) => Promise<unknown>): Services {
  const log = { info: () => {}, error: () => {} };
  const engine = {
    onEvent: () => ({ dispose: () => {} }),
    request: async ({ method }: { method: string }, params: { readonly fresh: boolean }) =>
      method === 'outcome' ? { to: '/w/out', state } : ask(params),
  };
  const runs = createRuns({ engine: engine as never, log: () => {}, load: () => [], save: () => {} });
  return { engine, runs, log, settings: () => ({ compute: {} }), cacheFolder: () => '/w/.secateur' } as unknown as Services;
}

const report = { sparsity: { achieved: 0.5 }, perplexity: null };

beforeEach(() => {
  Object.assign(editor, { text: 'model: ./m\nsparsity: 0.5\n', answer: undefined, messages: [], called: [] });
});

describe('prune', () => {
  it('does not replace an earlier result by itself, and offers to', async () => {
    const ask = vi.fn(async () => report);
    editor.answer = 'Replace and Prune';
    expect(await prune(servicesWith('finished', ask), recipe)).toBeUndefined();
    expect(ask).not.toHaveBeenCalled();
    expect(editor.messages[0]![0]).toMatch(/^\/w\/out is an earlier result\. Replace it/);
    await vi.waitFor(() => expect(editor.called).toEqual([['secateur.pruneFresh', recipe]]));
  });

  it('does not throw finished blocks of another recipe away by itself, and offers to', async () => {
    const ask = vi.fn(async () => report);
    editor.answer = 'Start Over';
    expect(await prune(servicesWith('other', ask), recipe)).toBeUndefined();
    expect(ask).not.toHaveBeenCalled();
    expect(editor.messages[0]![0]).toMatch(/^\/w\/out\.partial holds finished blocks of the recipe as it was before; they would be lost\./);
    await vi.waitFor(() => expect(editor.called).toEqual([['secateur.pruneFresh', recipe]]));
  });

  it.each([
    ['other', { fresh: true }, true],
    ['finished', { fresh: true }, true],
    ['partial', { fresh: true }, true],
    ['partial', {}, false],
    ['absent', {}, false],
  ])('asks the engine where the output is %s, with %j', async (state, options, fresh) => {
    const ask = vi.fn(async (_: { readonly fresh: boolean }) => report);
    const ending = await prune(servicesWith(state, ask), recipe, options);
    expect(ending?.state).toBe('done');
    expect(ask.mock.calls[0]![0]).toMatchObject({ fresh, cacheFolder: '/w/.secateur' });
  });

  it('replaces an earlier result where the recipe says so', async () => {
    editor.text += 'save: { overwrite: true }\n';
    expect(
      (
        await prune(
          servicesWith('finished', async () => report),
          recipe,
        )
      )?.state,
    ).toBe('done');
  });

  it('opens the report of the run that ended, whatever the recipe says by then', async () => {
    editor.answer = 'Open Report';
    const services = servicesWith('absent', async () => {
      editor.text = 'model: ./m\nsparsity: 0.7\n';
      return report;
    });
    await prune(services, recipe);
    expect(editor.messages).toEqual([['out: 50 % zeros.', 'Open Report', 'Reveal']]);
    const { path } = Uri.file('/w/out/secateur-report.json');
    await vi.waitFor(() => expect(editor.called).toEqual([['secateur.openReport', expect.objectContaining({ path })]]));
  });

  it('offers to go on where the engine has died, and only there', async () => {
    editor.answer = 'Resume';
    const died = new EngineGone({ code: null, signal: 'SIGKILL', stderr: [] }, false);
    await prune(
      servicesWith('absent', async () => Promise.reject(died)),
      recipe,
    );
    expect(editor.messages).toEqual([['The engine ended unexpectedly (SIGKILL). Finished blocks are kept.', 'Show Log', 'Resume']]);
    await vi.waitFor(() => expect(editor.called).toEqual([['secateur.resume', recipe]]));
    await prune(
      servicesWith('absent', async () => Promise.reject(new Error('it broke'))),
      recipe,
    );
    expect(editor.messages[1]).toEqual(['It broke.', 'Show Log']);
  });

  it('is refused by the first problem of a recipe and its line', async () => {
    editor.text = 'model: ./m\nsparsty: 0.5\n';
    await expect(
      prune(
        servicesWith('absent', async () => report),
        recipe,
      ),
    ).rejects.toMatchObject({ code: 'BAD_RECIPE', message: expect.stringMatching(/^a\.prune\.yaml, line 2: /) });
  });
});
