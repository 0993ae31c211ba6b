// Starts the VS Code server of the test host on a free port of 127.0.0.1 with a data folder of its own, and stops it with every process
// it started. Also makes the workspaces that the tests may write to.
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostNode, hostServer, root } from './test-host.mjs';

const DEFAULT_SETTINGS = {
  'files.autoSave': 'off', // The web client's own default is afterDelay.
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
};

// Settings of the machine's own scope count only here.
const MACHINE_SETTINGS = {
  'secateur.threads': 1, // More threads than free cores make a run many times slower.
};

// Ends the server (and with it the extension host and the engine) when the test process dies without saying so.
const GUARD = `data:text/javascript,${encodeURIComponent(`
if (process.env.TEST_HOST_PARENT === String(process.ppid)) {
  const parent = process.ppid;
  setInterval(() => { if (process.ppid !== parent) process.kill(-process.pid, 'SIGKILL'); }, 500).unref();
}`)}`;

/** A short path: VS Code puts sockets below it, and a socket's path has at most 107 characters. */
export const freshDir = (/** @type {string} */ name) => mkdtempSync(join(tmpdir(), `sct-${name}-`));

/** A folder a test may write to: the recipes of test/fixtures/workspace beside a copy of the sample checkpoint. */
export function makeWorkspace() {
  const folder = freshDir('ws');
  cpSync(join(root, 'test/fixtures/workspace'), folder, { recursive: true });
  cpSync(join(root, 'media/sample'), join(folder, 'sample'), { recursive: true });
  return folder;
}

/** @param {string} vsix @param {string} dataDir */
function installVsix(vsix, dataDir) {
  const r = spawnSync(hostNode, [hostServer, '--install-extension', vsix, ...dirArgs(dataDir)], { encoding: 'utf8', timeout: 120_000 });
  if (r.status !== 0) throw new Error(`Installing ${vsix} failed:\n${r.stdout}${r.stderr}`);
}

/** @param {string} extension @param {string} dataDir */
function linkExtension(extension, dataDir) {
  const { publisher, name, version } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
  symlinkSync(extension, join(dataDir, 'extensions', `${publisher}.${name}-${version}`));
}

/** @param {string} dataDir */
function dirArgs(dataDir) {
  return ['--accept-server-license-terms', '--server-data-dir', dataDir, '--extensions-dir', join(dataDir, 'extensions')];
}

/**
 * @param {object} options
 * @param {boolean} [options.testDriver]  for in-host tests: extensionDevelopmentPath and extensionTestsPath of the payload count
 * @param {boolean} [options.trust]       asks whether a workspace is trusted, and takes it for untrusted until then
 * @param {string} [options.extension]    folder of an extension to link into the host, as if it were installed
 * @param {string} [options.vsix]         packaged extension to install into the host
 * @param {Record<string, unknown>} [options.settings]  user settings
 */
export async function startServer({ testDriver = false, trust = false, extension, vsix, settings = {} } = {}) {
  const dir = freshDir('host');
  const userDir = join(dir, 'data', 'User');
  mkdirSync(userDir, { recursive: true });
  mkdirSync(join(dir, 'data', 'Machine'));
  mkdirSync(join(dir, 'extensions'));
  const settingsFile = join(userDir, 'settings.json');
  const trustSettings = { 'security.workspace.trust.enabled': trust, 'security.workspace.trust.startupPrompt': 'never' };
  writeFileSync(settingsFile, JSON.stringify({ ...DEFAULT_SETTINGS, ...trustSettings, ...settings }, null, 2));
  writeFileSync(join(dir, 'data', 'Machine', 'settings.json'), JSON.stringify(MACHINE_SETTINGS));
  if (vsix) installVsix(vsix, dir);
  if (extension) linkExtension(extension, dir);

  const args = ['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--disable-telemetry'];
  if (!trust) args.push('--disable-workspace-trust');
  if (testDriver) args.push('--enable-smoke-test-driver');
  // Else a login shell would run to find out its environment.
  args.push('--force-disable-user-env');
  const child = spawn(hostNode, ['--import', GUARD, hostServer, ...args, ...dirArgs(dir)], {
    detached: true, // A process group of its own, so that stop() reaches all of it.
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TEST_HOST_PARENT: String(process.pid),
      NODE_OPTIONS: '',
      EXTENSIONS_GALLERY: '{"serviceUrl":""}', // No marketplace.
    },
  });

  let output = '';
  /** @type {Promise<number | string | null>} */
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  /** @type {Promise<number>} */
  const listening = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The server did not start in 60 s:\n${output}`)), 60_000);
    const read = (/** @type {string} */ chunk) => {
      output += chunk;
      const match = /Extension host agent listening on (\d+)/.exec(output);
      if (!match) return;
      clearTimeout(timer);
      resolve(Number(match[1]));
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    exited.then((how) => {
      clearTimeout(timer);
      reject(new Error(`The server ended at once (${how}):\n${output}`));
    });
  });
  const port = await listening.catch((e) => {
    kill(child.pid);
    rmSync(dir, { recursive: true, force: true });
    throw e;
  });

  const killOnExit = () => kill(child.pid);
  process.once('exit', killOnExit);

  return {
    dir,
    settingsFile,
    exited,
    authority: `127.0.0.1:${port}`,
    /** Address of the workbench with a folder open and a payload for the client. @param {string} folder @param {[string, string][]} payload */
    url(folder, payload = []) {
      const query = new URLSearchParams({ folder });
      if (payload.length) query.set('payload', JSON.stringify(payload));
      return `http://127.0.0.1:${port}/?${query}`;
    },
    output: () => output,
    /** The log files of the server and of its extension hosts. */
    logs: () => readLogs(join(dir, 'data', 'logs')),
    async stop() {
      process.removeListener('exit', killOnExit);
      try {
        process.kill(-(/** @type {number} */ (child.pid)), 'SIGTERM');
      } catch {
        // It is gone already.
      }
      await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 2000))]);
      kill(child.pid);
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** @param {number | undefined} pid */
function kill(pid) {
  if (!pid) return; // It never started.
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // No process is left in the group.
  }
}

/** @param {string} dir */
function readLogs(dir) {
  if (!existsSync(dir)) return '';
  const files = readdirSync(dir, { recursive: true })
    .map((name) => join(dir, String(name)))
    .filter((file) => file.endsWith('.log') && statSync(file).size > 0);
  return files.map((file) => `--- ${file.slice(dir.length + 1)}\n${readFileSync(file, 'utf8').slice(-4000)}`).join('\n');
}
