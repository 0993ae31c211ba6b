// Rewrites every file that is made from the code: reference pages, the recipe's JSON Schema, the expected problems of bad recipes.
import { build } from 'esbuild';

const outfile = new URL('../dist/golden.mjs', import.meta.url).pathname;
await build({
  entryPoints: [new URL('golden.ts', import.meta.url).pathname],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Packages written as CommonJS ask for `require`, which an ES module has to make for them.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
await import(outfile);
