// One log over all tasks of a run: in the order of time, followed, filtered, with a link to each line, and obeyed by nobody.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { enter, expect, test } from './band';

const waitFor = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.05; done`;

/** Nothing that axe finds, light and dark. */
async function check(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze();
    expect(violations.map((one) => `${colorScheme}: ${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(' | ')}`)).toEqual([]);
  }
}

const PLAN = `
mission: Spoken
phases:
  - id: build
    title: Build
    tasks:
      - { id: api, run: 'echo api begins; ${waitFor('go')}; echo api goes on; echo "an error of api" >&2' }
      - { id: web, run: '${waitFor('web')}; echo web begins', needs: [] }
  - { id: ship, title: Ship, needs: [build], tasks: [{ id: send, run: echo sent }] }
`;

test('lines of all tasks come in the order of time, as they are printed, and lead to their tasks', async ({ page, project }) => {
  const run = project.run(PLAN);
  await project.until(run, (status) => status.tasks.filter((task) => task.state === 'running').length === 2);
  await enter(page, project, `/runs/${run}`);
  await page.getByRole('link', { name: 'Log', exact: true }).click();
  const log = page.getByRole('log', { name: 'Log of all tasks' });
  await expect(log.getByText('api begins')).toBeVisible();
  project.write('web', '');
  await expect(log.getByText('web begins')).toBeVisible();
  project.write('go', '');
  await expect(log.getByText('sent')).toBeVisible();
  await expect(page.getByText(/nothing more will come/)).toBeVisible();
  const texts = await log.locator('.text').allTextContents();
  expect(texts.map((text) => text.trim()).filter((text) => /begins|sent/.test(text))).toEqual(['api begins', 'web begins', 'sent']);
  await check(page);

  // Filters stand in the address.
  await page.getByLabel('Only a task or phase').fill('build');
  await page.keyboard.press('Enter');
  await expect(log.getByText('sent')).toHaveCount(0);
  await expect(log.getByText('web begins')).toBeVisible();
  await page.getByLabel('Only lines with these words').fill('ERROR');
  await expect(log.locator('mark')).toHaveText(['error']);
  await expect(log.locator('.line')).toHaveCount(1);
  await expect(page).toHaveURL(/find=ERROR/);
  await page.reload();
  await expect(log.locator('mark')).toHaveText(['error']);
  await page.getByLabel('Only lines with these words').fill('no such words');
  await expect(page.getByText('No line fits')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(log.getByText('sent')).toBeVisible();
  await page.getByRole('checkbox', { name: 'errors' }).check();
  await expect(log.locator('.line')).toHaveCount(1);
  await page.getByRole('checkbox', { name: 'errors' }).uncheck();

  await log.getByRole('link', { name: 'build.api' }).first().click();
  await expect(page.getByRole('complementary', { name: 'Task build.api' }).getByRole('log').getByText('api goes on')).toBeVisible();
});

test('a link leads to its line, also of a long log, of which only what is in sight is in the page', async ({ page, project }) => {
  const run = project.run("mission: Long\ntasks: [{ id: first, run: 'seq 1 20000' }, { id: then, run: 'seq 30001 50000', needs: [first] }]");
  await project.until(run, (status) => status.state === 'succeeded');
  await enter(page, project, `/runs/${run}/log`);
  const log = page.getByRole('log', { name: 'Log of all tasks' });
  await expect(log.getByText('50000', { exact: true })).toBeVisible();
  expect(await log.locator('.line').count()).toBeLessThan(200);
  // What stands before is read when somebody scrolls there.
  await log.evaluate((element) => { element.scrollTop = 0; });
  await expect(page.getByText('1,000 lines')).toBeVisible();
  const line = log.locator('.line').first();
  const text = await line.locator('.text').textContent();
  await line.locator('.at').click();
  await expect(page).toHaveURL(/line=/);
  const address = page.url();
  await page.goto(`${project.url}/inbox`);
  await page.goto(address);
  await expect(log.locator('.line.chosen .text')).toHaveText(text ?? '');
  await expect(log.locator('.line.chosen')).toBeInViewport();
  await expect(page.getByText(/more before, and more after/)).toBeVisible();
  // And on from there.
  await log.evaluate((element) => { element.scrollTop = element.scrollHeight; });
  await expect(page.getByText(/^1,[0-9]+ lines/)).toBeVisible();
  await page.getByRole('button', { name: 'Beginning' }).click();
  await expect(log.getByText('1', { exact: true })).toBeVisible();
  await expect(page.getByText(/from the beginning/)).toBeVisible();
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await expect(log.getByText('50000', { exact: true })).toBeVisible();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save' }).click();
  const stream = await (await saved).createReadStream();
  let all = '';
  for await (const part of stream) all += String(part);
  expect(all.trim().split('\n')).toHaveLength(40_000);
  expect(all).toMatch(/ first \| 1\n/);
});

test('what is hostile in it is text', async ({ page, project }) => {
  project.write('hostile.sh', `#!/bin/sh
printf '\\033[31mred words\\033[0m and plain ones\\n'
printf '<script>document.title="pwned"</script><img src=x onerror="document.title=1">\\n'
printf '\\033]0;a title\\007\\033[2J\\033[Hafter escapes\\n'
printf '\\033]8;;javascript:alert(1)\\033\\\\click me\\033]8;;\\033\\\\\\n'
head -c 40000 /dev/zero | tr '\\0' x; echo
`);
  const run = project.run('mission: Loud\ntasks: [{ id: noisy, run: ./hostile.sh }]');
  await project.until(run, (status) => status.state === 'succeeded');
  page.on('dialog', () => { throw new Error('a script ran'); });
  await enter(page, project, `/runs/${run}/log`);
  const log = page.getByRole('log', { name: 'Log of all tasks' });
  await expect(log.getByText('<script>document.title="pwned"</script>')).toBeVisible();
  await expect(log.getByText('after escapes')).toBeVisible();
  await expect(log.getByText('click me')).toBeVisible();
  await expect(log.locator('.fg-ansi-red')).toHaveText('red words');
  await expect(log.locator('.text a, img, script')).toHaveCount(0);
  await expect(page).not.toHaveTitle('pwned');
  await log.getByRole('button', { name: /more$/ }).first().click();
  await expect(page.getByRole('dialog', { name: /A line of/ })).toBeVisible();
});

test('it goes on where it was when the server comes back', async ({ page, project }) => {
  const run = project.run(`mission: Killed\ntasks: [{ id: talks, run: 'echo before; ${waitFor('go')}; echo between; ${waitFor('on')}; echo after' }]`);
  await enter(page, project, `/runs/${run}/log`);
  const log = page.getByRole('log', { name: 'Log of all tasks' });
  await expect(log.getByText('before')).toBeVisible();
  await project.stopServing('SIGKILL');
  await expect(page.getByText(/Not connected since/)).toBeVisible();
  project.write('go', '');
  await project.serve();
  await expect(log.getByText('between')).toBeVisible();
  await expect(log.getByText('before')).toHaveCount(1);
  project.write('on', '');
  await expect(log.getByText('after')).toBeVisible();
});
