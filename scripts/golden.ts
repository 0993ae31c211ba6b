/** Writes the generated files that are stale, and says which. Run by run.mjs, from the repository's root. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generatedFiles } from './generated/files.ts';

for (const [path, content] of generatedFiles('.')) {
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  writeFileSync(path, content);
  console.log(`wrote ${path}`);
}
