// What each view shows of a run, and that its address can be sent to somebody.
import { enter, expect, test } from './band';
import { story } from './story';

test('a run of everything, view by view', async ({ page, project }) => {
  const run = await story(project);
  await enter(page, project);
  await expect(page.getByRole('region', { name: /Needs you/ })).toContainText('Which transport carries alerts to 3,000 clients?');
  await expect(page.getByRole('region', { name: /Needs you/ })).toContainText('Gate failed: build.contract');

  await page.goto(`${project.url}/runs/${run}/graph`);
  const graph = page.getByRole('application');
  await expect(graph.getByRole('button', { name: 'Build' }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Fold phases' }).click();
  await expect(graph.getByRole('link')).toHaveCount(0);
  await graph.getByRole('button', { name: /Verify/ }).click();
  await expect(graph.getByRole('link', { name: /e2e/ })).toBeVisible();
  // No text is under 12 pixels, however small the graph.
  const least = await graph.evaluate((element) => Math.min(...[...element.querySelectorAll('*')].filter((one) => one.textContent?.trim() && one.children.length === 0).map((one) => parseFloat(getComputedStyle(one).fontSize))));
  expect(least).toBeGreaterThanOrEqual(12);

  await page.goto(`${project.url}/runs/${run}/timeline`);
  await expect(page.getByRole('link', { name: /running api/ })).toBeVisible();
  await expect(page.getByRole('link', { name: /Decision: Which transport/ })).toBeVisible();

  await page.goto(`${project.url}/runs/${run}/tasks?state=failed`);
  await expect(page.getByText('1 of 16')).toBeVisible();
  await page.getByRole('link', { name: /build.contract/ }).click();
  const panel = page.getByRole('complementary', { name: /^Task/ });
  await expect(panel.locator('section').filter({ hasText: 'Gates' }).getByText('contract tests', { exact: true })).toBeVisible();
  await expect(panel.getByRole('heading', { name: 'Tries' })).toBeVisible();

  await page.goto(`${project.url}/runs/${run}?task=planning.spec`);
  await expect(page.getByRole('complementary', { name: /^Task/ }).locator('strong', { hasText: 'specification' })).toBeVisible();
  await expect(page.getByRole('complementary', { name: /^Task/ }).getByText('3,000 clients')).toBeVisible();
  await expect(page.getByRole('complementary', { name: /^Task/ }).getByText('out/spec.md')).toBeVisible();

  // What can be done is what its state calls for.
  await expect(page.getByRole('complementary', { name: /^Task/ }).getByRole('button', { name: /Retry|Cancel|Accept/ })).toHaveCount(0);
  await page.goto(`${project.url}/runs/${run}?task=build.transport`);
  await page.getByRole('complementary', { name: /^Task/ }).getByRole('link', { name: 'Answer' }).click();
  await expect(page.getByRole('heading', { name: /Which transport carries alerts/ })).toBeVisible();
  await expect(page.getByText('1 task waits for it')).toBeVisible();
  await page.goto(`${project.url}/runs/${run}?task=build.contract`);
  await expect(page.getByRole('complementary', { name: /^Task/ }).getByText('2 of 148 failed')).toBeVisible();

  await page.goto(`${project.url}/runs/${run}/events`);
  await page.getByLabel('Filter events').fill('decision_opened');
  await expect(page.getByText(/^2 of /)).toBeVisible();
  await page.getByRole('button', { name: /decision_opened/ }).first().click();
  await expect(page.getByText('Show the run as it was then')).toBeVisible();

  await page.goto(`${project.url}/runs/${run}/report`);
  await expect(page.getByRole('article')).toContainText('Low-stock alerts for the shop');
});

test('replay shows a run as it was', async ({ page, project }) => {
  const run = project.run('mission: Past\ntasks: [{ id: one, run: echo one }, { id: two, run: echo two, needs: [one] }]');
  await project.until(run, (status) => status.state === 'succeeded');
  await enter(page, project, `/runs/${run}/tasks?at=3`);
  await expect(page.getByRole('slider', { name: 'Event' })).toBeVisible();
  await expect(page.getByRole('link', { name: /waiting .*two/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /Retry/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Now', exact: true }).click();
  await expect(page.getByRole('link', { name: /done .*two/ })).toBeVisible();
});

test('a thousand tasks can be looked at', async ({ page, project }) => {
  const items = Array.from({ length: 1000 }, (_, at) => `t${at}`).join(', ');
  const run = project.run(`mission: Many\nlimits: { parallel: 8 }\nphases:\n  - { id: first, tasks: [{ id: many, foreach: [${items}], run: 'true' }] }\n  - { id: last, needs: [first], tasks: [{ id: end, decision: { question: Go on?, timeout: none } }] }`);
  await project.until(run, (status) => status.tasks.filter((task) => task.state === 'completed').length === 1000);
  const asked: string[] = [];
  await enter(page, project);
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${project.url}/runs/${run}/graph`);
  await expect(page.getByRole('application')).toBeVisible();
  await page.getByLabel('Find a task').fill('many.t777');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('application').getByRole('link', { name: /t777/ })).toBeVisible();
  expect(await page.getByRole('application').getByRole('link').count()).toBeLessThan(300);
  // What is chosen elsewhere comes into sight.
  await page.goto(`${project.url}/runs/${run}/graph?task=first.many.t500`);
  await expect(page.getByRole('application').getByRole('link', { name: /t500/ })).toBeInViewport();
  // What is large is read once a page, and what no view shows is not read.
  await page.getByRole('link', { name: 'Tasks' }).click();
  await expect(page.getByText('1001 tasks')).toBeVisible();
  await page.getByRole('link', { name: 'Graph' }).click();
  await expect(page.getByRole('application')).toBeVisible();
  expect(asked.filter((path) => path === `/api/v1/runs/${run}/graph`).length).toBe(2);
  expect(asked.filter((path) => path === '/api/v1/runs')).toEqual([]);
  await page.goto(`${project.url}/runs/${run}/tasks?find=t99`);
  await expect(page.getByText('11 of 1001')).toBeVisible();
});
