import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type MessageConnection } from 'vscode-jsonrpc/node';
import type { Diagnostic, InitializeResult } from 'vscode-languageserver';
import { openCheckpoint } from '../../src/engine/checkpoint.ts';
import { sensitivityPath, writeSensitivity } from '../../src/engine/sensitivity-cache.ts';
import { cacheFolderRequest } from '../../src/protocol/language.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { sample, temporaryFolder } from '../support/runs.ts';

const script = new URL('../../dist/language.js', import.meta.url).pathname;

interface Server {
  readonly connection: MessageConnection;
  readonly child: ChildProcess;
  readonly capabilities: InitializeResult['capabilities'];
  /** The next diagnostics of a document that satisfy a wish. */
  diagnostics(uri: string, wish?: (found: readonly Diagnostic[]) => boolean): Promise<readonly Diagnostic[]>;
}

async function started(): Promise<Server> {
  const child = fork(script, ['--node-ipc'], { execArgv: [], silent: true });
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  onTestFinished(() => {
    connection.dispose();
    child.kill();
  });
  const latest = new Map<string, readonly Diagnostic[]>();
  const waiting = new Set<() => void>();
  connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }) => {
    latest.set(uri, diagnostics);
    for (const wake of waiting) wake();
  });
  connection.listen();
  const { capabilities } = await connection.sendRequest<InitializeResult>('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  });
  await connection.sendNotification('initialized', {});
  return {
    connection,
    child,
    capabilities,
    diagnostics: (uri, wish = () => true) =>
      new Promise((resolve) => {
        const look = () => {
          const found = latest.get(uri);
          if (!found || !wish(found)) return;
          waiting.delete(look);
          latest.delete(uri);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

async function open({ connection }: Server, uri: string, text: string): Promise<void> {
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'prune-yaml', version: 1, text } });
}

describe('the language server as a process', () => {
  it('finds problems, completes, explains, hints, and follows edits', async () => {
    const folder = temporaryFolder();
    cpSync(sample, join(folder, 'model'), { recursive: true });
    const uri = pathToFileURL(join(folder, 'r.prune.yaml')).href;
    const textDocument = { uri };
    const server = await started();
    const { connection } = server;
    const whole = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const ask = <T>(method: string, more: object = {}) => connection.sendRequest<T>(`textDocument/${method}`, { textDocument, ...more });

    await open(server, uri, 'model: ./model\nsparsity: 0.5\nallocate:\n  fixed:\n    "*.q_proj": 0\nslove: {}\n');
    const [problem] = await server.diagnostics(uri);
    expect([problem.code, problem.range.start.line]).toEqual(['UNKNOWN_KEY', 5]);

    const [fix] = await ask<{ title: string; edit: { changes: Record<string, { range: object; newText: string }[]> } }[]>('codeAction', {
      range: problem.range,
      context: { diagnostics: [problem] },
    });
    expect(fix.title).toBe('Change to solve');
    const { range, newText: text } = fix.edit.changes[uri][0];
    await connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ range, text }] });
    expect(await server.diagnostics(uri)).toEqual([]);

    const hints = await ask<{ label: string }[]>('inlayHint', { range: whole });
    expect(hints.map(({ label }) => label)).toEqual(['552,960 of 1,105,920 weights', '6 matrices, 0 zeros']);
    const hovered = await ask<{ contents: { value: string } }>('hover', { position: { line: 4, character: 8 } });
    expect(hovered.contents.value).toContain('model.layers.5.self_attn.q_proj.weight');
    const { items } = await ask<{ items: { label: string }[] }>('completion', { position: { line: 0, character: 7 } });
    expect(items.map(({ label }) => label)).toEqual(['./model/']);
    const lenses = await ask<{ command: { arguments: string[] } }[]>('codeLens');
    expect(lenses.map(({ command }) => command.arguments)).toEqual([[uri], [uri], [uri]]);
    expect(await ask<unknown[]>('documentSymbol')).toHaveLength(4);
    expect(await ask<unknown[]>('foldingRange')).toHaveLength(2);
    expect(await ask<{ target: string }[]>('documentLink')).toMatchObject([
      { target: pathToFileURL(join(folder, 'model', 'config.json')).href },
    ]);
    expect(await ask<unknown[]>('formatting', { options: { tabSize: 2, insertSpaces: true } })).toEqual([]);

    writeFileSync(join(folder, 'model', 'config.json'), '{}');
    await connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: `${uri}/config.json`, type: 2 }] });
    expect((await server.diagnostics(uri)).map(({ code }) => code)).toEqual(['UNSUPPORTED']);
    renameSync(join(folder, 'model'), join(folder, 'moved'));
    await connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 3 }] });
    expect((await server.diagnostics(uri)).map(({ code }) => code)).toEqual(['FILE_MISSING']);
  });

  it('asks the editor where sensitivities are kept, and has them once they are there', async () => {
    const folder = temporaryFolder();
    cpSync(sample, join(folder, 'model'), { recursive: true });
    const uri = pathToFileURL(join(folder, 'r.prune.yaml')).href;
    const server = await started();
    const asked: string[] = [];
    server.connection.onRequest(cacheFolderRequest, (params: { uri: string }) => {
      asked.push(params.uri);
      return join(folder, 'kept');
    });
    const text = 'model: ./model\nsparsity: 0.5\nmeasure: { method: prior }\nallocate: { method: mixed }\n';
    await open(server, uri, text);
    const hints = async () => {
      const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
      const found = await server.connection.sendRequest<{ label: string }[]>('textDocument/inlayHint', { textDocument: { uri }, range });
      return found.map(({ label }) => label);
    };
    expect(await hints()).toContain('uniform until prior is measured');
    expect(asked[0]).toBe(uri);
    const source = await openCheckpoint(join(folder, 'model'));
    const matrices = source.linears.map(({ tensor }, i) => ({ name: tensor, value: i }));
    const path = await sensitivityPath(join(folder, 'kept'), { recipe: parseRecipe(text).recipe!, calibrationText: ['default'] }, source);
    writeSensitivity(path, { method: 'prior', gives: 'value', unit: '', description: '', matrices });
    expect((await hints()).some((label) => label.includes('until'))).toBe(false);
  });

  it('serves a document that lies nowhere', async () => {
    const server = await started();
    const uri = 'untitled:Untitled-1';
    await open(server, uri, 'model: ./nowhere\nsparsity: 5\n');
    expect((await server.diagnostics(uri)).map(({ code }) => code)).toEqual(['BAD_VALUE']);
    expect(await server.connection.sendRequest('textDocument/documentLink', { textDocument: { uri } })).toEqual([]);
    await server.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    expect(await server.diagnostics(uri)).toEqual([]);
  });

  it('ends with the editor that started it', async () => {
    const { child, connection } = await started();
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await connection.sendRequest('shutdown');
    await connection.sendNotification('exit');
    expect(await ended).toBe(0);
  });
});
