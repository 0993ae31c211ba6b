/**
 * Times Secateur against PyTorch on a real model, each as a process of its own, taking turns.
 *
 *     npm run bench -- --model DIR --tokens FILE [--python python3] [--sparsegpt DIR] [--only job,gradient,curvature]
 *                      [--samples 16] [--windows 4] [--length 512] [--threads 2] [--runs 1]
 *
 * `job` is the whole job of pruning, the peer scripts/peers/run_peer.py (docs/peers.md says how to set it up); `gradient` and `curvature` are
 * one pass of gradients and one product of the Hessian with a probe, the peer scripts/peers/gradient_pass.py. Without --python, or for the
 * job without --sparsegpt, only Secateur is timed. Peak memory is VmHWM, read from /proc every 100 ms, so this runs on Linux only.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createRuntime } from '../src/engine/runtime.ts';
import { parseReport } from '../src/protocol/report.ts';

interface Timing {
  /** Of the whole process, or of what it says it has timed. */
  readonly seconds: number;
  readonly peakBytes: number;
  /** What it found, where it says so. */
  readonly sum?: number;
}

interface Contest {
  readonly ours: readonly string[];
  /** `null` where the peer is not set up. */
  readonly peer: readonly string[] | null;
  /** Ratios that are aimed at. */
  readonly goal: { readonly time: number; readonly memory: number };
  /** Says more of our last run. */
  readonly detail?: () => Promise<void>;
}

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    tokens: { type: 'string' },
    sparsegpt: { type: 'string' },
    python: { type: 'string' },
    only: { type: 'string', default: 'job,gradient,curvature' },
    samples: { type: 'string', default: '16' },
    windows: { type: 'string', default: '4' },
    length: { type: 'string', default: '512' },
    threads: { type: 'string', default: '2' },
    runs: { type: 'string', default: '1' },
  },
});
if (!values.model || !values.tokens) {
  console.log('Passes and the whole job are timed with --model DIR and --tokens FILE; docs/performance.md has the line.');
  process.exit(0);
}
const { model, tokens, python, threads } = { ...values, model: resolve(values.model), tokens: resolve(values.tokens) };

const folder = mkdtempSync(join(tmpdir(), 'secateur-bench-'));
try {
  const contests: Readonly<Record<string, Contest>> = {
    job: job(),
    gradient: pass('gradient', 1, 1),
    curvature: pass('curvature', 0.7, 0.5),
  };
  for (const name of values.only.split(',')) await hold(name, contests[name]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function hold(name: string, { ours, peer, goal, detail }: Contest): Promise<void> {
  const pairs: (readonly [Timing, Timing])[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const timing = await time(process.execPath, ours);
    show(`${name}: ours`, timing);
    if (!peer || !python) continue;
    const other = await time(python, peer);
    show(`${name}: peer`, other);
    pairs.push([timing, other]);
  }
  await detail?.();
  if (pairs.length === 0) return;
  const ratio = (key: 'seconds' | 'peakBytes') => median(pairs.map(([a, b]) => a[key] / b[key])).toFixed(3);
  console.log(
    `${name}: ours / peer: time ${ratio('seconds')} (goal ${goal.time}), peak memory ${ratio('peakBytes')} (goal ${goal.memory}), medians of ${pairs.length}`,
  );
}

function job(): Contest {
  const recipe = join(folder, 'bench.prune.yaml');
  const [ours, peer] = [join(folder, 'secateur'), join(folder, 'peer')];
  const save = `save: { to: ${ours}, overwrite: true }`;
  writeFileSync(recipe, `model: ${model}\nsparsity: 0.5\ncalibrate: { text: ${tokens}, samples: ${values.samples} }\n${save}\n`);
  const common = [model, '--tokens', tokens, '--samples', values.samples, '--threads', threads];
  return {
    ours: ['dist/cli.js', 'prune', recipe, '--fresh', '--threads', threads],
    peer: values.sparsegpt
      ? [
          ...['scripts/peers/run_peer.py', ...common, '--method', 'sparsegpt', '--sparsegpt', values.sparsegpt],
          ...['--sparsity', '0.5', '--out', peer],
        ]
      : null,
    goal: { time: 0.5, memory: 0.5 },
    async detail() {
      const parsed = parseReport(JSON.parse(readFileSync(join(ours, 'secateur-report.json'), 'utf8')));
      if ('problem' in parsed) throw new Error(parsed.problem);
      for (const { step, seconds, peakBytes } of parsed.report.steps)
        console.log(`  ${step.padEnd(16)} ${seconds.toFixed(1)} s  ${mib(peakBytes)} MiB`);
      console.log(`  measured sgemm peak, ${threads} threads: ${(await gemmSpeed(Number(threads))).toFixed(0)} GFLOP/s`);
    },
  };
}

function pass(kind: 'gradient' | 'curvature', timeGoal: number, memoryGoal: number): Contest {
  const { windows, length } = values;
  const passage = [kind, '--model', model, '--tokens', tokens, '--windows', windows, '--length', length, '--threads', threads];
  return {
    ours: ['scripts/run.mjs', 'gradient-pass', ...passage],
    peer: ['scripts/peers/gradient_pass.py', ...passage],
    goal: { time: timeGoal, memory: memoryGoal },
  };
}

/** The most memory a process held, and its wall time, unless its last line is JSON that says another. */
function time(command: string, args: readonly string[]): Promise<Timing> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let peakBytes = 0;
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4096);
  });
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
    child.on('close', (code) => {
      clearInterval(timer);
      const line = said.trimEnd().split('\n').at(-1)!;
      const told = /^\{"seconds":/.test(line) ? (JSON.parse(line) as Partial<Timing>) : {};
      if (code === 0) done({ seconds: (performance.now() - started) / 1000, peakBytes, ...told });
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

function show(name: string, { seconds, peakBytes, sum }: Timing): void {
  console.log(
    `${name.padEnd(16)} ${seconds.toFixed(1)} s  ${mib(peakBytes)} MiB${sum === undefined ? '' : `  found ${sum.toPrecision(8)}`}`,
  );
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
