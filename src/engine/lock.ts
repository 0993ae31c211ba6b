/** Keeps two runs from writing one folder. A lock whose process is gone was left by a run that died, and is taken over. */

import { constants, copyFileSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SecateurError } from '../error.ts';

export const lockName = 'secateur.lock';

/** Folders that this very process has locked: its own process id says nothing between two runs in one engine. */
const held = new Set<string>();

/** @throws `BUSY` naming the process that holds the lock */
export function lockFolder(folder: string): Disposable {
  const path = join(folder, lockName);
  if (held.has(path)) throw busy(folder, `this process (${process.pid})`, path);
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, identity(process.pid) ?? `${process.pid}`);
  try {
    while (!tryLink(mine, path)) removeIfDead(folder, path);
  } finally {
    rmSync(mine, { force: true });
  }
  held.add(path);
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (!isHeld) return;
      isHeld = false;
      held.delete(path);
      rmSync(path, { force: true });
    },
  };
}

/** A link appears with its content or not at all, and only where there is none. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    return tryCopy(from, to);
  }
}

/** For file systems without links, where a process may die between the file and its content; such a lock counts as dead. */
function tryCopy(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeIfDead(folder: string, path: string): void {
  const holder = read(path);
  if (holder === undefined) return;
  const pid = Number.parseInt(holder, 10);
  if (pid !== process.pid && identity(pid) === holder) throw busy(folder, `process ${pid}`, path);
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // Another run may have taken the dead one's lock over between the reading and the renaming; then it is given back.
  const moved = read(aside);
  if (moved !== holder) tryLink(aside, path);
  rmSync(aside, { force: true });
  if (moved !== holder) throw busy(folder, 'another process', path);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A process id with, where the system tells it, when that process began, since ids come round again; `undefined` for a dead one. */
function identity(pid: number): string | undefined {
  if (!(pid > 0)) return undefined;
  const stat = read(`/proc/${pid}/stat`);
  // The name in parentheses may itself have spaces and parentheses; the start time is the 20th field behind it.
  if (stat !== undefined) return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  try {
    process.kill(pid, 0);
    return `${pid}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? `${pid}` : undefined;
  }
}

function busy(folder: string, holder: string, path: string): SecateurError {
  return new SecateurError('BUSY', `${folder} is being written by ${holder}`, `Wait for it, or stop it. If it is no run, remove ${path}.`);
}
