/** Sentences and signs around the figures of a report. */

import type { Report } from '../../src/protocol/report.ts';

/** `9.4 s`, `3 min 16 s`, `2 h 5 min`: a time that was measured. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.05) return 'under 0.1 s';
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

export function totalBytes(files: Report['source']['files']): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function totalSeconds({ steps }: Report): number {
  return steps.reduce((sum, { seconds }) => sum + seconds, 0);
}

export function peakBytes({ steps }: Report): number {
  return steps.reduce((peak, step) => Math.max(peak, step.peakBytes), 0);
}

/** The last part of a path, of either kind of slash. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).findLast(Boolean) ?? path;
}
