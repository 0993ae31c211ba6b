import { fork } from 'node:child_process';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngineClient, type EngineClient, type EngineExit, EngineGone } from '../../src/extension/engine-client.ts';
import { type JobEvent, requests } from '../../src/protocol/engine.ts';
import { hashFolder, sample, sampleRecipe, temporaryFolder } from '../support/runs.ts';

const script = new URL('../../dist/engine.js', import.meta.url).pathname;
const compute = { threads: 1 };

const clients: EngineClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.dispose();
});

function started(path = script) {
  const lines: string[] = [];
  const exits: EngineExit[] = [];
  const client = createEngineClient({ script: path, onLog: (line) => lines.push(line) });
  clients.push(client);
  client.onExit((exit) => exits.push(exit));
  return { client, lines, exits };
}

const hello = (client: EngineClient) => client.request(requests.hello, {});

/** A run of the sample into `to`, as messages; `job` is the name of its events. */
const pruneOf = (to: string, job = 'prune', more = '') => ({
  text: sampleRecipe({ to, more }),
  folder: dirname(to),
  job,
  compute,
  fresh: false,
  cacheFolder: join(dirname(to), 'cache'),
});

function eventsOf(client: EngineClient, job: string): JobEvent[] {
  const events: JobEvent[] = [];
  client.onEvent(job, (event) => events.push(event));
  return events;
}

/** Resolves at the first event of the job that fulfils the condition. */
function eventOf(client: EngineClient, job: string, condition: (event: JobEvent) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const listener = client.onEvent(job, (event) => {
      if (!condition(event)) return;
      listener.dispose();
      resolve();
    });
  });
}

const isBlock = (event: JobEvent) => event.type === 'matrices';
const namesIn = (events: readonly JobEvent[]) =>
  events.flatMap((event) => (event.type === 'matrices' ? event.matrices.map(({ name }) => name) : []));

/** Until the process is no more. */
async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

