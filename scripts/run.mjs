// Bundles a script that is written in TypeScript and runs it: node scripts/run.mjs NAME [ARGUMENTS].
import { build } from 'esbuild';

const name = process.argv[2];
const outfile = new URL(`../dist/${name}.mjs`, import.meta.url).pathname;
await build({
  entryPoints: [new URL(`${name}.ts`, import.meta.url).pathname],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['onnxruntime-node'],
  // Packages written as CommonJS ask for `require`, which an ES module has to make for them.
  banner: { js: "import { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);" },
  logLevel: 'warning',
});
process.argv.splice(1, 2, outfile);
await import(outfile);
