import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseReport } from '../../src/protocol/report.ts';
import { sample, sampleRecipe, temporaryFolder } from '../support/runs.ts';

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;

function secateur(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

function prepared() {
  const folder = temporaryFolder();
  const model = join(folder, 'model');
  cpSync(sample, model, { recursive: true });
  const recipe = join(folder, 'model.prune.yaml');
  writeFileSync(recipe, sampleRecipe({ model, to: join(folder, 'pruned') }));
  return { folder, model, recipe, to: join(folder, 'pruned') };
}

describe('the command line', () => {
  it('lists its commands, and tells what each takes', () => {
    const { status, out } = secateur('--help');
    expect(status).toBe(0);
    const names = ['inspect', 'import', 'init', 'check', 'measure', 'plan', 'prune', 'evaluate', 'report', 'compare', 'generate'];
    for (const name of names) {
      expect(out).toContain(`\n  ${name} `);
      expect(secateur(name, '--help').out).toContain(`secateur ${name}`);
      expect(secateur('help', name).out).toBe(secateur(name, '--help').out);
    }
  });

  it.each([
    [['nonsense'], /nonsense/],
    [['inspect'], /Usage: secateur inspect PATH/],
    [['inspect', '/nowhere'], /FILE_MISSING.*nowhere/],
    [['prune', 'x.prune.yaml', '--frsh'], /--frsh/],
    [['evaluate', sample], /--text/],
    [['evaluate', sample, '--text', `${sample}/evaluation.txt`, '--length', 'long'], /--length long/],
    [['generate', sample], /--prompt/],
    [['report', sample], /FILE_MISSING.*secateur-report/],
    [['prune', '/nowhere.prune.yaml', '--threads', '0'], /./],
  ])('%j is the user’s error, told in words', (args, message) => {
    const { status, out, err } = secateur(...args);
    expect(status).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });

  it('goes from a checkpoint to a report: inspect, init, check, plan, prune, report, evaluate, compare, generate', () => {
    const { folder, model, to } = prepared();
    const facts = JSON.parse(secateur('inspect', model, '--json').out);
    expect(facts).toMatchObject({ family: 'llama', parameters: 1_369_728, prunable: 1_105_920, blocks: 6 });
    expect(facts.run.memoryBytes).toBeGreaterThan(1e8);

    const recipe = join(folder, 'mine.prune.yaml');
    const texts = ['--text', join(model, 'calibration.txt'), '--evaluate', join(model, 'evaluation.txt')];
    expect(secateur('init', model, '--to', recipe, '--sparsity', '0.4', ...texts).status).toBe(0);
    expect(secateur('init', model, '--to', recipe).status).toBe(1);
    expect(secateur('init', model, '--to', `${recipe}.2`, '--text', 'gone.txt')).toMatchObject({
      status: 1,
      err: expect.stringContaining('gone.txt'),
    });
    expect(secateur('check', recipe)).toMatchObject({ status: 0, out: expect.stringContaining('no problems') });

    const before = readdirSync(folder);
    const small = [
      '--set',
      `save.to=${to}`,
      '--set',
      'calibrate.samples=6',
      '--set',
      'calibrate.length=64',
      '--set',
      'evaluate.length=64',
      '--set',
      'evaluate.windows=8',
    ];
    const dryRun = (...more: string[]) => JSON.parse(secateur('plan', recipe, '--json', ...small, ...more).out);
    const plan = dryRun();
    expect(plan.awaits).toBe('scan');
    expect(plan.matrices.reduce((sum: number, matrix: { zeros: number }) => sum + matrix.zeros, 0)).toBe(Math.round(0.4 * 1_105_920));
    expect(readdirSync(folder)).toEqual(before);

    const pruned = secateur('prune', recipe, '--json', ...small);
    expect(pruned.status).toBe(0);
    const result = parseReport(JSON.parse(pruned.out));
    if (!('report' in result)) throw new Error(result.problem);
    expect(result.report.sparsity.zeros).toBe(Math.round(0.4 * 1_105_920));
    // What the run measured is kept, so that the same plan now knows.
    const { awaits, matrices } = dryRun('--set', `save.to=${to}-again`);
    expect(awaits).toBeNull();
    expect(result.report.matrices.map(({ name, zeros }) => [name, zeros])).toEqual(
      matrices.map(({ name, zeros }: { name: string; zeros: number }) => [name, zeros]),
    );
    expect(JSON.parse(secateur('report', to, '--json').out)).toEqual(JSON.parse(pruned.out));
    expect(secateur('report', to).out).toBe(readFileSync(join(to, 'secateur-report.md'), 'utf8'));

    const evaluation = ['--text', join(model, 'evaluation.txt'), '--length', '64', '--windows', '8', '--json'];
    const measured = JSON.parse(secateur('evaluate', to, ...evaluation).out);
    expect(measured).toMatchObject({ windows: 8, length: 64, tokens: 8 * 63 });
    expect(measured.perplexity).toBeCloseTo(result.report.perplexity!.after.perplexity, 6);
    expect(JSON.parse(secateur('evaluate', model, ...evaluation).out).perplexity).toBeCloseTo(
      result.report.perplexity!.before.perplexity,
      6,
    );

    const comparison = JSON.parse(secateur('compare', to, to, '--json').out);
    expect(comparison.pairedNll).toEqual({ mean: 0, standardError: 0 });
    expect(secateur('compare', to, to).out).toContain('model.layers.5.mlp.down_proj.weight');

    const said = JSON.parse(secateur('generate', model, '--prompt', 'He was', '--tokens', '9', '--json').out);
    expect(said).toMatchObject({ prompt: 'He was', tokens: expect.any(Number) });
    expect(said.text.length).toBeGreaterThan(3);
    const drawn = () => secateur('generate', model, '--prompt', 'He was', '--tokens', '9', '--seed', '5').out;
    expect(drawn()).toBe(drawn());
  });

  it('measures how much each matrix minds being pruned, as a table and as JSON, once', () => {
    const { folder, recipe, to } = prepared();
    const before = readdirSync(folder);
    const { status, out } = secateur('measure', recipe, '--json', '--no-cache');
    expect(status).toBe(0);
    const { method, unit, matrices } = JSON.parse(out);
    expect([method, unit, matrices.length]).toEqual(['error-curve', 'of the output', 42]);
    expect(matrices[0]).toMatchObject({ name: 'model.layers.0.self_attn.q_proj.weight', rank: expect.any(Number) });
    expect(matrices[0].curve.length).toBeGreaterThan(10);
    expect(readdirSync(folder)).toEqual(before);

    const table = secateur('measure', recipe);
    expect(table.err).toContain('measure ');
    expect(table.out).toContain('value: of the output, at sparsity 0.5; rank 1 minds pruning most');
    const most = matrices.find(({ rank }: { rank: number }) => rank === 1);
    expect(table.out).toMatch(new RegExp(`${most.name.replaceAll('.', '\\.')} +${most.value.toPrecision(3)} +1\n`));
    expect(readdirSync(folder)).toEqual(['.secateur', ...before]);
    const sorted = secateur('measure', recipe, '--sort', 'rank');
    expect(sorted.err).toBe('');
    expect(sorted.out.split('\n').findIndex((line) => line.startsWith(most.name))).toBe(5);
    expect(secateur('measure', recipe, '--cache', join(folder, 'elsewhere')).err).toContain('measure ');
    expect(secateur('measure', recipe, '--sort', 'beauty')).toMatchObject({ status: 1, err: expect.stringContaining('beauty') });
    expect(secateur('measure', recipe, '--no-cache', '--cache', 'x')).toMatchObject({ status: 1, err: expect.stringContaining('exclude') });
    expect(existsSync(to)).toBe(false);
  });

  it('says that a budget waits for its measure, until that was measured, and shows what it has won', () => {
    const { recipe } = prepared();
    const evaluation = `evaluate: { text: ${sample}/evaluation.txt, length: 64, windows: 4, control: true }`;
    const fed = 'measure: { method: error-curve }\nallocate: { method: mixed, spread: 0.2 }';
    writeFileSync(recipe, `${readFileSync(recipe, 'utf8')}\n${fed}\n${evaluation}\n`);
    const waiting = secateur('plan', recipe).out;
    expect(waiting).toContain('the budget waits for `secateur measure` (error-curve), which a run does first; shown is the uniform one');
    expect(waiting).toContain('once more with the uniform allocation');
    secateur('measure', recipe);
    expect(secateur('plan', recipe, '--no-cache').out).toContain('waits');
    const plan = secateur('plan', recipe).out;
    expect(plan).not.toContain('waits');
    expect(plan).toMatch(/ mixed\n/);
    const pruned = secateur('prune', recipe);
    expect(pruned.out).toMatch(/Uniform control\n +result +uniform control\n/);
    expect(pruned.out).toMatch(/Result minus control: [+−±]\d\.\d{4} ± /);
    expect(pruned.err).toContain('prune control');
    expect(pruned.err).not.toContain('measure ');
  });

  it('tells a check’s problems as one JSON value too, those of the recipe and those beside it', () => {
    const { recipe, model } = prepared();
    const problems = () => JSON.parse(secateur('check', recipe, '--json').out).problems.map(({ code }: { code: string }) => code);
    expect(problems()).toEqual([]);
    writeFileSync(
      recipe,
      `${readFileSync(recipe, 'utf8')}\nevaluate: { text: ./gone.txt, length: 999 }\nallocate: { fixed: { "*.nope": 0 }}\n`,
    );
    expect(problems()).toEqual(['FILE_MISSING', 'BAD_ARGUMENT', 'BAD_RECIPE']);
    expect(secateur('plan', recipe)).toMatchObject({ status: 1, out: '' });
    expect(secateur('check', model)).toMatchObject({ status: 1, err: expect.stringMatching(/^error FILE_MISSING: EISDIR/) });
  });

  it('keeps to itself: no report of its use, nothing left in the user’s folders', () => {
    const home = temporaryFolder();
    const { CI: _ci, ...rest } = process.env;
    const env = { ...rest, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), XDG_DATA_HOME: join(home, 'data') };
    const { status } = spawnSync(process.execPath, [cli, 'generate', sample, '--prompt', 'He', '--tokens', '1'], { env });
    expect(status).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  });

  it('goes on when nobody reads its progress any more', async () => {
    const { recipe, to } = prepared();
    const child = spawn(process.execPath, [cli, 'prune', recipe], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.destroy();
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    expect(existsSync(to)).toBe(true);
  });

  it('shows a recipe’s problems with a caret and exits with 1', () => {
    const { recipe } = prepared();
    writeFileSync(recipe, readFileSync(recipe, 'utf8').replace('sparsity: 0.5', 'sparsity: 1.5'));
    const { status, err } = secateur('check', recipe);
    expect(status).toBe(1);
    expect(err).toMatch(/1\.5/);
    expect(err).toMatch(/\^\^\^/);
  });

  it('stops at Ctrl+C with 130, leaves nothing that looks like a result, and goes on later', async () => {
    const { recipe, to } = prepared();
    const child = spawn(process.execPath, [cli, 'prune', recipe, '--set', 'calibrate.samples=100'], { stdio: ['ignore', 'pipe', 'pipe'] });
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (text: Buffer) => text.toString().includes('prune ') && resolve());
    });
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(code).toBe(130);
    expect(existsSync(to)).toBe(false);
    const { status, out } = secateur('prune', recipe, '--json', '--set', 'calibrate.samples=100');
    expect(status).toBe(0);
    expect(JSON.parse(out).resumed).toBe(1);
  });
});
