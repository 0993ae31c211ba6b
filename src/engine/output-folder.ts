/** The folder a result will stand in: what may be replaced there, and how one result takes the place of another. */

import { existsSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { SecateurError } from '../error.ts';
import { reportFileName } from '../protocol/file-names.ts';
import { mostReportBytes, parseReport, type Report } from '../protocol/report.ts';
import { syncFolder } from './files.ts';
import { lockName } from './lock.ts';

/** Inside the new result, for the moment in which it takes the place of the earlier one. */
const replacedName = 'secateur-replaced';

/** Where a result is written until it is whole. */
export function partialOf(to: string): string {
  return `${to}.partial`;
}

/** Refuses to write in the model's folder, or where something lies that the run reads. Changes nothing. */
export function checkPlace(to: string, model: string, texts: readonly string[]): void {
  const hint = 'Name another folder in save.to.';
  if (real(model) === real(to)) throw new SecateurError('OUTPUT_EXISTS', `${to} is the source itself, which is never written`, hint);
  if (liesIn(model, to)) throw new SecateurError('OUTPUT_EXISTS', `${to} lies in the source ${model}, which is never written`, hint);
  for (const folder of [to, partialOf(to)])
    for (const input of [model, ...texts])
      if (liesIn(folder, input)) throw new SecateurError('OUTPUT_EXISTS', `${input} lies in ${folder}, which the run writes`, hint);
}

/** Refuses to replace what is no result of Secateur, or one that someone put files of his own into. Changes nothing. */
export function checkReplace(to: string, mayReplace: boolean): void {
  if (!existsSync(to)) return;
  const report = readReportIn(to);
  const hint = 'Name another folder in save.to.';
  if (!report) throw new SecateurError('OUTPUT_EXISTS', `${to} exists and is not a result of this version of Secateur`, hint);
  if (!mayReplace)
    throw new SecateurError(
      'OUTPUT_EXISTS',
      `${to} exists: an earlier result`,
      `${hint.slice(0, -1)}, or set save.overwrite to true to replace it.`,
    );
  const own = new Set([replacedName, ...report.output.files.map((file) => file.name), ...report.output.others]);
  const foreign = readdirSync(to).find((name) => !own.has(name));
  if (foreign !== undefined)
    throw new SecateurError(
      'OUTPUT_EXISTS',
      `${join(to, foreign)} was not written by a run and would be lost`,
      'Move it away, or name another folder.',
    );
}

/** The report of a whole result in a folder. */
export function readReportIn(folder: string): Report | undefined {
  const path = join(folder, reportFileName);
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? Infinity) > mostReportBytes) return undefined;
    const parsed = parseReport(JSON.parse(readFileSync(path, 'utf8')));
    return 'report' in parsed ? parsed.report : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Gives a whole result its name. An earlier one moves into the new one first and is removed last, so that a process that dies here
 * leaves both, and the next run goes on where it stopped.
 */
export function publish(to: string): void {
  const partial = partialOf(to);
  for (const name of readdirSync(partial)) if (name.startsWith(lockName)) rmSync(join(partial, name));
  if (existsSync(to)) renameSync(to, join(partial, replacedName));
  renameSync(partial, to);
  syncFolder(dirname(to));
  rmSync(join(to, replacedName), { recursive: true, force: true });
}

function liesIn(folder: string, path: string): boolean {
  return `${real(path)}${sep}`.startsWith(`${real(folder)}${sep}`);
}

/** The path with every link followed, as far as it exists. */
function real(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(real(parent), absolute.slice(parent.length));
}
