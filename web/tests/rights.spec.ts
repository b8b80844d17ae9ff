// What puts a run right that stands still: more of what it lacks, another decision than silence took, and being called when one is asked.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { enter, expect, test } from './band';

/** Nothing that axe finds, light and dark. */
async function check(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze();
    expect(violations.map((one) => `${colorScheme}: ${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(' | ')}`)).toEqual([]);
  }
}

const waitFor = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.05; done`;

test('a run whose time is up is given more of it', async ({ page, project }) => {
  const run = project.run(`mission: Short of time\nlimits: { time: 1s }\ntasks: [{ id: long, run: '${waitFor('go')}' }, { id: after, run: echo after, needs: [long] }]`);
  await project.until(run, (status) => status.decisions.length === 1);
  await enter(page, project, `/runs/${run}`);
  await page.getByRole('button', { name: 'Raise limits' }).click();
  const time = page.getByRole('dialog').getByLabel(/Time/);
  await expect(time).toHaveValue('2s');
  await time.fill('soon');
  await expect(page.getByRole('dialog').getByText('write 8h or 90m')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Raise and go on' })).toBeDisabled();
  await check(page);
  await time.fill('8h');
  await page.getByRole('button', { name: 'Raise and go on' }).click();
  await expect(page.locator('header').getByText('of 8 h 00 m')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Raise limits' })).toHaveCount(0);
  project.write('go', '');
  await expect(page.locator('header').getByText('succeeded')).toBeVisible();
});

test('an answer that came too late is followed after all', async ({ page, project }) => {
  const run = project.run(`
mission: Too late
tasks:
  - id: transport
    decision: { question: Which transport?, timeout: 1s, options: [{ id: A, name: WebSocket }, { id: B, name: Polling }], recommend: B }
  - { id: build, run: 'echo "$WAY" >> ways', env: { WAY: "{{ needs.transport.outputs.choice }}" }, needs: [transport] }
  - { id: other, run: '${waitFor('go')}' }
`);
  const built = (status: { tasks: { path: string; state: string }[] }): boolean => status.tasks.some((task) => task.path === 'build' && task.state === 'completed');
  await project.until(run, built);
  // What comes too late is refused, and kept.
  try { project.band('decide', run, '1', 'A', '--because', 'it must be fast'); } catch { /* it says so by its exit code */ }
  await enter(page, project, `/runs/${run}/decisions/1`);
  await expect(page.getByText('too late; the answer is kept')).toBeVisible();
  await page.getByRole('button', { name: 'Follow A after all' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('1 task that hangs on it will be done anew');
  await expect(dialog.getByRole('radio', { name: /WebSocket/ })).toBeChecked();
  await expect(dialog.getByLabel(/Reason/)).toHaveValue('it must be fast');
  await check(page);
  await dialog.getByRole('button', { name: 'Decide A' }).click();
  await expect(page.locator('.outcome')).toContainText('WebSocket');
  await expect.poll(() => readFileSync(join(project.folder, 'ways'), 'utf8')).toBe('B\nA\n');
  project.write('go', '');
  await project.until(run, (status) => status.state === 'succeeded');
});

test('the browser tells of a new question, once that was asked for and as long as it is wanted', async ({ page, project, context }) => {
  await context.grantPermissions(['notifications'], { origin: project.url });
  await page.addInitScript(() => {
    const told: string[] = [];
    const asked = { count: 0 };
    class Told extends EventTarget {
      static get permission() { return asked.count > 0 ? 'granted' : 'default'; }
      static requestPermission() { asked.count += 1; return Promise.resolve('granted' as const); }
      onclick: (() => void) | null = null;
      constructor(title: string, options: NotificationOptions) { super(); told.push(`${title}: ${options.body}`); Object.assign(window, { last: this }); }
      close() { /* nothing to put away */ }
    }
    Object.assign(window, { Notification: Told, told, asked });
    // Somebody looks at something else.
    Object.defineProperty(document, 'hidden', { get: () => true });
  });
  const told = (): Promise<string[]> => page.evaluate(() => (window as unknown as { told: string[] }).told);
  const ask = (name: string): string => project.run(`mission: ${name}\ntasks: [{ id: ask, decision: { question: Shall ${name} go on?, timeout: none } }]`, `${name}.yaml`);
  await enter(page, project);
  // Nobody is asked for a right without a click.
  expect(await page.evaluate(() => (window as unknown as { asked: { count: number } }).asked.count)).toBe(0);
  const bell = page.getByRole('button', { name: 'Notices of new questions' });
  await bell.click();
  await expect(bell).toHaveAttribute('aria-pressed', 'true');
  const first = ask('first');
  await expect.poll(told).toEqual(['first: Shall first go on?']);
  // A click on the notice leads to the question.
  await page.evaluate(() => (window as unknown as { last: { onclick: () => void } }).last.onclick());
  await expect(page).toHaveURL(new RegExp(`/runs/${first}/decisions/1$`));
  await bell.click();
  await expect(bell).toHaveAttribute('aria-pressed', 'false');
  ask('second');
  await expect(page).toHaveTitle(/^\(2\)/);
  expect(await told()).toEqual(['first: Shall first go on?']);
});

test('a check-in shows what was done and what was not before it asks', async ({ page, project }) => {
  const run = project.run(`
