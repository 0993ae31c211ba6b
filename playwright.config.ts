/** Browser tests: the panels alone on static pages, and whole stories in the workbench of the test host. */

import { defineConfig } from '@playwright/test';
import { CHROMIUM_ARGS, chromiumPath } from './scripts/test-host.mjs';

/** Figures of speed are taken on an idle machine, and decide no test: `npm run bench:editor`. */
const figures = process.env.SECATEUR_BENCH ? [] : ['**/activation.e2e.spec.ts', '**/frames.spec.ts'];

// biome-ignore lint/style/noDefaultExport: Playwright reads the default export
export default defineConfig({
  testDir: 'test/panel',
  forbidOnly: !!process.env.CI,
  // Each worker of the workbench starts a server and a browser: one fills two cores.
  workers: 1,
  reporter: [['list']],
  // A busy machine is slow to start; an expectation that fails still ends in time.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 15_000,
    screenshot: 'only-on-failure',
    // No trace: it takes a snapshot of the whole workbench at every step. Run with --trace on when you need one.
    launchOptions: { executablePath: chromiumPath(), args: CHROMIUM_ARGS },
  },
  projects: [
    { name: 'pages', outputDir: '.test-artefacts/pages', testMatch: '*.spec.ts', testIgnore: ['**/*.e2e.spec.ts', ...figures] },
    {
      name: 'workbench',
      outputDir: '.test-artefacts/workbench',
      testMatch: '*.e2e.spec.ts',
      testIgnore: figures,
      timeout: 240_000,
      expect: { timeout: 30_000 },
      retries: 1,
    },
    { name: 'pictures', outputDir: '.test-artefacts/pictures', testMatch: '*.pictures.ts' },
  ],
});
