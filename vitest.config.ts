import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], exclude: ['test/host/**', 'test/panel/**'], testTimeout: 60_000, pool: 'forks', maxWorkers: 2 },
});
