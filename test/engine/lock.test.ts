import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockFolder, lockName } from '../../src/engine/lock.ts';
import { temporaryFolder } from '../support/runs.ts';

it('lets one in at a time, also within one process, and leaves nothing behind', () => {
  const folder = temporaryFolder();
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(/this process/);
  lock[Symbol.dispose]();
  expect(readdirSync(folder)).toEqual([]);
  const again = lockFolder(folder);
  lock[Symbol.dispose]();
  expect(readdirSync(folder)).toEqual([lockName]);
  again[Symbol.dispose]();
  expect(readdirSync(folder)).toEqual([]);
});

it('takes over from a process that is gone, or whose id has come round to another', () => {
  const folder = temporaryFolder();
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  for (const holder of [`${dead} 123`, 'nonsense', '', `${process.ppid} 1`]) {
    writeFileSync(join(folder, lockName), holder);
    lockFolder(folder)[Symbol.dispose]();
    expect(readdirSync(folder)).toEqual([]);
  }
});

it.runIf(process.platform === 'linux')('is kept out by another process that is alive', () => {
  const folder = temporaryFolder();
  const lock = lockFolder(folder);
  const script = `import { existsSync } from 'node:fs'; process.exit(existsSync(${JSON.stringify(join(folder, lockName))}) ? 3 : 0)`;
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).status).toBe(3);
  lock[Symbol.dispose]();
  // The start time of the parent stands in its own lock, so a lock with both right is alive.
  const stat = spawnSync('cat', [`/proc/${process.ppid}/stat`], { encoding: 'utf8' }).stdout;
  writeFileSync(join(folder, lockName), `${process.ppid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`);
  expect(() => lockFolder(folder)).toThrow(`process ${process.ppid}`);
});
