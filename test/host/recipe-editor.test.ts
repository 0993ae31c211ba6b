/** The recipe's panel and its text: one truth, edited from both sides. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { OpenPanel } from '../../src/extension/panels/budget-editor.ts';
import type { Gesture } from '../../src/recipe/gesture.ts';
import { closeEditors, eventually, extension, file, openPanel, readText, writeText } from './support.ts';

const viewType = 'secateur.recipe';

interface OpenRecipe {
  readonly uri: vscode.Uri;
  readonly document: vscode.TextDocument;
  readonly panel: OpenPanel;
  /** The text before anything was done to it. */
  readonly before: string;
}

/** A recipe of its own in its panel, which knows the checkpoint. */
async function openRecipe(name: string): Promise<OpenRecipe> {
  const before = readText('small.prune.yaml');
  const uri = await writeText(name, before);
  await openPanel(uri, viewType);
  const panel = await eventually('the panel', () => extension.exports.panelsOf(uri.toString())[0]);
  await eventually('the checkpoint', () => panel.state().checkpoint.state === 'ready');
  return { uri, document: await vscode.workspace.openTextDocument(uri), panel, before };
}

/** Does what the webview does when a hand has let go. */
async function gesture({ panel }: OpenRecipe, made: Gesture): Promise<void> {
  await panel.receive({ type: 'gesture', gesture: made });
}

describe('the panel of a recipe', () => {
  afterEach(closeEditors);

  it('is what a recipe opens in, and leads to the text and back', async () => {
    const { uri } = await openRecipe('first.prune.yaml');
    await vscode.commands.executeCommand('secateur.openAsText', uri);
    await eventually('the text', () => vscode.window.activeTextEditor?.document.uri.toString() === uri.toString());
    await vscode.commands.executeCommand('secateur.openPanel', uri);
    await eventually('the panel again', () => vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputCustom);
  });

  it('turns a gesture into the smallest edit of the text: one step to undo', async () => {
    const recipe = await openRecipe('gesture.prune.yaml');
    const { document, before } = recipe;
    await gesture(recipe, { type: 'target', sparsity: 0.6 });
    assert.equal(document.getText(), before.replace('sparsity: 0.5 #', 'sparsity: 0.6 #'));
    assert.equal(document.isDirty, true);
    await vscode.commands.executeCommand('undo');
    await eventually('undone', () => document.getText() === before);
    await eventually('clean again', () => !document.isDirty);
    await vscode.commands.executeCommand('redo');
    await eventually('redone', () => document.getText().includes('sparsity: 0.6 #'));
  });

  it('takes a gesture on many matrices back in one step, with every comment', async () => {
    const recipe = await openRecipe('many.prune.yaml');
    const { document, before, panel } = recipe;
    const { checkpoint } = panel.state();
    assert.equal(checkpoint.state, 'ready');
    const slots = checkpoint.inspection.matrices.filter(({ kind }) => /q_proj/.test(kind)).map(({ name }) => name);
    assert.ok(slots.length > 1);
    await gesture(recipe, { type: 'set', slots, sparsity: 0.25, respectLocks: false });
    assert.match(document.getText(), /q_proj/);
    for (const comment of before.match(/#.*/g)!) assert.ok(document.getText().includes(comment), comment);
    await vscode.commands.executeCommand('undo');
    await eventually('undone', () => document.getText() === before);
  });

  it('saves, and reverts to what was saved', async () => {
    const recipe = await openRecipe('saved.prune.yaml');
    const { document } = recipe;
    await gesture(recipe, { type: 'target', sparsity: 0.7 });
    await vscode.commands.executeCommand('workbench.action.files.save');
    await eventually('saved', () => readText('saved.prune.yaml').includes('sparsity: 0.7 #'));
    assert.equal(document.isDirty, false);
    await gesture(recipe, { type: 'target', sparsity: 0.8 });
    assert.ok(readText('saved.prune.yaml').includes('sparsity: 0.7 #'));
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await eventually('reverted', () => document.getText().includes('sparsity: 0.7 #'));
    assert.equal(document.isDirty, false);
  });

  it('follows the text while it is typed, and the text beside it follows the panel', async () => {
    const recipe = await openRecipe('beside.prune.yaml');
    const { uri, document, panel } = recipe;
    const editor = await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
    const at = document.getText().indexOf('0.5');
    await editor.edit((edit) => edit.replace(new vscode.Range(document.positionAt(at), document.positionAt(at + 3)), '0.35'));
    assert.equal(panel.state().text, document.getText());
    assert.match(panel.state().text, /sparsity: 0\.35 #/);
    await gesture(recipe, { type: 'target', sparsity: 0.45 });
    assert.match(editor.document.getText(), /sparsity: 0\.45 #/);
    assert.equal(extension.exports.panelsOf(uri.toString()).length, 1);
  });

  it('follows a change made outside the editor', async () => {
    const { panel, before } = await openRecipe('outside.prune.yaml');
    await writeText('outside.prune.yaml', before.replace('0.5', '0.55'));
    await eventually('the new text', () => panel.state().text.includes('sparsity: 0.55'));
  });

  it('refuses a gesture that cannot be met, and leaves the text alone', async () => {
    const recipe = await openRecipe('infeasible.prune.yaml');
    const { document, before, panel } = recipe;
    const { checkpoint } = panel.state();
    assert.equal(checkpoint.state, 'ready');
    const slots = checkpoint.inspection.matrices.map(({ name }) => name);
    await gesture(recipe, { type: 'set', slots, sparsity: 0.1, respectLocks: false });
    assert.equal(document.getText(), before);
  });

  it('stays with a recipe that is broken, and with one whose checkpoint is missing', async () => {
    const uri = await writeText('broken.prune.yaml', 'model: [\n');
    await openPanel(uri, viewType);
    const broken = await eventually('the panel', () => extension.exports.panelsOf(uri.toString())[0]);
    assert.equal(broken.state().text, 'model: [\n');
    await openPanel(file('lost.prune.yaml'), viewType);
    const lost = await eventually('the panel', () => extension.exports.panelsOf(file('lost.prune.yaml').toString())[0]);
    await eventually('the missing checkpoint', () => lost.state().checkpoint.state === 'missing');
  });
});
