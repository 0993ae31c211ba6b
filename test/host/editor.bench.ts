/** Figures rather than tests: how long the extension and its engine take to start, and what the extension costs in memory. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { createEngineClient } from '../../src/extension/engine-client.ts';
import { requests } from '../../src/protocol/engine.ts';
import { eventually, file, openPanel } from './support.ts';

const extension = vscode.extensions.getExtension('secateur.secateur')!;

function show(what: string, figure: string): void {
  console.log(`  ${what.padEnd(58)} ${figure}`);
}

function megabytes(): { readonly rss: number; readonly heap: number } {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: rss / 2 ** 20, heap: heapUsed / 2 ** 20 };
}

describe('figures of the editor', () => {
  it('activation', async () => {
    assert.equal(extension.isActive, false, 'nothing in the workspace may have activated it');
    const before = megabytes();
    const started = performance.now();
    await extension.activate();
    // What is asked of the core waits until it is loaded.
    await vscode.commands.executeCommand('secateur.stop');
    show('from the wish to activate until the core is there as well', `${(performance.now() - started).toFixed(1)} ms`);
    const after = megabytes();
    show('memory of the extension host before', `${before.rss.toFixed(0)} MiB, heap ${before.heap.toFixed(1)}`);
    show('memory after activation', `${after.rss.toFixed(0)} MiB, heap ${after.heap.toFixed(1)}`);
  });

  it('engine start', async () => {
    const script = join(extension.extensionPath, 'dist', 'engine.js');
    const times: number[] = [];
    for (let run = 0; run < 5; run++) {
      const client = createEngineClient({ script, onLog: () => {} });
      const started = performance.now();
      await client.request(requests.hello, {});
      times.push(performance.now() - started);
      client.dispose();
    }
    const sorted = times.toSorted((a, b) => a - b);
    show('engine: from fork to its first answer, median and worst of 5', `${sorted[2].toFixed(0)} ms, ${sorted[4].toFixed(0)} ms`);
  });

  it('a panel open, with engine and language server', async () => {
    await openPanel(file('small.prune.yaml'), 'secateur.recipe');
    await eventually('the language server', () => vscode.workspace.textDocuments.some(({ languageId }) => languageId === 'prune-yaml'));
    await new Promise((done) => setTimeout(done, 3000));
    const { rss, heap } = megabytes();
    show('memory with a panel open', `${rss.toFixed(0)} MiB, heap ${heap.toFixed(1)}`);
  });
});
