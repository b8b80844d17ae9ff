// What is done with several tasks at once, and with the rest of a run: picked, looked at, then done.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { enter, expect, test, type Status } from './band';

const waitFor = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.05; done`;
const state = (status: Status, path: string): string => status.tasks.find((task) => task.path === path)?.state ?? '';

/** Nothing that axe finds, light and dark. */
async function check(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze();
    expect(violations.map((one) => `${colorScheme}: ${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(' | ')}`)).toEqual([]);
  }
}

const PLAN = `
mission: Picked
tasks:
  - { id: holds, run: '${waitFor('go')}' }
  - { id: shaky, run: 'test -e mended', optional: true }
  - { id: wrong, run: 'test -e mended', optional: true }
  - { id: docs, run: echo docs, needs: [holds] }
  - { id: ship, run: echo ship, needs: [docs] }
`;

test('several tasks are tried again and left out in one change, which is looked at first', async ({ page, project }) => {
  const run = project.run(PLAN);
  await project.until(run, (status) => state(status, 'shaky') === 'failed' && state(status, 'wrong') === 'failed');
  project.write('mended', '');
  await enter(page, project, `/runs/${run}/tasks?by=path`);
  await page.getByRole('checkbox', { name: 'Pick docs' }).check();
  // From the keyboard: the row's link has the keyboard, the space bar picks.
  await page.getByRole('link', { name: /failed .*shaky/ }).focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('region', { name: 'Picked tasks' })).toContainText('2 tasks picked');
  // With Shift, all from there to here.
  await page.getByRole('checkbox', { name: 'Pick wrong' }).click({ modifiers: ['Shift'] });
  await expect(page.getByRole('region', { name: 'Picked tasks' })).toContainText('4 tasks picked');
  await page.getByRole('checkbox', { name: 'Pick ship' }).uncheck();
  await check(page);
  // They stay picked from view to view.
  await page.getByRole('link', { name: 'Graph', exact: true }).click();
  await page.getByRole('button', { name: 'Change them' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change 3 tasks' });
  await expect(dialog.getByText('Tried again: shaky, wrong')).toBeVisible();
  await expect(dialog.getByText('ship goes on without docs')).toBeVisible();
  await check(page);
  await dialog.getByRole('button', { name: 'Change it' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Picked tasks' })).toHaveCount(0);
  await project.until(run, (status) => state(status, 'shaky') === 'completed' && state(status, 'wrong') === 'completed' && state(status, 'docs') === 'skipped');

  // What was left out comes back.
  await page.goto(`${project.url}/runs/${run}?task=docs`);
  await page.getByRole('complementary', { name: /^Task/ }).getByRole('button', { name: 'Change' }).click();
  await expect(page.getByRole('dialog').getByText('docs is done after all')).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Change it' }).click();
  await project.until(run, (status) => state(status, 'docs') === 'pending');
  project.write('go', '');
  await project.until(run, (status) => status.state.startsWith('succeeded') && state(status, 'docs') === 'completed');
});

test('the rest of a run gets another level, more at once, larger limits and another order', async ({ page, project }) => {
  const run = project.run(`mission: Changed\nlevel: 3\nlimits: { time: 1h, parallel: 1 }\ntasks: [{ id: holds, run: '${waitFor('go')}' }, { id: one, run: '${waitFor('one')}' }, { id: two, run: '${waitFor('two')}' }, { id: three, run: echo three }]`);
  await project.until(run, (status) => state(status, 'holds') === 'running');
  await enter(page, project, `/runs/${run}`);
  await page.getByRole('button', { name: 'Change what is left' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change what is left' });
  await expect(dialog.getByText('Nothing is to be changed yet')).toBeVisible();
  await dialog.getByLabel('Another task or phase').fill('three');
  await page.keyboard.press('Enter');
  await dialog.getByLabel(/What becomes of three/).selectOption('first');
  await dialog.getByLabel(/^Level/).selectOption('4');
  await dialog.getByLabel('Tasks at once').fill('2');
  await dialog.getByLabel(/^Time of the run/).fill('soon');
  await expect(dialog.getByText('A limit is written as 8h, 40 or 5M')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Change it' })).toBeDisabled();
  await dialog.getByLabel(/^Time of the run/).fill('30m');
  // What the engine does not do is said before anything is done, in its words.
  await expect(dialog.getByText(/the limit is .* already/)).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Change it' })).toBeDisabled();
  await dialog.getByLabel(/^Time of the run/).fill('3h');
  await expect(dialog.getByText('Level 4 instead of 3')).toBeVisible();
  await expect(dialog.getByText('2 at once instead of 1')).toBeVisible();
  await expect(dialog.getByText(/three sooner, number 1/)).toBeVisible();
  await check(page);
  await dialog.getByLabel(/Reason/).fill('it is late');
  await dialog.getByRole('button', { name: 'Change it' }).click();
  await expect(page.locator('header').getByText('of 3 h 00 m')).toBeVisible();
  // Two at once, and the third before the others.
  await project.until(run, (status) => state(status, 'three') === 'completed');
  for (const file of ['go', 'one', 'two']) project.write(file, '');
  await project.until(run, (status) => status.state === 'succeeded');
});

test('in the graph, tasks are picked with Shift, by the space bar, or by a click where that was asked for', async ({ page, project }) => {
  const run = project.run(PLAN);
  await project.until(run, (status) => state(status, 'wrong') === 'failed');
  await enter(page, project, `/runs/${run}/graph`);
  const graph = page.getByRole('application');
  const picked = page.getByRole('region', { name: 'Picked tasks' });
  await graph.getByRole('link', { name: /wrong/ }).click({ modifiers: ['Shift'] });
  await expect(picked).toContainText('1 task picked');
  await graph.getByRole('link', { name: /docs/ }).focus();
  await page.keyboard.press('Space');
  await expect(picked).toContainText('2 tasks picked');
  await page.getByRole('button', { name: 'Pick', exact: true }).click();
  await graph.getByRole('link', { name: /shaky/ }).click();
  await expect(picked).toContainText('3 tasks picked');
  await expect(page.getByRole('complementary', { name: /^Task/ })).toHaveCount(0);
  await check(page);
  await picked.getByRole('button', { name: 'Pick none' }).click();
  await expect(picked).toHaveCount(0);
  project.write('go', '');
});
