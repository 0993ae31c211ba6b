// Bundles every door into dist/: the command line, the engine's process, the language server, the extension and its webviews.
//
//   node esbuild.mjs [--production] [--outdir dist] [--tests]
//
// --tests bundles the in-host tests into out/ as well.
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { production, outdir, tests } = parseArgs({
  options: {
    production: { type: 'boolean', default: false },
    outdir: { type: 'string', default: 'dist' },
    tests: { type: 'boolean', default: false },
  },
}).values;

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, outdir, minify: production, sourcemap: !production, logLevel: 'warning', legalComments: 'none' };

/** @type {import('esbuild').BuildOptions} */
const node = {
  ...common,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['onnxruntime-node'],
  // Packages written as CommonJS ask for `require`, which an ES module has to make for them.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);",
  },
};

/** @type {import('esbuild').BuildOptions} */
const host = {
  ...common,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.cjs' },
  external: ['vscode'],
};

/**
 * What the extension imports only when it is needed lies in a file of its own: reading code is most of what an activation takes.
 *
 * @type {import('esbuild').Plugin}
 */
const apart = {
  name: 'apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${basename(path, '.ts')}.cjs`, external: true } : undefined,
    ),
};
const extension = {
  extension: 'src/extension/main.ts',
  core: 'src/extension/core.ts',
  'language-client': 'src/extension/language-client.ts',
};

await Promise.all([
  build({ ...node, entryPoints: { cli: 'src/cli/main.ts', engine: 'src/engine/main.ts', language: 'src/language/main.ts' } }),
  build({ ...host, entryPoints: extension, plugins: [apart], supported: { 'dynamic-import': false } }),
  build({
    ...common,
    outdir: join(outdir, 'webview'),
    entryPoints: { budget: 'webview/budget/main.ts', report: 'webview/report/main.ts' },
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    tsconfig: 'webview/tsconfig.json',
  }),
]);
for (const name of ['codicon.css', 'codicon.ttf']) cpSync(join('node_modules/@vscode/codicons/dist', name), join(outdir, 'webview', name));
if (tests) {
  rmSync('out/test/host', { recursive: true, force: true });
  const entryPoints = readdirSync('test/host').filter((name) => /\.(test|bench)\.ts$/.test(name));
  await build({ ...host, entryPoints: entryPoints.map((name) => `test/host/${name}`), outdir: 'out/test/host' });
}
