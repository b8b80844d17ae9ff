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
