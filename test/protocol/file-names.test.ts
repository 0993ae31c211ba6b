import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { reportFileName, reportTwinName } from '../../src/protocol/file-names.ts';

const root = new URL('../..', import.meta.url).pathname;

it.each([reportFileName, reportTwinName])('%s is spelled once', (name) => {
  const files = ['src', 'webview'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join(root, folder, path)),
  );
  const spelling = files.filter((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .some((line) => line.includes(name) && !/^\s*(\/?\*|\/\/)/.test(line)),
  );
  expect(spelling.map((path) => relative(root, path))).toEqual(['src/protocol/file-names.ts']);
});
