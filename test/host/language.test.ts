/** The language server, through the editor's own commands: what a reader of a recipe is told, offered and shown. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeEditors, eventually, file, writeText } from './support.ts';

/** Opens a recipe of these lines as text; `|` marks the place, and is taken out. */
async function recipeWith(name: string, ...lines: string[]) {
  const marked = `${lines.join('\n')}\n`;
  const offset = marked.indexOf('|');
  const uri = await writeText(name, marked.replace('|', ''));
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return { uri, document, position: document.positionAt(Math.max(0, offset)) };
}

async function completions(uri: vscode.Uri, position: vscode.Position): Promise<string[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, position);
  return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
}

async function hover(uri: vscode.Uri, position: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, position);
  return hovers.flatMap(({ contents }) => contents.map((content) => (typeof content === 'string' ? content : content.value))).join('\n');
}

describe('the recipe language', () => {
  afterEach(closeEditors);

  it('knows a recipe by its name', async () => {
    const document = await vscode.workspace.openTextDocument(file('small.prune.yaml'));
    assert.equal(document.languageId, 'prune-yaml');
  });

  it('finds no fault in a good recipe', async () => {
    const { uri } = await recipeWith('good.prune.yaml', 'model: ./sample', 'sparsity: 0.5', 'solve: { method: nothing }');
    await eventually('a problem', () => vscode.languages.getDiagnostics(uri).length > 0);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(2, 0, 3, 0), '');
    await vscode.workspace.applyEdit(edit);
    await eventually('no problem', () => vscode.languages.getDiagnostics(uri).length === 0);
  });

  it('marks an unknown key where it stands, and mends it with a quick fix', async () => {
    const { uri, document } = await recipeWith('typo.prune.yaml', 'model: ./sample', 'sparsity: 0.5', 'solve: { methd: obs }');
    const [problem] = await eventually('a problem', () => {
      const problems = vscode.languages.getDiagnostics(uri);
      return problems.length > 0 && problems;
    });
    assert.equal(document.getText(problem.range), 'methd');
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, problem.range);
    const fix = actions.find(({ edit, title }) => edit && /method/.test(title));
    assert.ok(fix, `among ${actions.map(({ title }) => title).join(', ')}`);
    await vscode.workspace.applyEdit(fix.edit!);
    assert.equal(document.getText(), 'model: ./sample\nsparsity: 0.5\nsolve: { method: obs }\n');
    await eventually('no problem', () => vscode.languages.getDiagnostics(uri).length === 0);
  });

  it('says that a model folder is not there', async () => {
    const { uri, document } = await recipeWith('lost-model.prune.yaml', 'model: ./not-here', 'sparsity: 0.5');
    const [problem] = await eventually('a problem', () => {
      const problems = vscode.languages.getDiagnostics(uri);
      return problems.length > 0 && problems;
    });
    assert.match(problem.message, /not-here/);
    assert.equal(problem.range.start.line, 0);
    assert.equal(document.isDirty, false);
  });

  it('completes keys, methods, and globs of the real checkpoint', async () => {
    const keys = await recipeWith('keys.prune.yaml', 'model: ./sample', 'sparsity: 0.5', '|');
    await eventually('keys', async () => (await completions(keys.uri, keys.position)).includes('calibrate'));
    const methods = await recipeWith('methods.prune.yaml', 'model: ./sample', 'sparsity: 0.5', 'solve: { method: | }');
    await eventually('methods', async () => (await completions(methods.uri, methods.position)).includes('obs'));
    const globs = await recipeWith('globs.prune.yaml', 'model: ./sample', 'sparsity: 0.5', 'allocate:', '  fixed:', '    |');
    await eventually('globs', async () => (await completions(globs.uri, globs.position)).some((label) => /q_proj/.test(label)));
  });

  it('explains a key, a method with its paper, and what a glob catches', async () => {
    const key = await recipeWith('hover-key.prune.yaml', 'model: ./sample', 'spar|sity: 0.5');
    await eventually('the key', async () => /zeros/i.test(await hover(key.uri, key.position)));
    const method = await recipeWith('hover-method.prune.yaml', 'model: ./sample', 'sparsity: 0.5', 'solve: { method: o|bs }');
    await eventually('the method', async () => /arxiv/i.test(await hover(method.uri, method.position)));
    const lines = ['model: ./sample', 'sparsity: 0.5', 'allocate: { fixed: { "*.q_p|roj": 0.3 } }'];
    const glob = await recipeWith('hover-glob.prune.yaml', ...lines);
    await eventually('the glob', async () => /128/.test(await hover(glob.uri, glob.position)));
  });

  it('shows lenses for what can be done, all of them commands that exist', async () => {
    const { uri } = await recipeWith('lenses.prune.yaml', 'model: ./sample', 'sparsity: 0.5');
    const lenses = await eventually('lenses', async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 10);
      return found.length > 0 && found;
    });
    const commands = lenses.map(({ command }) => command!.command);
    assert.deepEqual(commands.toSorted(), ['secateur.measure', 'secateur.openPanel', 'secateur.prune']);
    const registered = await vscode.commands.getCommands(true);
    assert.deepEqual(
      commands.filter((command) => !registered.includes(command)),
      [],
    );
  });

  it('writes the exact figures behind the sparsity and the globs', async () => {
    const lines = ['model: ./sample', 'sparsity: 0.5', 'allocate: { fixed: { "*.q_proj": 0.3 } }'];
    const { uri } = await recipeWith('hints.prune.yaml', ...lines);
    const everything = new vscode.Range(0, 0, 10, 0);
    const hints = await eventually('hints', async () => {
      const found = await vscode.commands.executeCommand<vscode.InlayHint[]>('vscode.executeInlayHintProvider', uri, everything);
      return found.length >= 2 && found;
    });
    assert.deepEqual(
      hints.map(({ position }) => position.line),
      [1, 2],
    );
  });

  it('outlines, folds, formats, and links the paths', async () => {
    const { uri, document } = await recipeWith(
      'plain.prune.yaml',
      'model:   ./sample',
      'sparsity: 0.5',
      'solve:',
      '  method: obs',
      '  damping: 0.01',
    );
    const symbols = await eventually('symbols', async () => {
      const found = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', uri);
      return found.length > 0 && found;
    });
    assert.deepEqual(
      symbols.map(({ name }) => name),
      ['model', 'sparsity', 'solve'],
    );
    await eventually('the fold of solve', async () => {
      const folds = await vscode.commands.executeCommand<vscode.FoldingRange[]>('vscode.executeFoldingRangeProvider', uri);
      return folds.some(({ start, end }) => start === 2 && end === 4);
    });
    await eventually('the link to the model', async () => {
      const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', uri, 10);
      return links.some(({ target }) => target?.fsPath === file('sample/config.json').fsPath);
    });
    const options = { tabSize: 2, insertSpaces: true };
    const edits = await vscode.commands.executeCommand<vscode.TextEdit[]>('vscode.executeFormatDocumentProvider', uri, options);
    const edit = new vscode.WorkspaceEdit();
    edit.set(uri, edits);
    await vscode.workspace.applyEdit(edit);
    assert.match(document.getText(), /^model: \.\/sample\n/);
  });
});
