// In-host tests: in the headless test host where that runs; with TEST_DESKTOP=1, or anywhere else, in a desktop VS Code that
// @vscode/test-electron downloads. The test files are the same.
import { defineConfig } from '@vscode/test-cli';
import { freshDir, makeWorkspace } from './scripts/host-server.mjs';
import { hostExecutable, hostSupported, installHost, root } from './scripts/test-host.mjs';

const headless = hostSupported && !process.env.TEST_DESKTOP;
if (headless) installHost();

/** @param {string} label */
function config(label) {
  return {
    label,
    files: `out/test/host/**/*.${label === 'bench' ? 'bench' : 'test'}.cjs`,
    extensionDevelopmentPath: root,
    workspaceFolder: makeWorkspace(),
    ...(headless
      ? { useInstallation: { fromPath: hostExecutable } }
      : { version: process.env.VSCODE_VERSION ?? 'stable', launchArgs: ['--disable-extensions', '--user-data-dir', freshDir('user')] }),
    mocha: { ui: /** @type {const} */ ('bdd'), timeout: 120_000, color: true },
  };
}

// biome-ignore lint/style/noDefaultExport: the test command reads the default export
export default defineConfig([config('host'), config('bench')]);
