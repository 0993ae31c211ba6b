/** Times the steps of a run, and the memory the process had reached by their end. */

import type { StepReport } from '../protocol/report.ts';

export interface Stopwatch {
  time<T>(step: string, work: () => Promise<T>): Promise<T>;
  /** What was timed so far; times under one name are added up. */
  steps(): StepReport[];
}

export function createStopwatch(): Stopwatch {
  const steps: StepReport[] = [];
  return {
    async time(step, work) {
      const started = performance.now();
      const result = await work();
      steps.push({ step, seconds: (performance.now() - started) / 1000, peakBytes: process.resourceUsage().maxRSS * 1024 });
      return result;
    },
    steps: () => sumSteps(steps),
  };
}

/** One entry a step: seconds added, peaks compared; in the order in which the steps first came. */
export function sumSteps(steps: readonly StepReport[]): StepReport[] {
  const sums = new Map<string, StepReport>();
  for (const { step, seconds, peakBytes } of steps) {
    const sum = sums.get(step) ?? { step, seconds: 0, peakBytes: 0 };
    sums.set(step, { step, seconds: sum.seconds + seconds, peakBytes: Math.max(sum.peakBytes, peakBytes) });
  }
  return [...sums.values()];
}
