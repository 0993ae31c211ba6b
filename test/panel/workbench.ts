/** What a user does in the workbench, and a server with a workspace of its own for every test. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type FrameLocator, type Locator, type Page } from '@playwright/test';
import { freshDir, makeWorkspace, startServer } from '../../scripts/host-server.mjs';
import { root } from '../../scripts/test-host.mjs';

type Server = Awaited<ReturnType<typeof startServer>>;

/** The ids of the editor's themes, the class they give the workbench, and that of a webview's body. */
export const themes = {
  dark: { id: 'Dark Modern', workbench: /\bvs-dark\b/, webview: /\bvscode-dark\b/ },
  light: { id: 'Light Modern', workbench: /\bvs\b(?!-)/, webview: /\bvscode-light\b/ },
  'dark-high-contrast': { id: 'Default High Contrast', workbench: /\bhc-black\b/, webview: /\bvscode-high-contrast\b(?!-)/ },
  'light-high-contrast': { id: 'Default High Contrast Light', workbench: /\bhc-light\b/, webview: /\bvscode-high-contrast-light\b/ },
} as const;

export type ThemeName = keyof typeof themes;

export class Workbench {
  readonly page: Page;
  readonly server: Server;
  readonly folder: string;

  constructor(page: Page, server: Server, folder: string) {
    this.page = page;
    this.server = server;
    this.folder = folder;
  }

  async open(): Promise<void> {
    await this.page.goto(this.server.url(this.folder));
    await this.page.locator('.monaco-workbench').waitFor({ timeout: 90_000 });
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 90_000 });
    await this.find('Secateur: Show Engine Log'); // Now the editor knows the extension; before, a recipe would open as text.
    await this.page.keyboard.press('Escape');
  }

  /** Leaves the palette open with the command focused. It closes when focus moves during start-up: then it is tried again. */
  async find(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type="text"]');
    await expect(async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('F1');
      await input.waitFor({ timeout: 3000 });
      await input.fill(`>${title}`);
      await expect(this.quickPickRow()).toContainText(title, { timeout: 3000 });
    }).toPass({ timeout: 90_000 });
  }

  /** The row that Enter would choose. */
  quickPickRow(): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row.focused');
  }

  async runCommand(title: string): Promise<void> {
    await this.find(title);
    await this.page.keyboard.press('Enter');
  }

  /** The titles that the palette lists for some words. */
  async offered(words: string): Promise<string[]> {
    await this.find('View: Close All Editors'); // The palette is up and its list is complete.
    await this.page.locator('.quick-input-widget input[type="text"]').fill(`>${words}`);
    await this.page.waitForTimeout(1000);
    const rows = await this.page.locator('.quick-input-list .monaco-list-row').allInnerTexts();
    await this.page.keyboard.press('Escape');
    return rows;
  }

  async openFile(name: string): Promise<void> {
    await expect(async () => {
      await this.page.locator('.explorer-folders-view').getByRole('treeitem', { name }).dblclick({ timeout: 5000 });
      await this.tab(name).waitFor({ timeout: 5000 });
    }).toPass({ timeout: 90_000 });
  }

  /** VS Code wires up custom editors when it is idle: a file opened too early opens as text. Then it is closed and tried again. */
  async openPanel(name: string): Promise<void> {
    await expect(async () => {
      await this.openFile(name);
      try {
        await this.page.locator('iframe.webview.ready').first().waitFor({ state: 'attached', timeout: 10_000 });
      } catch (e) {
        await this.runCommand('View: Close All Editors');
        throw e;
      }
    }).toPass({ timeout: 120_000 });
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** A webview is an iframe in an iframe: the outer one is the editor's, the inner one is ours. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text });
  }

  /** Waits for the message that a run has ended, and follows it to the report. */
  async openReportOfRun(timeout: number): Promise<void> {
    await this.notification('Open Report').getByRole('button', { name: 'Open Report' }).click({ timeout });
    await expect(this.page.getByRole('tab', { name: /report/i })).toBeVisible();
    await expect(
      this.webview()
        .getByText(/perplexity/i)
        .first(),
    ).toBeVisible();
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** Through the workspace's settings, which the workbench watches. */
  async setTheme(name: ThemeName): Promise<void> {
    this.write('.vscode/settings.json', JSON.stringify({ 'workbench.colorTheme': themes[name].id }));
    await expect(this.page.locator('.monaco-workbench')).toHaveClass(themes[name].workbench);
    for (const frame of await this.page.locator('iframe.webview.ready').all())
      if (await frame.isVisible())
        await expect(frame.contentFrame().frameLocator('iframe#active-frame').locator('body')).toHaveClass(themes[name].webview);
    await this.page.waitForTimeout(500); // Some colours of the workbench fade for a moment.
  }

  /** To .test-artefacts/, for someone to look at. */
  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(root, '.test-artefacts', 'screenshots', `${name}.png`) });
  }

  /** The serious accessibility faults inside the webview that is seen, if one is; those of the editor itself are not ours. */
  async accessibilityFaults(): Promise<string[]> {
    const webview = this.page.locator('iframe.webview.ready');
    if ((await webview.count()) === 0 || !(await webview.isVisible())) return [];
    // A webview's own body is see-through: axe would take what is behind it for white.
    await this.webview()
      .locator('body')
      .evaluate((body) => {
        body.style.backgroundColor = 'var(--vscode-editor-background)';
      });
    const axe = new AxeBuilder({ page: this.page }).include(['iframe.webview.ready', 'iframe#active-frame', 'body']);
    const { violations } = await axe.analyze();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help} ${node.target.join(' ')} ${node.html.slice(0, 200)}`));
  }
}

interface Options {
  /** The text of the only file of the workspace, instead of recipes and the sample checkpoint. */
  bare: string | undefined;
}

interface WorkerOptions {
  /** Whether the editor asks for trust in the workspace, and shows it restricted until then. */
  trust: boolean;
}

export const test = base.extend<{ workbench: Workbench } & Options, { server: Server } & WorkerOptions>({
  bare: [undefined, { option: true }],
  trust: [false, { option: true, scope: 'worker' }],

  // One server for all tests of a worker; every test gets a workspace of its own.
  server: [
    async ({ trust }, use) => {
      const vsix = process.env.TEST_VSIX;
      const server = await startServer({ trust, ...(vsix ? { vsix } : { extension: root }) });
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],

  workbench: async ({ page, server, bare }, use, info) => {
    const folder = bare === undefined ? makeWorkspace() : freshDir('ws');
    if (bare !== undefined) writeFileSync(join(folder, 'notes.md'), bare);
    const workbench = new Workbench(page, server, folder);
    await workbench.open();
    await use(workbench);
    if (info.status !== info.expectedStatus) {
      await info.attach('host.log', { body: server.output() + server.logs(), contentType: 'text/plain' });
      await info.attach('frames.html', { body: await frameTexts(page), contentType: 'text/plain' });
    }
    await page.goto('about:blank'); // Ends the extension host of this window.
    rmSync(folder, { recursive: true, force: true });
  },
});

/** The pages within the page, which the screenshot of a blank panel does not tell. */
async function frameTexts(page: Page): Promise<string> {
  const frames = page.frames().slice(1);
  const texts = await Promise.all(frames.map((frame) => frame.content().catch((error) => String(error))));
  return frames.map((frame, i) => `--- ${frame.url()}\n${texts[i]}\n`).join('');
}

export { expect };
