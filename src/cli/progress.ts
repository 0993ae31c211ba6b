/** Draws progress: one line that is rewritten on a terminal, a plain line now and then elsewhere. */

import type { Progress } from '../protocol/data.ts';
import { formatDuration } from '../protocol/quantity.ts';
import type { World } from './command.ts';

export interface ProgressPrinter {
  report(progress: Progress): void;
  log(line: string): void;
  /** Leaves the line empty for what comes next. */
  end(): void;
}

const plainEveryMs = 10_000;
const terminalEveryMs = 100;

export function createProgress(world: World, now: () => number = () => performance.now()): ProgressPrinter {
  let step = '';
  let startedMs = 0;
  let startedAt = 0;
  let drawnMs = -Infinity;
  const clear = () => {
    if (world.isTerminal && step) world.err('\r\u001b[K');
  };
  return {
    report(progress) {
      const isNew = progress.step !== step || progress.done < startedAt;
      if (isNew) {
        step = progress.step;
        startedMs = now();
        startedAt = progress.done;
      }
      const isLast = progress.done >= progress.total;
      if (!isNew && !isLast && now() - drawnMs < (world.isTerminal ? terminalEveryMs : plainEveryMs)) return;
      drawnMs = now();
      const line = describe(progress, (now() - startedMs) / 1000, progress.done - startedAt);
      world.err(world.isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
    },
    log(line) {
      clear();
      world.err(`${line}\n`);
    },
    end() {
      clear();
      step = '';
    },
  };
}

function describe({ step, done, total, unit, detail }: Progress, seconds: number, since: number): string {
  const share = `${Math.floor((100 * done) / total)} %`.padStart(5);
  const rate = seconds > 0 ? since / seconds : 0;
  const speed =
    rate > 0 && seconds > 0.5 && unit !== 'parts' ? `  ${formatRate(rate, unit)}  ${formatDuration((total - done) / rate)} left` : '';
  return `${step.padEnd(15)} ${share}  ${detail}${speed}`;
}

function formatRate(rate: number, unit: Progress['unit']): string {
  if (unit === 'bytes') return `${(rate / 2 ** 20).toFixed(0)} MiB/s`;
  if (unit === 'tokens') return `${rate.toFixed(0)} tokens/s`;
  return rate >= 1 ? `${rate.toFixed(1)} blocks/s` : `${(60 * rate).toFixed(1)} blocks/min`;
}
