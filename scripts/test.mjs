// Runs the tests that need an editor or a browser:
//
//   node scripts/test.mjs STEP... [arguments for the test tool]
//
// host: in-host tests (mocha).  pages: the panels on static pages (Playwright).  workbench: whole stories in the workbench, the extension
// linked in from this checkout.  vsix: the same on the packaged and installed .vsix.  bench: start, memory and frame times.  pictures: those of the README.
// All of it runs in the host's own Node, since the test tools want 22 or later.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from './package-path.mjs';
import { chromiumPath, hostNode, hostSupported, installHost, root } from './test-host.mjs';

const steps = {
  host: () => step('in-host tests', [testCli, '--label', 'host', ...rest]),
  pages: () => step('panels', [playwright, 'test', '--project=pages', ...rest]),
  workbench: () => step('workbench', [playwright, 'test', '--project=workbench', ...rest]),
  vsix() {
    if (!step('package', ['scripts/package.mjs', '--target', target, '--out', tmp])) return;
    step('workbench on the .vsix', [playwright, 'test', '--project=workbench', ...rest], { TEST_VSIX: packagePath(tmp, target) });
  },
  pictures: () => step('pictures', [playwright, 'test', '--project=pictures', ...rest]),
  bench() {
    // What is measured is what is shipped.
    if (!step('build as it is shipped', ['esbuild.mjs', '--tests', '--production'])) return;
    const bench = { SECATEUR_BENCH: '1' };
    step('activation', [playwright, 'test', '--project=workbench', 'activation', ...rest], bench);
    step('start and memory', [testCli, '--label', 'bench', ...rest]);
    step('frames', [playwright, 'test', '--project=pages', 'frames', ...rest], bench);
  },
};

const testCli = join(root, 'node_modules/@vscode/test-cli/out/bin.mjs');
const playwright = join(root, 'node_modules/@playwright/test/cli.js');
const target = `${process.platform}-${process.arch}`;

const words = process.argv.slice(2);
const firstOption = words.findIndex((word) => !(word in steps));
const names = /** @type {(keyof typeof steps)[]} */ (firstOption < 0 ? words : words.slice(0, firstOption));
const rest = firstOption < 0 ? [] : words.slice(firstOption);
if (names.length === 0) fail(`Name a step first: ${Object.keys(steps).join(', ')}.`);
try {
  chromiumPath();
  if (hostSupported) installHost();
} catch (e) {
  fail(e instanceof Error ? e.message : String(e));
}

// Everything the tests put in the temporary folder goes with it at the end.
const tmp = mkdtempSync(join(tmpdir(), 'sct-'));
/** @type {string[]} */
const failures = [];
try {
  if (step('build', ['esbuild.mjs', '--tests'])) for (const name of names) steps[name]();
} finally {
  rmSync(tmp, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
if (failures.length > 0) fail(`Failed: ${failures.join(', ')}`);

/** @param {string} name @param {string[]} args @param {NodeJS.ProcessEnv} [extra] */
function step(name, args, extra = {}) {
  const started = Date.now();
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, TMPDIR: tmp, ...extra };
  delete env.NODE_OPTIONS;
  const { status, signal } = spawnSync(hostSupported ? hostNode : process.execPath, args, { cwd: root, stdio: 'inherit', env });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  if (status !== 0) failures.push(`${name} (${status ?? signal})`);
  return status === 0;
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
