// Packages the extension for the marketplace: one .vsix a platform, with the native files of that platform only.
//
//   node scripts/package.mjs [--target linux-x64] [--out folder]
//
// Without --target it makes all of them. Nothing is compiled, so any machine can package for any other.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { packagePath } from './package-path.mjs';
import { hostNode, root } from './test-host.mjs';

const LIMIT_MIB = 40;

const { values } = parseArgs({ options: { target: { type: 'string' }, out: { type: 'string', default: '.' } } });
const modules = join(root, 'node_modules');
const binaries = join('onnxruntime-node', 'bin', 'napi-v6'); // Below it: <platform>/<arch>/.
const targets = readdirSync(join(modules, binaries)).flatMap((platform) =>
  readdirSync(join(modules, binaries, platform)).map((arch) => `${platform}-${arch}`),
);
if (values.target && !targets.includes(values.target)) {
  console.error(`onnxruntime has no binary for ${values.target}; there is ${targets.join(', ')}.`);
  process.exit(2);
}

// `files` is for the package of the command line; here .vscodeignore says what goes in.
const unpublished = ['scripts', 'devDependencies', 'private', 'files'];
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const published = Object.fromEntries(Object.entries(manifest).filter(([key]) => !unpublished.includes(key)));
// A stage of its own, so that packaging never touches the checkout's dist/ and the manifest needs no "vscode:prepublish".
const stage = mkdtempSync(join(tmpdir(), 'sct-stage-'));
try {
  run([join(root, 'esbuild.mjs'), '--production', '--outdir', join(stage, 'dist')], root);
  for (const name of ['media', '.vscodeignore', 'README.md', 'LICENSE', 'CHANGELOG.md'])
    cpSync(join(root, name), join(stage, name), { recursive: true });
  writeFileSync(join(stage, 'package.json'), JSON.stringify(published, null, 2));
  mkdirSync(resolve(values.out), { recursive: true });
  for (const target of values.target ? [values.target] : targets) makePackage(target);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

/** @param {string} target */
function makePackage(target) {
  const native = join(stage, 'dist', 'node_modules');
  rmSync(native, { recursive: true, force: true });
  copyNative(native, target);
  const file = packagePath(values.out, target);
  const vsce = [
    join(modules, '@vscode/vsce/vsce'),
    'package',
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
  ];
  run([...vsce, '--target', target, '--out', file], stage);
  const mib = statSync(file).size / 2 ** 20;
  console.log(`${file}: ${mib.toFixed(1)} MiB`);
  if (mib <= LIMIT_MIB) return;
  console.error(`The package is larger than ${LIMIT_MIB} MiB.`);
  process.exitCode = 1;
}

/** What onnxruntime-node needs at run time on one platform. @param {string} to @param {string} target */
function copyNative(to, target) {
  const [platform, arch] = target.split('-');
  for (const name of ['onnxruntime-node', 'onnxruntime-common'])
    cpSync(join(modules, name), join(to, name), {
      recursive: true,
      filter(source) {
        const path = relative(modules, source);
        if (!path.startsWith(binaries)) return !/(^|[\\/])(script|lib|__commit\.txt)$/.test(path) && !/\.(map|ts|md)$/.test(path);
        const [os, cpu] = path.slice(binaries.length + 1).split(sep);
        return (!os || os === platform) && (!cpu || cpu === arch);
      },
    });
}

/** @param {string[]} args @param {string} cwd */
function run(args, cwd) {
  // vsce wants Node 22 or later.
  const { status } = spawnSync(existsSync(hostNode) ? hostNode : process.execPath, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
