// The pictures in docs/DASHBOARD.md, made anew with `PICTURES=1 npm run e2e -- pictures`. In a normal run each view is only opened at each size,
// and must not be wider than the screen.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { enter, expect, test } from './band';
import { nights, story } from './story';

const FOLDER = join(fileURLToPath(import.meta.url), '../../../docs/dashboard');
// `zoomed` is a laptop at 200 %.
const SIZES = { phone: { width: 390, height: 844 }, laptop: { width: 1280, height: 800 }, wide: { width: 1920, height: 1080 }, zoomed: { width: 640, height: 400 } };
const VIEWS = { home: null, board: '', graph: '/graph', timeline: '/timeline?arrows=critical', tasks: '/tasks?task=build.api&tab=log', question: '/decisions/2', report: '/report', costs: '/costs', log: '/log', history: '/history', change: '/tasks', events: '/events', webhooks: null } as const;

/** Picks three tasks and says that they are to be changed. */
async function pickAndChange(page: Page): Promise<void> {
  for (const task of ['build.contract', 'verify.e2e', 'verify.load']) await page.getByRole('checkbox', { name: `Pick ${task}` }).check();
  await page.getByRole('button', { name: 'Change them' }).click();
  await expect(page.getByRole('dialog').getByText(/What is left takes/)).toBeVisible();
}
const KEPT = ['home-laptop-light', 'board-laptop-light', 'board-wide-dark', 'board-phone-light', 'graph-laptop-light', 'timeline-laptop-light', 'tasks-laptop-light', 'log-laptop-light', 'history-laptop-light', 'change-laptop-light', 'question-laptop-light', 'question-phone-dark', 'webhooks-laptop-light'];

/** What makes the page wider than the screen. */
function tooWide(): string[] {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  return [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => `${one.tagName} ${one.getAttribute('class') ?? ''}`);
}

test('every view fits into a phone, a laptop and a wide screen', async ({ page, project }) => {
  test.setTimeout(300_000);
  // Somebody is told, and somebody who should be does not answer.
  const told = createServer((request, response) => { request.resume().on('end', () => response.writeHead(204).end()); });
  await new Promise<void>((ready) => told.listen(0, '127.0.0.1', ready));
  const hook = (name: string, port: number): string => `[[webhooks]]\nname = "${name}"\nurl = "http://127.0.0.1:${port}/band"\nallow = ["127.0.0.1"]\nevents = ["decision*", "agent_failed", "orchestration_*"]\n`;
  project.write('band.toml', hook('ops', (told.address() as AddressInfo).port) + hook('archive', 9));
  await project.stopServing();
  await project.serve();
  const nightly = await nights(project);
  const run = await story(project);
  await enter(page, project);
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colours of ['light', 'dark'] as const) {
      if (!process.env['PICTURES'] && colours === 'dark') continue;
      await page.emulateMedia({ colorScheme: colours, reducedMotion: 'reduce' });
      for (const [name, path] of Object.entries(VIEWS)) {
        await page.goto(project.url + (path === null ? (name === 'home' ? '/' : `/${name}`) : `/runs/${name === 'history' ? nightly : run}${path}`));
        await expect(page.locator('main')).toBeVisible();
        await expect(page.locator('.skeleton')).toHaveCount(0);
        if (name === 'change') await pickAndChange(page);
        expect(await page.evaluate(tooWide), `${name} on a ${size}`).toEqual([]);
        const picture = `${name}-${size}-${colours}`;
        if (process.env['PICTURES'] && (KEPT.includes(picture) || process.env['PICTURES'] === 'all')) {
          await page.waitForTimeout(400);
          await page.screenshot({ path: join(process.env['PICTURES_TO'] ?? FOLDER, `${picture}.png`) });
        }
      }
    }
  }
  told.close();
});
