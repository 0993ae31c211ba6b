/**
 * Times the whole job on a real model against the published SparseGPT, each as a process of its own, taking turns.
 *
 *     npm run bench -- --model DIR --tokens FILE --sparsegpt DIR [--python python3] [--samples 16] [--threads 2] [--runs 1]
 *
 * The peer is scripts/peers/run_peer.py (docs/peers.md says how to set it up). Without --sparsegpt only Secateur is timed.
 * Peak memory is VmHWM, read from /proc every 100 ms, so this runs on Linux only.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createRuntime } from '../src/engine/runtime.ts';
import { parseReport } from '../src/protocol/report.ts';

interface Timing {
  readonly seconds: number;
  readonly peakBytes: number;
}

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    tokens: { type: 'string' },
    sparsegpt: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    samples: { type: 'string', default: '16' },
    threads: { type: 'string', default: '2' },
    runs: { type: 'string', default: '1' },
  },
});
if (!values.model || !values.tokens) {
  console.log('The whole job is timed with --model DIR and --tokens FILE; docs/performance.md has the line.');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'secateur-bench-'));
try {
  const recipe = join(folder, 'bench.prune.yaml');
  const ours = join(folder, 'secateur');
  writeFileSync(
    recipe,
    `model: ${resolve(values.model)}\nsparsity: 0.5\ncalibrate: { text: ${resolve(values.tokens)}, samples: ${values.samples} }\nsave: { to: ${ours} }\n`,
  );
  const results = { secateur: [] as Timing[], sparsegpt: [] as Timing[] };
  for (let run = 0; run < Number(values.runs); run++) {
    const timing = await time(process.execPath, ['dist/cli.js', 'prune', recipe, '--fresh', '--threads', values.threads]);
    results.secateur.push(timing);
    show('secateur', timing);
    if (!values.sparsegpt) continue;
    const peer = [
      'scripts/peers/run_peer.py',
      values.model,
      '--tokens',
      values.tokens,
      '--samples',
      values.samples,
      '--threads',
      values.threads,
    ];
    const out = ['--method', 'sparsegpt', '--sparsegpt', values.sparsegpt, '--sparsity', '0.5', '--out', join(folder, 'peer')];
    rmSync(join(folder, 'peer'), { recursive: true, force: true });
    const other = await time(values.python, [...peer, ...out]);
    results.sparsegpt.push(other);
    show('sparsegpt', other);
  }
  const parsed = parseReport(JSON.parse(readFileSync(join(ours, 'secateur-report.json'), 'utf8')));
  if ('problem' in parsed) throw new Error(parsed.problem);
  for (const { step, seconds, peakBytes } of parsed.report.steps)
    console.log(`  ${step.padEnd(16)} ${seconds.toFixed(1)} s  ${mib(peakBytes)} MiB`);
  console.log(`  measured sgemm peak, ${values.threads} threads: ${(await gemmSpeed(Number(values.threads))).toFixed(0)} GFLOP/s`);
  if (values.sparsegpt) {
    const ratio = (key: keyof Timing) => median(results.secateur.map((run, i) => run[key] / results.sparsegpt[i][key]));
    console.log(
      `secateur / sparsegpt: time ${ratio('seconds').toFixed(3)}, peak memory ${ratio('peakBytes').toFixed(3)} (medians of ${values.runs})`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Wall time of a whole process, and the most memory it held. */
function time(command: string, args: readonly string[]): Promise<Timing> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let peakBytes = 0;
  const timer = setInterval(() => {
    try {
      const kib = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      if (kib) peakBytes = Number(kib) * 1024;
    } catch {
      // Between the process's end and the exit event there is no status to read.
    }
  }, 100);
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('exit', (code) => {
      clearInterval(timer);
      if (code === 0) done({ seconds: (performance.now() - started) / 1000, peakBytes });
      else fail(new Error(`${command} ${args.join(' ')} ended with ${code}`));
    });
  });
}

/** The best of 20 products of 1536 × 1536: what a program without a wasted moment could reach. */
async function gemmSpeed(threads: number): Promise<number> {
  const { gemm } = createRuntime({ provider: 'cpu', threads });
  const n = 1536;
  const [a, b, c] = Array.from({ length: 3 }, () => ({
    rows: n,
    cols: n,
    data: Float32Array.from({ length: n * n }, (_, i) => (i % 17) - 8),
  }));
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const started = performance.now();
    await gemm(a, b, c);
    times.push(performance.now() - started);
  }
  return (2 * n ** 3) / Math.min(...times) / 1e6;
}

function show(name: string, { seconds, peakBytes }: Timing): void {
  console.log(`${name.padEnd(12)} ${seconds.toFixed(1)} s  ${mib(peakBytes)} MiB`);
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
