// The network goes and comes back; so does the server. The page says so, and misses nothing.
import { enter, expect, test } from './band';

const PLAN = `
mission: Coming and going
tasks:
  - { id: first, run: 'while [ ! -e go ]; do sleep 0.05; done' }
  - { id: second, run: 'while [ ! -e on ]; do sleep 0.05; done', needs: [first] }
`;

test('offline and back', async ({ page, project, context }) => {
  const run = project.run(PLAN);
  await enter(page, project, `/runs/${run}`);
  await expect(page.getByRole('region', { name: /At work/ }).getByRole('link', { name: 'first' })).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText(/Not connected since/)).toBeVisible();
  project.write('go', '');
  await project.until(run, (status) => status.tasks.some((task) => task.path === 'second' && task.state === 'running'));
  // What is shown is from before.
  await expect(page.getByRole('region', { name: /At work/ }).getByRole('link', { name: 'first' })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByRole('region', { name: /At work/ }).getByRole('link', { name: 'second' })).toBeVisible();
  await expect(page.getByText(/Not connected since/)).toBeHidden();
});

test('the server is ended and started again', async ({ page, project }) => {
  const run = project.run(PLAN);
  await enter(page, project, `/runs/${run}`);
  await expect(page.getByRole('region', { name: /At work/ }).getByRole('link', { name: 'first' })).toBeVisible();
  await project.stopServing();
  await expect(page.getByText(/Not connected since/)).toBeVisible();
  project.write('go', '');
  await project.until(run, (status) => status.tasks.some((task) => task.path === 'second' && task.state === 'running'));
  await project.serve();
  await expect(page.getByRole('region', { name: /At work/ }).getByRole('link', { name: 'second' })).toBeVisible();
});

test('the server is killed while a log, the start page and a filter are open, and all of them go on', async ({ page, project, context }) => {
  const run = project.run(`
mission: Killed
tasks:
  - { id: talks, run: 'echo before; while [ ! -e go ]; do sleep 0.05; done; echo between; while [ ! -e on ]; do sleep 0.05; done; echo after' }
  - { id: fails, run: 'exit 3', optional: true }
`);
  await project.until(run, (status) => status.tasks.some((task) => task.state === 'failed'));
  await enter(page, project, `/runs/${run}?task=talks&tab=log`);
  const log = page.getByRole('log');
  await expect(log.getByText('before')).toBeVisible();
  const home = await context.newPage();
  await home.goto(project.url);
  await expect(home.getByRole('row', { name: /Killed/ })).toContainText('running');

  await project.stopServing('SIGKILL');
  for (const one of [page, home]) await expect(one.getByText(/Not connected since/)).toBeVisible();
  project.write('go', '');
  await project.serve();
  for (const one of [page, home]) await expect(one.getByText(/Not connected since/)).toBeHidden();
  await expect(log.getByText('between')).toBeVisible();
  // Nothing is said twice by a log that goes on.
  await expect(log.getByText('before')).toHaveCount(1);
  project.write('on', '');
  await expect(log.getByText('after')).toBeVisible();
  await expect(home.getByRole('row', { name: /Killed/ })).toContainText('succeeded');
  await home.close();
});

test('two tabs: what is answered in one is seen in the other', async ({ page, project, context }) => {
  const run = project.run('mission: Twice\ntasks: [{ id: ask, decision: { question: Shall it go on?, timeout: none, options: [{ id: A, name: Go on }, { id: B, name: Leave it }] } }]');
  await project.until(run, (status) => status.decisions.length === 1);
  await enter(page, project, '/inbox');
  const other = await context.newPage();
  await other.goto(`${project.url}/runs/${run}/decisions/1`);
  await expect(other.getByRole('heading', { name: 'Shall it go on?' })).toBeVisible();
  await page.getByRole('button', { name: /Go on/ }).click();
  await expect(other.locator('.outcome')).toContainText('Go on');
  await expect(other).not.toHaveTitle(/^\(/);
  await expect(page.getByText('Nobody asks you anything')).toBeVisible();
  await other.close();
});

test('what is open is in the address, and is there again after a reload', async ({ page, project }) => {
  const run = project.run('mission: Again\ntasks: [{ id: one, run: echo hello }, { id: two, run: exit 3, optional: true }]');
  await project.until(run, (status) => status.tasks.every((task) => ['completed', 'failed'].includes(task.state)));
  await enter(page, project, `/runs/${run}/tasks`);
  await page.getByRole('searchbox').fill('one');
  await page.getByRole('link', { name: /done .*one/ }).click();
  await page.getByRole('complementary', { name: 'Task one' }).getByRole('link', { name: 'Log', exact: true }).click();
  await expect(page.getByRole('log')).toContainText('hello');
  await page.reload();
  await expect(page.getByRole('log')).toContainText('hello');
  await expect(page.getByText('1 of 2')).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Tries' })).toBeVisible();
});

test('without a token nothing is shown, and a pasted link opens the door', async ({ page, project }) => {
  await page.goto(project.url);
  await expect(page.getByRole('heading', { name: 'Who is there?' })).toBeVisible();
  await page.getByLabel('Link or token').fill('http://127.0.0.1/?token=wrong');
  await page.getByRole('button', { name: 'Come in' }).click();
  await expect(page.getByRole('alert')).toContainText('not accepted');
  await page.getByLabel('Link or token').fill(project.link);
  await page.getByRole('button', { name: 'Come in' }).click();
  await expect(page.getByRole('heading', { name: 'Runs', exact: true })).toBeVisible();
  expect(page.url()).not.toContain('token');
});
