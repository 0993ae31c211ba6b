// The name of a packaged extension, for those who make it and those who install it.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './test-host.mjs';

/** @param {string} folder @param {string} target as in linux-x64 */
export function packagePath(folder, target) {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return join(resolve(folder), `${name}-${version}-${target}.vsix`);
}
