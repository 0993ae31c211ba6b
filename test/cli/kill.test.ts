import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRandom } from '../../src/tensor/random.ts';
import { hashFolder, sample, sampleRecipe, temporaryFolder } from '../support/runs.ts';

const cli = new URL('../../dist/cli.js', import.meta.url).pathname;
const nKills = 12;

it(
  `a run killed ${nKills} times at random moments ends in the bytes of one that was left alone`,
  async () => {
    const folder = temporaryFolder();
    // Measured, solved in two steps, evaluated and controlled: a run of everything there is.
    const more = [
      'measure: { method: error-curve }',
      'allocate: { method: mixed }',
      'solve: { finish: { method: least-squares, iterations: 4 }}',
      `evaluate: { text: ${sample}/evaluation.txt, length: 64, windows: 6, control: true }`,
    ].join('\n');
    const recipe = (name: string) => {
      const path = join(folder, `${name}.prune.yaml`);
      writeFileSync(path, sampleRecipe({ to: join(folder, name), more }));
      return path;
    };
    let started = performance.now();
    expect(await prune(recipe('whole'))).toBe(0);
    let wholeMs = performance.now() - started;

    const seed = Date.now();
    console.info(`moments drawn with seed ${seed}`);
    const random = createRandom(seed);
    const to = join(folder, 'killed');
    let killed = 0;
    let restarts = 0;
    while (killed < nKills) {
      // One that got through counts as well: it is started over, so that every moment of a run can be the last.
      const isWhole = existsSync(to);
      if (isWhole) restarts++;
      started = performance.now();
      const code = await prune(recipe('killed'), random.uniform() * wholeMs * 1.1, isWhole ? ['--fresh'] : []);
      if (code === null) killed++;
      // A machine that was busy at first and is idle now would let nearly all of them through.
      else if (isWhole) wholeMs = performance.now() - started;
      expect([0, null]).toContain(code);
      if (existsSync(to)) expectSame(to, join(folder, 'whole'));
    }
    if (!existsSync(to)) expect(await prune(recipe('killed'))).toBe(0);
    expectSame(to, join(folder, 'whole'));
    expect(restarts).toBeLessThan(nKills * 3);
    const [killedReport, wholeReport] = [to, join(folder, 'whole')].map((path) =>
      JSON.parse(readFileSync(join(path, 'secateur-report.json'), 'utf8')),
    );
    expect(killedReport.sparsity.achieved).toBe(0.5);
    expect([killedReport.matrices, killedReport.control]).toEqual([wholeReport.matrices, wholeReport.control]);
  },
  10 * 60_000,
);

/** The exit code, or `null` where SIGKILL after `killAfterMs` was faster. */
function prune(recipe: string, killAfterMs?: number, more: readonly string[] = []): Promise<number | null> {
  const child = spawn(process.execPath, [cli, 'prune', recipe, '--threads', '1', '--no-cache', ...more], { stdio: 'ignore' });
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

function expectSame(a: string, b: string): void {
  const { 'killed.prune.yaml': _a, ...got } = hashFolder(a);
  const { 'whole.prune.yaml': _b, ...expected } = hashFolder(b);
  expect(got).toEqual(expected);
}
