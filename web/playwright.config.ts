// Tests of the dashboard in Chromium, against a real `band serve` with real runs.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: true,
  // A browser on a busy machine: what fails is tried once more, and the summary calls it flaky.
  retries: 1,
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  // Beside what is installed, where nothing of the project is looked for.
  outputDir: 'node_modules/.results',
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      // Within containers the sandbox of Chromium needs rights that are not there; nothing but our own page is opened.
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    },
    trace: process.env['TRACE'] ? 'retain-on-failure' : 'off',
  },
});
