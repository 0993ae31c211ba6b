// Takes the place of the desktop `code` binary: @vscode/test-electron starts it with --extensionDevelopmentPath, --extensionTestsPath and
// a folder. It opens that folder in the web client of the test host, where the extension host (a real one, in a Node process) loads the
// tests, and ends with their exit code.
import { rmSync } from 'node:fs';
import { format } from 'node:util';
import { chromium } from '@playwright/test';
import { freshDir, startServer } from './host-server.mjs';
import { CHROMIUM_ARGS, chromiumPath } from './test-host.mjs';

const TIMEOUT_S = Number(process.env.TEST_HOST_TIMEOUT ?? 600);

// What the web client itself logs at its start; shown with TEST_HOST_VERBOSE=1.
const VERBOSE = !!process.env.TEST_HOST_VERBOSE;
const NOISE = new RegExp(
  `^(${[
    'Resolv(ing|ed) connection token',
    'Creating a socket',
    '\\[reconnection-grace-time\\]',
    'Updating additional builtin',
    '\\[AgentHost',
    '\\[AccountPolicyGate\\]',
    '\\[Service Worker\\]',
    'Timed out waiting for authentication provider',
    'Extension host (agent|\\(Remote\\))',
    'Creation of workbench contribution',
    '\\[DefaultAccount\\]',
    '\\[chat-stt\\]',
    'Ignoring fetching additional builtin',
    'No search provider registered',
  ].join('|')})`,
);

/** @type {string[]} */
const extensions = [];
/** @type {string | undefined} */
let tests;
/** @type {string | undefined} */
let folder;
for (const arg of process.argv.slice(2)) {
  const [, name, value] = /^--([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
  if (name === 'extensionDevelopmentPath') extensions.push(value ?? '');
  else if (name === 'extensionTestsPath') tests = value;
  else if (!name) folder = arg;
  // The rest are flags for Electron, or folders that the host makes for itself.
}
if (!tests || extensions.length === 0) {
  console.error('Expected --extensionDevelopmentPath=... and --extensionTestsPath=...');
  process.exit(2);
}

const workspace = folder ?? freshDir('ws');
/** @typedef {{ code: number, why?: string }} End */
let finish = (/** @type {End} */ _end) => {};
/** @type {Promise<End>} */
const result = new Promise((resolve) => {
  finish = resolve;
});
/** @type {Awaited<ReturnType<typeof startServer>> | undefined} */
let server;
/** @type {import('@playwright/test').Browser | undefined} */
let browser;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => finish({ code: 130, why: signal }));
const timer = setTimeout(() => finish({ code: 1, why: `no result in ${TIMEOUT_S} s` }), TIMEOUT_S * 1000);

let code = 1;
try {
  server = await startServer({ testDriver: true });
  server.exited.then((how) => finish({ code: 1, why: `the server ended (${how})` }));
  const handled = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS, ...handled });
  browser.on('disconnected', () => finish({ code: 1, why: 'the browser ended' }));
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('crash', () => finish({ code: 1, why: 'the page crashed' }));
  // Called by the workbench in test mode: console calls of the extension host, and the end of the run.
  await page.exposeFunction('codeAutomationLog', (/** @type {string} */ type, /** @type {unknown[]} */ args) => {
    if (!VERBOSE && NOISE.test(String(args[0]))) return;
    const stream = type === 'error' || type === 'warn' ? process.stderr : process.stdout;
    stream.write(`${format(...args)}\n`);
  });
  await page.exposeFunction('codeAutomationExit', (/** @type {number} */ exitCode) => finish({ code: exitCode }));
  const { authority } = server;
  const remote = (/** @type {string} */ path) => `vscode-remote://${authority}${encodeURI(path)}`;
  /** @type {[string, string][]} */
  const payload = extensions.map((path) => ['extensionDevelopmentPath', remote(path)]);
  await page.goto(server.url(workspace, [...payload, ['extensionTestsPath', remote(tests)], ['skipWelcome', 'true']]));
  const end = await result;
  code = end.code;
  if (end.why) {
    console.error(`Test host: ${end.why}`);
    console.error(server.logs());
  }
} catch (e) {
  console.error(e);
} finally {
  clearTimeout(timer);
  await browser?.close().catch(() => {});
  await server?.stop();
  if (!folder) rmSync(workspace, { recursive: true, force: true });
}
process.exit(code);
