// Every view, light and dark: nothing that axe finds, and everything by keyboard.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { enter, expect, test } from './band';
import { story } from './story';

const VIEWS: [name: string, path: string][] = [
  ['home', '/'], ['inbox', '/inbox'], ['board', ''], ['graph', '/graph'], ['timeline', '/timeline'], ['tasks', '/tasks'], ['decisions', '/decisions'], ['question', '/decisions/2'],
  ['costs', '/costs'], ['report', '/report'], ['run log', '/log'], ['history', '/history'], ['arrows', '/timeline?task=build.glue&arrows=critical'], ['events', '/events'], ['replay', '?at=12'], ['task', '?task=build.api'], ['log', '?task=build.api&tab=log'], ['diff', '?task=build.api&tab=diff'],
  ['nothing', '/nowhere'], ['no run', '/runs/nothing'],
];

/** All rules, or only those that colours can break. */
async function check(page: Page, name: string, only: 'all' | 'colours' = 'all'): Promise<void> {
  const axe = new AxeBuilder({ page });
  const found = await (only === 'colours' ? axe.withRules(['color-contrast', 'link-in-text-block']) : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])).analyze();
  const said = found.violations.map((one) => `${name}: ${one.id}: ${one.nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).slice(0, 3).join(' | ')}`);
  expect(said).toEqual([]);
}

// In two halves, which run beside each other.
for (const half of [0, 1]) {
  test(`every view has nothing that axe finds, light and dark, ${half + 1} of 2`, async ({ page, project }) => {
    test.setTimeout(300_000);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    const run = await story(project);
    await enter(page, project);
    const both = async (name: string): Promise<void> => {
      await check(page, name);
      await page.emulateMedia({ colorScheme: 'dark' });
      await check(page, `${name}, dark`, 'colours');
      await page.emulateMedia({ colorScheme: 'light' });
    };
    for (const [name, path] of VIEWS.filter((_, at) => at % 2 === half)) {
      await page.goto(project.url + (path.startsWith('/inbox') || path === '/' || path.startsWith('/runs') ? path : `/runs/${run}${path}`));
      await expect(page.locator('main')).toBeVisible();
      await expect(page.locator('.skeleton')).toHaveCount(0);
      await both(name);
    }
    if (half === 0) return;
    await page.goto(`${project.url}/runs/${run}`);
    await page.getByRole('button', { name: 'Stop' }).click();
    await both('dialog');
  });
}

test('everything can be reached and done by keyboard', async ({ page, project }) => {
  const run = project.run('mission: Keys\ntasks: [{ id: one, run: echo one }, { id: two, run: echo two, needs: [one] }]');
  await project.until(run, (status) => status.state === 'succeeded');
  await enter(page, project, `/runs/${run}/tasks`);
  await expect(page.getByRole('link', { name: /one/ }).first()).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.getByRole('link', { name: /done .*one/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('complementary', { name: 'Task one' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('complementary', { name: /^Task/ })).toHaveCount(0);
  // Back where the keyboard was; arrows go on from there.
  await expect(page.getByRole('link', { name: /done .*one/ })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('link', { name: /done .*two/ })).toBeFocused();
  await page.goto(`${project.url}/runs/${run}/graph`);
  const graph = page.getByRole('application');
  await expect(graph.getByRole('link', { name: /done one/ })).toBeVisible();
  await graph.focus();
  const before = await graph.getByRole('link').first().getAttribute('style');
  await page.keyboard.press('+');
  await expect.poll(() => graph.getByRole('link').first().getAttribute('style')).not.toBe(before);
  await page.keyboard.press('0');
  await expect.poll(() => graph.getByRole('link').first().getAttribute('style')).toBe(before);
});

test('a dialog keeps the keyboard, and gives it back', async ({ page, project }) => {
  const run = project.run("mission: Asked\ntasks: [{ id: long, run: 'while [ ! -e go ]; do sleep 0.05; done' }]");
  await project.until(run, (status) => status.tasks.every((task) => task.state === 'running'));
  await enter(page, project, `/runs/${run}`);
  const stop = page.getByRole('button', { name: 'Stop' });
  await stop.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Stop this run?' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(stop).toBeFocused();
});

test('arrows reach rows that are not drawn yet', async ({ page, project }) => {
  const items = Array.from({ length: 300 }, (_, at) => `t${at}`).join(', ');
  const run = project.run(`mission: Many\nlimits: { parallel: 8 }\ntasks: [{ id: many, foreach: [${items}], run: 'true' }]`);
  await project.until(run, (status) => status.state === 'succeeded');
  await enter(page, project, `/runs/${run}/tasks?by=path`);
  await page.getByRole('link', { name: /many.t0$|many.t0 / }).first().focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('link', { name: /many.t99/ })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('link', { name: /many.t98/ })).toBeFocused();
});

test('a report is printed whole, without what is around it; nothing moves for who wants no motion', async ({ page, project }) => {
  const items = Array.from({ length: 60 }, (_, at) => `t${at}`).join(', ');
  const run = project.run(`mission: On paper\nlimits: { parallel: 8 }\ntasks: [{ id: many, foreach: [${items}], run: 'true' }]`);
  await project.until(run, (status) => status.state === 'succeeded');
  await enter(page, project, `/runs/${run}/report`);
  await expect(page.getByRole('article')).toContainText('On paper');
  await page.emulateMedia({ media: 'print', reducedMotion: 'reduce', colorScheme: 'dark' });
  for (const name of ['Project', 'Views of the run']) await expect(page.getByRole('navigation', { name })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Save as Markdown' })).toBeHidden();
  // All of it is on the paper: nothing scrolls within.
  const hidden = await page.evaluate(() => [...document.querySelectorAll('main, .below, .mission')].filter((one) => one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflowY !== 'visible').length);
  expect(hidden).toBe(0);
  expect(await page.getByRole('article').evaluate((element) => getComputedStyle(element).color)).toBe('rgb(23, 27, 36)');
  expect(await page.evaluate(() => [...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).transitionDuration !== '0s' || getComputedStyle(one).animationName !== 'none').length)).toBe(0);
});
