/** What the installed package holds. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './workbench.ts';

test('the package holds the native files of this platform only, and what the commands need', ({ server }) => {
  test.skip(!process.env.TEST_VSIX, 'only where the package is installed');
  const extensions = join(server.dir, 'extensions');
  const folder = join(extensions, readdirSync(extensions).find((name) => name.startsWith('secateur.secateur-'))!);
  const binaries = join(folder, 'dist/node_modules/onnxruntime-node/bin/napi-v6');
  expect(readdirSync(binaries)).toEqual([process.platform]);
  expect(readdirSync(join(binaries, process.platform))).toEqual([process.arch]);
  const needed = [
    'dist/extension.cjs',
    'dist/engine.js',
    'dist/language.js',
    'dist/cli.js',
    'media/sample/config.json',
    'media/default-text/default.txt',
  ];
  expect(needed.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  expect(readdirSync(folder).filter((name) => ['src', 'test', 'node_modules', 'scripts'].includes(name))).toEqual([]);
});
