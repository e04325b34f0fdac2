import { existsSync } from 'node:fs';

import { defineConfig } from '@playwright/test';

/** A Chromium of this machine. Without one Playwright takes its own (`npx playwright install chromium`). */
const chromium =
  process.env['CHROMIUM'] ?? ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(path => existsSync(path));

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true, // Every test has a stand of its own, so none of them can disturb another.
  forbidOnly: true,
  reporter: 'list',
  use: {
    browserName: 'chromium',
    locale: 'ru-RU',
    timezoneId: 'Europe/Moscow',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(chromium === undefined ? {} : { executablePath: chromium }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    },
  },
});
