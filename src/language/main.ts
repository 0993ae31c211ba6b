/** The language server for recipes: answers the editor over node's IPC. Every answer is made by a pure function of its own file. */

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CodeActionKind,
  createConnection,
  DidChangeWatchedFilesNotification,
  type InitializeResult,
  ProposedFeatures,
  type Range,
  TextDocumentSyncKind,
  TextDocuments,
  WatchKind,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { reportFileName } from '../protocol/file-names.ts';
import { cacheFolderRequest, measuredNotification } from '../protocol/language.ts';
import type { Offsets } from '../recipe/outline.ts';
import { textEndings } from '../recipe/steps.ts';
import { version } from '../version.ts';
import { type Analysis, analyse } from './analysis.ts';
import { complete } from './complete.ts';
import { diagnose } from './diagnose.ts';
import { quickFixes } from './fixes.ts';
import { formatting } from './formatting.ts';
import { inlayHints } from './hints.ts';
import { hover } from './hover.ts';
import { codeLenses } from './lenses.ts';
import { documentLinks } from './links.ts';
import { makeStudy, type Study } from './study.ts';
import { documentSymbols, foldingRanges } from './symbols.ts';
import { checkpointFiles, createWorld, listFolder } from './world.ts';

/** After the last key stroke, so that a long recipe is not read at each; milliseconds. */
const quietMs = 150;

const connection = createConnection(ProposedFeatures.all);
const documents = new TextDocuments(TextDocument);
const world = createWorld();
const analyses = new Map<string, { readonly version: number; readonly analysis: Analysis }>();
const waiting = new Map<string, NodeJS.Timeout>();
let watches = false;
let refreshesHints = false;

connection.onInitialize(({ capabilities }): InitializeResult => {
  watches = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false;
  refreshesHints = capabilities.workspace?.inlayHint?.refreshSupport ?? false;
  return {
    serverInfo: { name: 'secateur', version },
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      completionProvider: { triggerCharacters: [':', ' ', '"', "'", '/', '.', '*', '{', '[', ','] },
      hoverProvider: true,
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      codeLensProvider: {},
      inlayHintProvider: true,
      documentSymbolProvider: true,
      foldingRangeProvider: true,
      documentFormattingProvider: true,
      documentLinkProvider: {},
    },
  };
});

connection.onInitialized(async () => {
  if (!watches) return;
  const watchers = [
    ...textEndings.map((ending) => ({ globPattern: `**/*${ending}`, kind: WatchKind.Create | WatchKind.Delete })),
    ...checkpointFiles.map((name) => ({ globPattern: `**/${name}` })),
    { globPattern: `**/${reportFileName}` },
  ];
  await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
});

connection.onDidChangeWatchedFiles(({ changes }) => {
  // A run that is under way writes there all the time, and no recipe reads from there.
  if (changes.every(({ uri }) => uri.includes('.partial/'))) return;
  world.forget();
  for (const { uri } of documents.all()) scheduleDiagnosis(uri);
  if (refreshesHints) connection.languages.inlayHint.refresh();
});

connection.onNotification(measuredNotification, () => {
  if (refreshesHints) connection.languages.inlayHint.refresh();
});

documents.onDidChangeContent(({ document }) => scheduleDiagnosis(document.uri));
documents.onDidClose(({ document: { uri } }) => {
  clearTimeout(waiting.get(uri));
  waiting.delete(uri);
  analyses.delete(uri);
  void connection.sendDiagnostics({ uri, diagnostics: [] });
});

connection.onCompletion(({ textDocument: { uri }, position }) =>
  asked(uri, async (document) => {
    const folder = folderOf(uri);
    const list = folder === undefined ? undefined : (path: string) => listFolder(resolve(folder, path));
    return complete(document.getText(), document.offsetAt(position), (await studyOf(document)).facts, list);
  }),
);

connection.onHover(({ textDocument: { uri }, position }) =>
  asked(uri, async (document) => hover(await studyOf(document), document.offsetAt(position))),
);

connection.onCodeAction(({ textDocument: { uri }, range, context: { only } }) =>
  asked(uri, async (document) => {
    const isWanted = !only || only.some((kind) => CodeActionKind.QuickFix.startsWith(kind));
    return isWanted ? quickFixes(await studyOf(document), uri, offsetsOf(document, range)) : [];
  }),
);

connection.languages.inlayHint.on(({ textDocument: { uri }, range }) =>
  asked(uri, async (document) => inlayHints(await studyOf(document), offsetsOf(document, range))),
);

connection.onDocumentLinks(({ textDocument: { uri } }) =>
  asked(uri, async (document) => {
    const folder = folderOf(uri);
    return folder === undefined ? [] : documentLinks(await studyOf(document), folder);
  }),
);

connection.onCodeLens(({ textDocument: { uri } }) => asked(uri, (document) => codeLenses(analysisOf(document), uri)));
connection.onDocumentSymbol(({ textDocument: { uri } }) => asked(uri, (document) => documentSymbols(analysisOf(document))));
connection.onFoldingRanges(({ textDocument: { uri } }) => asked(uri, (document) => foldingRanges(analysisOf(document))));
connection.onDocumentFormatting(({ textDocument: { uri } }) => asked(uri, (document) => formatting(analysisOf(document))));

documents.listen(connection);
connection.listen();

function scheduleDiagnosis(uri: string): void {
  clearTimeout(waiting.get(uri));
  const told = (error: unknown) => connection.console.error(String((error as Error).stack ?? error));
  waiting.set(
    uri,
    setTimeout(() => sendDiagnosis(uri).catch(told), quietMs),
  );
}

async function sendDiagnosis(uri: string): Promise<void> {
  waiting.delete(uri);
  const document = documents.get(uri);
  if (!document) return;
  const { version } = document;
  const study = await studyOf(document);
  // The text has changed meanwhile, or was closed: another diagnosis is under way, or none is wanted.
  if (documents.get(uri)?.version === version) await connection.sendDiagnostics({ uri, version, diagnostics: diagnose(study) });
}

/** `null` for a document that has been closed meanwhile. */
function asked<T>(uri: string, answer: (document: TextDocument) => T): T | null {
  const document = documents.get(uri);
  return document ? answer(document) : null;
}

function offsetsOf(document: TextDocument, { start, end }: Range): Offsets {
  return [document.offsetAt(start), document.offsetAt(end)];
}

async function studyOf(document: TextDocument): Promise<Study> {
  const analysis = analysisOf(document);
  return makeStudy(analysis, await world.factsOf(analysis, folderOf(document.uri), await cacheFolderOf(document.uri)));
}

/** Another editor than the extension's does not know, and nothing was measured then. */
async function cacheFolderOf(uri: string): Promise<string | null> {
  return connection.sendRequest<string | null>(cacheFolderRequest, { uri }).catch(() => null);
}

/** The text is read once for all that is asked about one version of it. */
function analysisOf(document: TextDocument): Analysis {
  const { uri, version } = document;
  const known = analyses.get(uri);
  if (known?.version === version) return known.analysis;
  const analysis = analyse(document.getText());
  analyses.set(uri, { version, analysis });
  return analysis;
}

/** What the paths of a recipe are relative to; `undefined` for one that is no file. */
function folderOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return resolve(fileURLToPath(uri), '..');
  } catch {
    // A file of a host that this system cannot name as a path.
    return undefined;
  }
}
