/** What the in-host tests share: the workspace's files, waiting, and editors. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../src/extension/main.ts';

export const extension: vscode.Extension<ExtensionApi> = vscode.extensions.getExtension('secateur.secateur')!;

/** Milliseconds that something may take at most, unless a test says otherwise. */
const PATIENCE_MS = 60_000;

/** Most things in the editor happen a little later: asks again and again. */
export async function eventually<T>(what: string, get: () => T | undefined | false | Thenable<T | undefined | false>, ms = PATIENCE_MS) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await get();
    if (value) return value;
    if (Date.now() > end) assert.fail(`${what}: not within ${ms} ms`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export function file(name: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0].uri, name);
}

export function readText(name: string): string {
  return readFileSync(file(name).fsPath, 'utf8');
}

export async function writeText(name: string, text: string): Promise<vscode.Uri> {
  await vscode.workspace.fs.writeFile(file(name), Buffer.from(text));
  return file(name);
}

export async function exists(name: string): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file(name));
    return true;
  } catch {
    return false;
  }
}

export async function closeEditors(): Promise<void> {
  // A dirty document would ask whether to save it.
  for (const document of vscode.workspace.textDocuments)
    if (document.isDirty && !document.isUntitled) {
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Opens a file with its default editor, and waits until that is the custom one of `viewType`. */
export async function openPanel(uri: vscode.Uri, viewType: string): Promise<void> {
  await vscode.commands.executeCommand('vscode.open', uri);
  await eventually(`the editor ${viewType}`, () => {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    return input instanceof vscode.TabInputCustom && input.viewType === viewType && input.uri.toString() === uri.toString();
  });
}
