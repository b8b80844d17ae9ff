// What runs of one plan have in common and what not, what hangs on what over time, and the way back.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { enter, expect, test } from './band';

/** Nothing that axe finds, light and dark. */
async function check(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze();
    expect(violations.map((one) => `${colorScheme}: ${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(' | ')}`)).toEqual([]);
  }
}

test('runs of one plan stand beside each other: how long each took, and which task failed in which', async ({ page, project }) => {
  const plan = `
mission: Nightly
phases:
  - { id: build, title: Build it, tasks: [{ id: core, run: 'true' }, { id: shaky, run: 'test ! -e broken', optional: true }] }
  - { id: ship, title: Ship, needs: [build], tasks: [{ id: send, run: 'true' }] }
`;
  const runs: string[] = [];
  for (const broken of [false, true, false]) {
    if (broken) project.write('broken', ''); else project.remove('broken');
    const run = project.run(plan, 'nightly.yaml');
    await project.until(run, (status) => status.state === 'succeeded');
    runs.push(run);
  }
  const other = project.run('mission: Once\ntasks: [{ id: one, run: echo one }]', 'once.yaml');
  await project.until(other, (status) => status.state === 'succeeded');

  // At home: plans that ran more than once.
  await enter(page, project);
  const overTime = page.getByRole('region', { name: 'Over time' });
  await expect(overTime.getByRole('list', { name: /nightly.yaml/ }).getByRole('link')).toHaveCount(3);
  await expect(overTime).not.toContainText('once.yaml');
  await expect(page.getByRole('table', { name: /nightly.yaml/ }).getByRole('row')).toHaveCount(4);
  // One stop of the keyboard, on the newest; arrows go on from there, and what it was is said.
  const bars = overTime.getByRole('list', { name: /nightly.yaml/ });
  await bars.getByRole('link', { name: new RegExp(runs[2] ?? '') }).focus();
  await expect(overTime.getByText(`${runs[2]} succeeded`)).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(bars.getByRole('link', { name: new RegExp(runs[1] ?? '') })).toBeFocused();
  await expect(overTime.getByText(/1 failed/)).toBeVisible();
  expect(await bars.getByRole('link').evaluateAll((all) => all.filter((one) => one.tabIndex === 0).length)).toBe(1);
  await check(page);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/runs/${runs[1]}$`));

  await page.goto(`${project.url}/runs/${runs[2]}`);
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByText('3 runs of nightly.yaml')).toBeVisible();
  const shaky = page.getByRole('link', { name: 'build.shaky: failed in 1 of 3 runs' });
  await expect(shaky).toBeVisible();
  await expect(page.getByTitle(`build.shaky in ${runs[1]}: failed`)).toBeVisible();
  await check(page);
  // By keyboard from task to task and from run to run; what is in a row that is only a title is passed over.
  await page.getByRole('link', { name: /^build.core: failed in 0/ }).focus();
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  await expect(page.getByTitle(`build.shaky in ${runs[1]}: failed`)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTitle(new RegExp(`ship.send in ${runs[1]}`))).toBeFocused();
  await page.getByRole('checkbox', { name: /only tasks that failed/ }).check();
  await expect(page.getByRole('link', { name: /^build.core: failed/ })).toHaveCount(0);
  await page.getByTitle(`build.shaky in ${runs[1]}: failed`).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${runs[1]}\\?task=build.shaky`));
});

test('the timeline has arrows from what a task needs and to what needs it, and along the critical path', async ({ page, project }) => {
  const run = project.run(`
mission: Joined
phases:
  - { id: first, title: First, tasks: [{ id: a, run: echo a }, { id: many, foreach: [x, y], run: echo many }] }
  - { id: then, title: Then, needs: [first], tasks: [{ id: b, run: echo b }, { id: c, run: echo c, needs: [b] }, { id: d, run: echo d, needs: [b] }] }
`);
  await project.until(run, (status) => status.state === 'succeeded');
  await enter(page, project, `/runs/${run}/timeline`);
  const line = page.getByRole('link', { name: /done b/ });
  await expect(line).toBeVisible();
  const arrows = page.locator('svg.arrows path.line');
  await expect(arrows).toHaveCount(0);
  // With the keyboard, and with the pointer.
  await line.focus();
  await expect(page.getByRole('status').getByText('then.b needs first; needed by')).toBeVisible();
  await expect(page.locator('svg.arrows path.line.need')).toHaveCount(1);
  await expect(page.locator('svg.arrows path.line.follows')).toHaveCount(2);
  await check(page);
  await line.blur();
  await expect(arrows).toHaveCount(0);
  await page.getByRole('link', { name: /done c/ }).hover();
  await expect(page.locator('svg.arrows path.line.need')).toHaveCount(2);
  await page.mouse.move(0, 0);
  await expect(arrows).toHaveCount(0);
  await page.getByRole('checkbox', { name: 'arrows along it' }).check();
  await expect(page).toHaveURL(/arrows=critical/);
  await expect.poll(() => page.locator('svg.arrows path.line.critical').count()).toBeGreaterThan(0);
});