mission: Checked
phases:
  - id: build
    title: Build
    check_in: true
    tasks:
      - { id: api, run: 'echo "loc=1200" >> $BAND_OUTPUT; mkdir -p out; echo hi > out/api.md', outputs: [loc], deliverables: [out/api.md] }
      - { id: bad, run: 'exit 3', optional: true }
  - { id: verify, needs: [build], tasks: [{ id: e2e, run: echo ok, expected_time: 20s }] }
`);
  await project.until(run, (status) => status.decisions.length === 1);
  await enter(page, project, `/runs/${run}/decisions/1`);
  const question = page.getByRole('article');
  await expect(question.getByText('Done in Build (1)')).toBeVisible();
  await expect(question.getByText('1200', { exact: true })).toBeVisible();
  await expect(question.getByText('out/api.md', { exact: true })).toBeVisible();
  await expect(question.getByText('Not done (1)')).toBeVisible();
  await expect(question.getByRole('link', { name: 'verify.e2e' }).first()).toBeVisible();
  await check(page);
  await page.getByRole('radio').first().check();
  await page.getByRole('button', { name: 'Answer continue' }).click();
  await project.until(run, (status) => status.state.startsWith('succeeded'));
});

test('what is left of a run is changed after it was said what that brings about', async ({ page, project }) => {
  const run = project.run(`mission: Changed\ntasks: [{ id: first, run: '${waitFor('go')}' }, { id: docs, run: echo docs, needs: [first] }, { id: ship, run: echo ship, needs: [docs] }]`);
  await project.until(run, (status) => status.tasks.some((task) => task.state === 'running'));
  const asked: Record<string, unknown>[] = [];
  // What a change brings about is the engine's, and tested there. Here: that it is shown first, and that what was shown is what is asked for.
  await page.route('**/adjust', (route) => {
    const body = route.request().postDataJSON() as Record<string, unknown>;
    asked.push(body);
    if (!body['preview']) return route.fulfill({ status: 202, json: { run, accepted: 1, repeated: false, engine: null, started: false, hint: null } });
    const skipped = body['skip'] ? [{ task: 'docs', why: 'asked' }] : [];
    return route.fulfill({ json: { skipped, without: skipped.length ? [{ task: 'ship', needs: ['docs'], reads_it: false }] : [], back: [], moved: [], level: null, not_added: [], parallel: null, limits: [], told: [], starts: [], remaining: [{ least: 60_000, most: 120_000 }, { least: 30_000, most: 30_000 }] } });
  });
  await enter(page, project, `/runs/${run}?task=docs`);
  await page.getByRole('complementary', { name: /^Task/ }).getByRole('button', { name: 'Change' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('ship goes on without docs')).toBeVisible();
  await expect(dialog.getByText('takes 30 s after it, and 1 m 00 s to 2 m 00 s without it')).toBeVisible();
  await check(page);
  await dialog.getByLabel(/Reason/).fill('nobody reads them');
  await dialog.getByRole('button', { name: 'Change it' }).click();
  await expect(dialog).toHaveCount(0);
  expect(asked).toEqual([{ skip: ['docs'], preview: true }, { skip: ['docs'], because: 'nobody reads them' }]);
});
