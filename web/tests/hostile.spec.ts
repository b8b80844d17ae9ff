// What tasks print and plans say is shown and never obeyed.
import { enter, expect, test } from './band';

const HOSTILE = `#!/bin/sh
printf '\\033[31mred words\\033[0m and plain ones\\n'
printf '<script>document.title="pwned"</script><img src=x onerror="document.title=1">\\n'
printf '\\033]0;a title\\007\\033[2J\\033[Hafter escapes\\n'
printf '\\033]8;;javascript:alert(1)\\033\\\\click me\\033]8;;\\033\\\\\\n'
printf 'first\\rsecond\\n'
`;

test('escapes, scripts and links in output are text', async ({ page, project }) => {
  project.write('hostile.sh', HOSTILE);
  const run = project.run('mission: "<img src=x onerror=alert(1)> [link](javascript:alert(1))"\ntasks: [{ id: noisy, run: ./hostile.sh }]');
  await project.until(run, (status) => status.state === 'succeeded');
  page.on('dialog', () => { throw new Error('a script ran'); });
  await enter(page, project, `/runs/${run}?task=noisy&tab=log`);
  const log = page.getByRole('log');
  await expect(log.getByText('<script>document.title="pwned"</script>')).toBeVisible();
  await expect(log.getByText('after escapes')).toBeVisible();
  await expect(log.getByText('click me')).toBeVisible();
  await expect(log.locator('.fg-ansi-red')).toHaveText('red words');
  await expect(log.getByText('second')).toBeVisible();
  await expect(log.locator('a, img, script')).toHaveCount(0);
  await expect(page).not.toHaveTitle('pwned');
  await page.getByLabel('Search the log').fill('plain ones');
  await expect(page.getByText('– of 1')).toBeVisible();
  await page.goto(`${project.url}/runs/${run}/report`);
  await expect(page.getByRole('article')).toContainText('Report');
  await expect(page.getByRole('article').locator('img, script, a[href^="javascript"]')).toHaveCount(0);
});

test('the last words of what failed are text, too', async ({ page, project }) => {
  project.write('hostile.sh', `${HOSTILE}exit 3\n`);
  const run = project.run('mission: Loud\ntasks: [{ id: noisy, run: ./hostile.sh }]');
  await project.until(run, (status) => status.state === 'failed');
  page.on('dialog', () => { throw new Error('a script ran'); });
  await enter(page, project, `/runs/${run}?task=noisy`);
  // On the board and in the task beside it.
  await expect(page.getByLabel('The last lines of noisy')).toHaveCount(2);
  for (const last of await page.getByLabel('The last lines of noisy').all()) {
    await expect(last).toContainText('after escapes');
    await expect(last).toContainText('click me');
    await expect(last.locator('a, img, script')).toHaveCount(0);
  }
  await expect(page.getByRole('complementary', { name: /^Task/ }).getByText('<script>document.title="pwned"</script>')).toBeVisible();
  await expect(page).not.toHaveTitle('pwned');
});

test('a line of 50 MB and a long log break nothing', async ({ page, project }) => {
  const run = project.run(`
mission: Loud
tasks:
  - { id: wide, run: 'echo begin; head -c 50000000 /dev/zero | tr "\\\\0" x; echo; echo the end' }
  - { id: long, run: 'seq 1 200000' }
`);
  await project.until(run, (status) => status.state === 'succeeded');
  await enter(page, project, `/runs/${run}?task=wide&tab=log`);
  await expect(page.getByRole('log').getByText('the end')).toBeVisible();
  await page.getByRole('button', { name: /more$/ }).last().click();
  await expect(page.getByRole('dialog', { name: /A line of/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.goto(`${project.url}/runs/${run}?task=long&tab=log`);
  await expect(page.getByRole('log').getByText('200000', { exact: true })).toBeVisible();
  // Only what is in sight is in the page.
  expect(await page.getByRole('log').locator('.line').count()).toBeLessThan(200);
  await page.getByRole('button', { name: /before this: show more/ }).click();
  await expect(page.getByRole('log')).toBeVisible();
});
