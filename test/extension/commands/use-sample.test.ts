import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';

const editor = vi.hoisted(() => ({ folder: '', isOpen: false, called: [] as unknown[][] }));

vi.mock('vscode', () => {
  class Uri {
    readonly fsPath: string;
    constructor(fsPath: string) {
      this.fsPath = fsPath;
    }
    static file(path: string) {
      return new Uri(path);
    }
  }
  return {
    Uri,
    commands: { executeCommand: async (...call: unknown[]) => void editor.called.push(call) },
    window: { showOpenDialog: async () => [new Uri(editor.folder)] },
    workspace: {
      get workspaceFolders() {
        return editor.isOpen ? [{ uri: new Uri(editor.folder) }] : undefined;
      },
      getWorkspaceFolder: () => (editor.isOpen ? {} : undefined),
    },
  };
});

import { useSample } from '../../../src/extension/commands/use-sample.ts';
import type { Services } from '../../../src/extension/services.ts';
import { temporaryFolder } from '../../support/runs.ts';

const root = new URL('../../..', import.meta.url).pathname;
const services = {
  context: { asAbsolutePath: (path: string) => join(root, path) },
  inspections: { ask: async () => ({ message: 'not asked here', hint: null }) },
  library: { refresh: () => {} },
} as unknown as Services;

beforeEach(() => Object.assign(editor, { isOpen: false, called: [] }));

describe('Use Sample Checkpoint', () => {
  it('opens the folder with the recipe in it where none is open', async () => {
    editor.folder = temporaryFolder();
    await useSample(services, undefined);
    const recipe = { fsPath: join(editor.folder, 'sample.prune.yaml') };
    expect(editor.called).toEqual([['vscode.openFolder', { fsPath: editor.folder }, { filesToOpen: [recipe] }]]);
    expect(existsSync(join(editor.folder, 'sample', 'config.json'))).toBe(true);
  });

  it('opens the panel where the folder is open, and writes over nothing the second time', async () => {
    Object.assign(editor, { folder: temporaryFolder(), isOpen: true });
    await useSample(services, undefined);
    const recipe = join(editor.folder, 'sample.prune.yaml');
    const text = readFileSync(recipe, 'utf8');
    await useSample(services, undefined);
    expect(editor.called).toEqual([1, 2].map(() => ['vscode.openWith', { fsPath: recipe }, 'secateur.recipe']));
    expect(readFileSync(recipe, 'utf8')).toBe(text);
  });
});