test('the way back stands above every view, on a phone, too', async ({ page, project }) => {
  const run = project.run("mission: Way back\ntasks: [{ id: ask, decision: { question: Go on?, timeout: none } }, { id: one, run: echo one }]");
  await project.until(run, (status) => status.decisions.length === 1);
  await enter(page, project, `/runs/${run}/timeline?task=one`);
  const crumbs = page.getByRole('banner').or(page.locator('main')).or(page.locator('.top')).getByRole('navigation', { name: 'Breadcrumb' }).first();
  await expect(crumbs.getByText('one', { exact: true })).toHaveAttribute('aria-current', 'page');
  await crumbs.getByRole('link', { name: 'Way back' }).click();
  await expect(page).toHaveURL(`${project.url}/runs/${run}/timeline`);
  await page.goto(`${project.url}/runs/${run}/decisions/1`);
  await expect(crumbs.getByText('Question 1')).toBeVisible();
  await crumbs.getByRole('link', { name: 'Way back' }).click();
  await expect(page).toHaveURL(`${project.url}/runs/${run}`);
  await crumbs.getByRole('link', { name: 'All runs' }).click();
  await expect(page.getByRole('heading', { name: 'Runs', exact: true })).toBeVisible();
  for (const place of ['inbox', 'webhooks']) {
    await page.goto(`${project.url}/${place}`);
    await expect(page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'All runs' })).toBeVisible();
  }
  // On a phone the task lies over the run, and has the way back itself.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${project.url}/runs/${run}/tasks?task=one`);
  const panel = page.getByRole('complementary', { name: 'Task one' });
  await expect(panel.getByRole('button', { name: 'Close' })).toBeInViewport();
  await panel.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Way back' }).click();
  await expect(panel).toHaveCount(0);
  await expect(page).toHaveURL(`${project.url}/runs/${run}/tasks`);
});

test('tasks are chosen by what they need and what hangs on them; what is chosen by an address is in sight', async ({ page, project }) => {
  const items = Array.from({ length: 120 }, (_, at) => `t${at}`).join(', ');
  const run = project.run(`
mission: Chosen
limits: { parallel: 8 }
tasks:
  - { id: spec, run: 'true' }
  - { id: api, run: 'true', needs: [spec] }
  - { id: list, run: 'true', needs: [spec] }
  - { id: glue, run: 'true', needs: [api, list] }
  - { id: many, foreach: [${items}], run: 'true' }
`);
  await project.until(run, (status) => status.state === 'succeeded');
  await enter(page, project, `/runs/${run}/timeline`);
  const rows = page.getByRole('region', { name: 'Tasks over time' }).getByRole('link');
  await page.getByLabel('Filter tasks').fill('+glue');
  await expect(rows).toHaveCount(4);
  await page.getByLabel('Filter tasks').fill('api+');
  await expect(rows).toHaveCount(2);
  await page.getByLabel('Filter tasks').fill('api+ nothing');
  await expect(page.getByText('No task fits')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  // The same words mean the same in the list of tasks.
  await page.goto(`${project.url}/runs/${run}/tasks?find=${encodeURIComponent('+glue')}`);
  await expect(page.getByText('4 of 124')).toBeVisible();
  for (const view of ['timeline', 'tasks?by=path']) {
    await page.goto(`${project.url}/runs/${run}/${view}${view.includes('?') ? '&' : '?'}task=many.t99`);
    await expect(page.locator('main').getByRole('link', { name: /t99\b/ })).toBeInViewport();
  }
});

test('events are shown by task, and saved as they are stored', async ({ page, project }) => {
  const run = project.run("mission: In brief\ntasks: [{ id: one, run: 'test -e there || { touch there; exit 1; }', retry: { limit: 1, backoff: 10ms } }]");
  await project.until(run, (status) => status.state === 'succeeded');
  await enter(page, project, `/runs/${run}/events`);
  await page.getByRole('group', { name: 'How' }).getByRole('button', { name: 'by task' }).click();
  const row = page.getByRole('button', { name: /task_completed one, \d+ events, 2 tries/ });
  await row.click();
  await expect(page.getByLabel(/^\d+ events$/)).toContainText('"attempt_failed"');
  await check(page);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save' }).click();
  const stream = await (await saved).createReadStream();
  let text = '';
  for await (const part of stream) text += String(part);
  const lines = text.trim().split('\n').map((line) => JSON.parse(line) as { seq: number });
  expect(lines.map((line) => line.seq)).toEqual(Array.from({ length: project.status(run).seq }, (_, at) => at + 1));
});

test('a run that has ended is run again', async ({ page, project }) => {
  const run = project.run('mission: Again\ntasks: [{ id: one, run: echo one }]', 'again.yaml');
  await project.until(run, (status) => status.state === 'succeeded');
  await enter(page, project, `/runs/${run}`);
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(page.getByRole('dialog').getByLabel('Plan, by name or path')).toHaveValue('again.yaml');
  await page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page).not.toHaveURL(new RegExp(run));
  await expect(page.locator('header').getByText('succeeded')).toBeVisible();
  await page.getByRole('link', { name: 'History' }).click();
  await expect(page.getByText('2 runs of again.yaml')).toBeVisible();
});
