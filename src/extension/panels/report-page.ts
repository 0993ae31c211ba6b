/** The host's side of a page of reports: one, or two that are compared. Reads the files, follows their changes, does what is asked. */

import { commands, Disposable, env, RelativePattern, Uri, type Webview, type WebviewPanel, window, workspace } from 'vscode';
import { renderComparison } from '../../protocol/comparison-markdown.ts';
import type { FromReport, ToReport } from '../../protocol/panel.ts';
import { mostReportBytes, type Report } from '../../protocol/report.ts';
import { renderReport } from '../../protocol/report-markdown.ts';
import { commandName } from '../contributes/commands.ts';
import { recipeEditor } from '../contributes/editors.ts';
import { loadReport } from '../load-report.ts';
import { type ReportFile, recipeNameOf } from '../report-file.ts';
import { webviewHtml, webviewRoots } from './webview-html.ts';

/** A result is renamed into place file by file; one reading after the last of them is enough. */
const settleMs = 150;

/** A page that is open, for the tests of the host. */
export interface ReportPage {
  /** What the page was sent last; `null` before it was ready. */
  readonly sent: () => ToReport | null;
  /** Does what the message of the page does. */
  readonly receive: (message: FromReport) => Promise<void>;
}

/** @param uris  of one report, or of two that are compared */
export function showReports(extensionUri: Uri, panel: WebviewPanel, uris: readonly [Uri] | readonly [Uri, Uri]): ReportPage {
  let sent: ToReport | null = null;
  let timer: NodeJS.Timeout | undefined;
  let reading = 0;
  const send = async () => {
    const turn = ++reading;
    const message = await loadState(uris);
    if (turn !== reading) return;
    sent = message;
    await panel.webview.postMessage(message);
  };
  const sendSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void send(), settleMs);
  };
  const receive = async (message: FromReport) => (message.type === 'ready' ? send() : act(message.action, uris));
  const watchers = uris.map((uri) => watch(uri, sendSoon));
  prepare(panel.webview, extensionUri);
  const subscription = panel.webview.onDidReceiveMessage((message: FromReport) => void receive(message));
  panel.onDidDispose(() => {
    // A reading that is under way is for nobody.
    reading++;
    clearTimeout(timer);
    Disposable.from(subscription, ...watchers).dispose();
  });
  return { sent: () => sent, receive };
}

function prepare(webview: Webview, extensionUri: Uri): void {
  webview.options = { enableScripts: true, localResourceRoots: webviewRoots(extensionUri) };
  webview.html = webviewHtml(webview, extensionUri, 'report', 'Pruning report');
}

function watch(uri: Uri, changed: () => void): Disposable {
  const watcher = workspace.createFileSystemWatcher(new RelativePattern(folderOf(uri), nameOf(uri)));
  return Disposable.from(watcher, watcher.onDidChange(changed), watcher.onDidCreate(changed), watcher.onDidDelete(changed));
}

async function loadState(uris: readonly [Uri] | readonly [Uri, Uri]): Promise<ToReport> {
  const [first, other = null] = await Promise.all(
    uris.map(async (uri): Promise<ReportFile & { readonly title: string }> => ({ ...(await loadReport(uri)), title: titleOf(uri) })),
  );
  for (const file of [first, other]) if (file && 'problem' in file) return { type: 'bad', title: file.title, message: file.problem };
  const { title, report } = first as LoadedReport;
  const hasRecipe = (await recipeOf(uris[0], report)) !== null;
  return { type: 'state', state: { title, report, other: other as LoadedReport | null, hasRecipe } };
}

type LoadedReport = Extract<ReportFile, { readonly report: unknown }> & { readonly title: string };

async function act(
  action: Extract<FromReport, { readonly type: 'action' }>['action'],
  uris: readonly [Uri] | readonly [Uri, Uri],
): Promise<void> {
  const [uri] = uris;
  switch (action) {
    case 'copyMarkdown':
      return copyMarkdown(uris);
    case 'openRecipe': {
      const file = await loadReport(uri);
      const recipe = 'report' in file ? await recipeOf(uri, file.report) : null;
      if (recipe) await commands.executeCommand('vscode.openWith', recipe, recipeEditor);
      return;
    }
    case 'compare':
      return void (await commands.executeCommand(commandName('compareReports'), uri));
    case 'openText':
      return void (await commands.executeCommand('vscode.openWith', uri, 'default'));
    case 'reveal':
      return void (await commands.executeCommand(workspace.getWorkspaceFolder(uri) ? 'revealInExplorer' : 'revealFileInOS', uri));
  }
}

async function copyMarkdown([first, second]: readonly [Uri] | readonly [Uri, Uri]): Promise<void> {
  const text = second ? await comparisonMarkdown(first, second) : ((await twinOf(first)) ?? (await reportMarkdown(first)));
  if (text === null) return;
  await env.clipboard.writeText(text);
  window.setStatusBarMessage('Report copied as Markdown', 3000);
}

/** The twin beside the report where there is one, since it is what others may have seen already. */
function twinOf(uri: Uri): Promise<string | null> {
  return readSmall(uri.with({ path: uri.path.replace(/\.json$/, '.md') }));
}

async function reportMarkdown(uri: Uri): Promise<string | null> {
  const file = await loadReport(uri);
  return 'report' in file ? renderReport(file.report) : null;
}

async function comparisonMarkdown(...uris: [Uri, Uri]): Promise<string | null> {
  const [a, b] = await Promise.all(uris.map(loadReport));
  if (!('report' in a) || !('report' in b)) return null;
  return renderComparison({ title: titleOf(uris[0]), report: a.report }, { title: titleOf(uris[1]), report: b.report });
}

async function readSmall(uri: Uri): Promise<string | null> {
  try {
    const { size } = await workspace.fs.stat(uri);
    return size > mostReportBytes ? null : new TextDecoder().decode(await workspace.fs.readFile(uri));
  } catch {
    return null;
  }
}

/** The recipe that lies beside the report; `null` where there is none. */
async function recipeOf(uri: Uri, report: Report): Promise<Uri | null> {
  const name = recipeNameOf(report);
  if (name === null) return null;
  const recipe = Uri.joinPath(folderOf(uri), name);
  try {
    await workspace.fs.stat(recipe);
    return recipe;
  } catch {
    return null;
  }
}

/** The report's folder, as short as the workspace allows. */
export function titleOf(uri: Uri): string {
  return workspace.asRelativePath(folderOf(uri));
}

function folderOf(uri: Uri): Uri {
  return Uri.joinPath(uri, '..');
}

function nameOf(uri: Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