describe('the engine’s process', () => {
  it('starts at the first request, stays for the next, and ends with its client', async () => {
    const { client, exits, lines } = started();
    const [first, second] = await Promise.all([hello(client), hello(client)]);
    expect(first).toMatchObject({ version: expect.stringMatching(/^\d/), node: process.version });
    expect(first.pid).not.toBe(process.pid);
    expect(second.pid).toBe(first.pid);
    expect((await hello(client)).pid).toBe(first.pid);
    client.dispose();
    expect(await gone(first.pid)).toBe(true);
    expect([exits, lines]).toEqual([[], []]);
    await expect(hello(client)).rejects.toThrow('disposed');
  });

  it('tells of a checkpoint, of a recipe’s plan and of what has become of its output', async () => {
    const { client } = started();
    const inspection = await client.request(requests.inspect, { folder: sample });
    expect(inspection).toMatchObject({ folder: sample, modelType: 'llama', blocks: 6, parameters: 1_369_728, prunable: 1_105_920 });
    expect(inspection.matrices).toHaveLength(42);
    expect(inspection.matrices[6]).toEqual({
      name: 'model.layers.0.mlp.down_proj.weight',
      block: 0,
      kind: 'down_proj',
      shape: expect.any(Array),
      dtype: expect.any(String),
    });
    const folder = temporaryFolder();
    const recipe = { text: `model: ${sample}\nsparsity: 0.4\nsave: { to: ./pruned }\n`, folder };
    const plan = await client.request(requests.plan, { ...recipe, compute, cacheFolder: folder });
    expect(plan).toMatchObject({ to: join(folder, 'pruned'), zeros: Math.round(0.4 * 1_105_920) });
    expect(plan.needs.memoryBytes).toBeGreaterThan(1e8);
    expect(await client.request(requests.outcome, recipe)).toEqual({ to: join(folder, 'pruned'), state: 'absent' });
  });

  it('prunes, telling of every block as it is finished', async () => {
    const { client } = started();
    const to = join(temporaryFolder(), 'pruned');
    const events = eventsOf(client, 'prune');
    const others = eventsOf(client, 'another job');
    const report = await client.request(requests.prune, pruneOf(to));
    expect(report.sparsity.zeros).toBe(552_960);
    const blocks = events.flatMap((event) => (event.type === 'matrices' ? [event.matrices] : []));
    expect(blocks.map((matrices) => matrices.length)).toEqual([7, 7, 7, 7, 7, 7]);
    expect(blocks.flat()).toEqual(
      report.matrices.map(({ name, zeros, relativeError, maskOnlyError, damping }) => ({
        name,
        zeros,
        relativeError,
        maskOnlyError,
        damping,
      })),
    );
    const steps = events.flatMap((event) => (event.type === 'progress' ? [event.progress.step] : []));
    expect([...new Set(steps)]).toEqual(['tokenise', 'read', 'prune', 'save']);
    expect(others).toEqual([]);
    expect(await client.request(requests.outcome, pruneOf(to))).toEqual({ to, state: 'finished' });
  });

  it('stops when it is asked to, and goes on from there later', async () => {
    const { client, exits } = started();
    const to = join(temporaryFolder(), 'pruned');
    const controller = new AbortController();
    const stopped = client.request(requests.prune, pruneOf(to), { signal: controller.signal });
    void eventOf(client, 'prune', isBlock).then(() => controller.abort());
    await expect(stopped).rejects.toMatchObject({ name: 'SecateurError', code: 'CANCELLED' });
    expect(await client.request(requests.outcome, pruneOf(to))).toEqual({ to, state: 'partial' });
    expect((await client.request(requests.prune, pruneOf(to))).resumed).toBe(1);
    expect(exits).toEqual([]);
    const early = AbortSignal.abort();
    await expect(client.request(requests.prune, pruneOf(`${to}-2`), { signal: early })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(`${to}-2`)).toBe(false);
  });

  it('killed in the middle of a run, loses nothing: the next request starts it anew, and the run ends in the same bytes', async () => {
    const { client, exits } = started();
    const folder = temporaryFolder();
    const to = join(folder, 'pruned');
    await client.request(requests.prune, pruneOf(to));
    const whole = hashFolder(to);
    const { pid } = await hello(client);
    const again = pruneOf(join(folder, 'again', 'pruned'), 'again');
    const killed = client.request(requests.prune, again);
    const besides = eventOf(client, 'again', isBlock).then(() => {
      process.kill(pid, 'SIGKILL');
      return hello(client);
    });
    const error: unknown = await killed.catch((thrown) => thrown);
    expect(error).toBeInstanceOf(EngineGone);
    expect(error).toMatchObject({ wanted: false, exit: { code: null, signal: 'SIGKILL' } });
    await besides.catch((thrown) => expect(thrown).toBeInstanceOf(EngineGone));
    expect(exits).toMatchObject([{ signal: 'SIGKILL' }]);

    expect((await client.request(requests.outcome, again)).state).toBe('partial');
    const events = eventsOf(client, 'again');
    const report = await client.request(requests.prune, again);
    expect(report.resumed).toBe(1);
    expect(namesIn(events)).toEqual(report.matrices.map(({ name }) => name));
    const { 'pruned.prune.yaml': _a, ...got } = hashFolder(again.text.match(/to: (\S+)/)![1]!);
    const { 'pruned.prune.yaml': _b, ...expected } = whole;
    expect(got).toEqual(expected);
    expect((await hello(client)).pid).not.toBe(pid);
  });

  it('does one heavy job at a time and answers what is light meanwhile', async () => {
    const { client } = started();
    const to = join(temporaryFolder(), 'pruned');
    const first = client.request(requests.prune, pruneOf(to));
    await eventOf(client, 'prune', () => true);
    await expect(client.request(requests.prune, pruneOf(`${to}-2`, 'second'))).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining('a prune'),
      hint: expect.stringContaining('stop it'),
    });
    await expect(
      client.request(requests.generate, { job: 'third', compute, folder: sample, prompt: 'He', tokens: 1 }),
    ).rejects.toMatchObject({ code: 'BUSY' });
    expect((await client.request(requests.inspect, { folder: sample })).blocks).toBe(6);
    expect((await first).sparsity.achieved).toBe(0.5);
  });

  it('gives errors with their code and the way out', async () => {
    const { client, lines } = started();
    const folder = temporaryFolder();
    await expect(client.request(requests.inspect, { folder: join(folder, 'gone') })).rejects.toMatchObject({
      name: 'SecateurError',
      code: 'FILE_MISSING',
      message: expect.stringContaining('gone'),
      hint: expect.any(String),
    });
    await expect(
      client.request(requests.plan, { text: 'model: a\nsparsty: 0.5\n', folder, compute, cacheFolder: folder }),
    ).rejects.toMatchObject({
      code: 'BAD_RECIPE',
      message: expect.stringMatching(/a problem[\s\S]*recipe:2:1: error: .*sparsty/),
    });
    // What the file system refuses is no bug either.
    writeFileSync(join(folder, 'file'), '');
    await expect(client.request(requests.prune, { ...pruneOf(join(folder, 'file', 'pruned')), job: 'x' })).rejects.toMatchObject({
      name: 'SecateurError',
    });
    expect(lines).toEqual([]);
  });

  it('tells a bug as one, with its stack in the log', async () => {
    const { client, lines } = started();
    const bug = client.request(requests.inspect, { folder: 7 as unknown as string });
    await expect(bug).rejects.toThrow(/internal error/);
    await expect(bug).rejects.not.toHaveProperty('name', 'SecateurError');
    await hello(client);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lines.join('\n')).toMatch(/TypeError[\s\S]* {4}at /);
  });

  it('measures once and then remembers', async () => {
    const { client } = started();
    const folder = temporaryFolder();
    const recipe = { text: sampleRecipe({ to: join(folder, 'pruned') }), folder, cacheFolder: join(folder, 'cache') };
    expect(await client.request(requests.measured, recipe)).toBeNull();
    const events = eventsOf(client, 'measure');
    const found = await client.request(requests.measure, { ...recipe, job: 'measure', compute });
    expect(found.matrices).toHaveLength(42);
    expect(events.some((event) => event.type === 'progress' && event.progress.step === 'measure')).toBe(true);
    expect(await client.request(requests.measured, recipe)).toEqual(found);
  });

  it('evaluates, generates and refuses what cannot be imported', async () => {
    const { client } = started();
    const text = join(sample, 'evaluation.txt');
    const evaluation = await client.request(requests.evaluate, {
      job: 'e',
      compute,
      folder: sample,
      text,
      length: 64,
      windows: 4,
    });
    expect(evaluation).toMatchObject({ perplexity: { windows: 4, tokens: 4 * 63 }, text: expect.stringContaining('evaluation.txt') });
    const events = eventsOf(client, 'g');
    const said = await client.request(requests.generate, { job: 'g', compute, folder: sample, prompt: 'He was', tokens: 9 });
    expect(said.text.length).toBeGreaterThan(3);
    expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('')).toBe(said.text);
    const more = { job: 'g', compute, folder: sample, prompt: 'He was', tokens: 1.5 };
    await expect(client.request(requests.generate, more)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    const file = join(temporaryFolder(), 'no.gguf');
    cpSync(text, file);
    await expect(client.request(requests.import, { job: 'i', compute, file, to: `${file}.d` })).rejects.toMatchObject({ code: 'BAD_FILE' });
  });

  it('is replaced by another when it is restarted, and what was asked of it ends', async () => {
    const { client, exits } = started();
    const { pid } = await hello(client);
    const to = join(temporaryFolder(), 'pruned');
    const asked = client.request(requests.prune, pruneOf(to)).catch((thrown: unknown) => thrown);
    await eventOf(client, 'prune', () => true);
    const restarted = client.restart();
    const next = await hello(client);
    await restarted;
    expect(await asked).toMatchObject({ name: 'EngineGone', wanted: true });
    expect(next.pid).not.toBe(pid);
    expect((await hello(client)).pid).toBe(next.pid);
    expect(exits).toEqual([]);
  });

  it('ends in the middle of a run when its parent is gone, and leaves what can be resumed', async () => {
    const to = join(temporaryFolder(), 'pruned');
    const child = fork(script, { execArgv: [] });
    const params = pruneOf(to);
    child.send({ jsonrpc: '2.0', id: 1, method: requests.prune.method, params });
    await new Promise<void>((resolve) => {
      child.on('message', (message: { params?: { event: JobEvent } }) => message.params && isBlock(message.params.event) && resolve());
    });
    child.disconnect();
    expect(await gone(child.pid!)).toBe(true);
    const { client } = started();
    expect((await client.request(requests.outcome, params)).state).toBe('partial');
  });

  it('that cannot even start says why', async () => {
    const path = join(temporaryFolder(), 'broken.mjs');
    writeFileSync(path, "console.error('first words'); throw new Error('it does not start');\n");
    const { client, exits, lines } = started(path);
    await expect(hello(client)).rejects.toMatchObject({ name: 'EngineGone', exit: { code: 1, signal: null } });
    expect(exits[0]!.stderr[0]).toBe('first words');
    expect(exits[0]!.stderr.join('\n')).toContain('it does not start');
    expect(lines).toEqual(exits[0]!.stderr);
  });
});
