import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SecateurError } from '../../../src/error.ts';
import { EngineGone } from '../../../src/extension/engine-client.ts';
import { createInspections } from '../../../src/extension/views/inspections.ts';
import type { Inspection } from '../../../src/protocol/data.ts';
import { temporaryFolder } from '../../support/runs.ts';

function prepared(...names: string[]) {
  const root = temporaryFolder();
  return names.map((name) => {
    const folder = join(root, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'config.json'), '{}');
    return folder;
  });
}

function inspection(folder: string): Inspection {
  return { folder } as Inspection;
}

describe('inspections', () => {
  it('are asked for once, and again when the config has changed', async () => {
    const [folder] = prepared('m');
    let nAsked = 0;
    const inspections = createInspections(async (path) => {
      nAsked++;
      return inspection(path);
    });
    expect(inspections.known(folder)).toBeUndefined();
    const first = await inspections.ask(folder);
    expect(inspections.known(folder)).toBe(first);
    expect(await inspections.ask(folder)).toBe(first);
    expect(nAsked).toBe(1);
    writeFileSync(join(folder, 'config.json'), '{ "model_type": "llama" }');
    expect(await inspections.ask(folder)).not.toBe(first);
    expect(nAsked).toBe(2);
  });

  it('are asked for one after the other', async () => {
    const [a, b] = prepared('a', 'b');
    let nOpen = 0;
    let most = 0;
    const inspections = createInspections(async (path) => {
      most = Math.max(most, ++nOpen);
      await new Promise((resolve) => setTimeout(resolve, 5));
      nOpen--;
      return inspection(path);
    });
    await Promise.all([inspections.ask(a), inspections.ask(b)]);
    expect(most).toBe(1);
  });

  it('keep what cannot be read until they are told to forget it', async () => {
    const [folder] = prepared('m');
    let nAsked = 0;
    const inspections = createInspections(async () => {
      nAsked++;
      throw new SecateurError('UNSUPPORTED', 'the family mystery is unknown', 'Families: llama.');
    });
    expect(await inspections.ask(folder)).toEqual({ message: 'the family mystery is unknown', hint: 'Families: llama.' });
    await inspections.ask(folder);
    expect(nAsked).toBe(1);
    inspections.forgetFailures();
    await inspections.ask(folder);
    expect(nAsked).toBe(2);
  });

  it('ask again an engine that died, and give the same answer for the same words', async () => {
    const [folder] = prepared('m');
    const answers = [
      () => Promise.reject(new Error('the engine ended')),
      () => Promise.reject(new Error('the engine ended')),
      async () => inspection(folder),
    ];
    const inspections = createInspections(() => answers.shift()!());
    const first = await inspections.ask(folder);
    expect(first).toEqual({ message: 'the engine ended', hint: null });
    expect(await inspections.ask(folder)).toBe(first);
    expect(await inspections.ask(folder)).toEqual({ inspection: inspection(folder) });
  });

  it('ask again an engine that was restarted while it was asked, but only once', async () => {
    const [folder] = prepared('m');
    const restarted = () => Promise.reject(new EngineGone({ code: null, signal: 'SIGKILL', stderr: [] }, true));
    const answers = [restarted, async () => inspection(folder)];
    expect(await createInspections(() => answers.shift()!()).ask(folder)).toEqual({ inspection: inspection(folder) });
    let nAsked = 0;
    const asking = createInspections(() => {
      nAsked++;
      return restarted();
    });
    expect(await asking.ask(folder)).toMatchObject({ hint: null });
    expect(nAsked).toBe(2);
  });
});
