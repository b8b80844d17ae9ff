// What a person does with a run: watch it, answer, wait, cancel, retry.
import { BAND, enter, expect, test } from './band';

const waitFor = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.05; done`;

test('a run is watched live: tasks start and end on the page as they do in the engine', async ({ page, project }) => {
  const run = project.run(`
mission: Two steps
tasks:
  - { id: first, run: '${waitFor('go-first')}' }
  - { id: second, run: '${waitFor('go-second')}', needs: [first] }
`);
  await enter(page, project);
  await expect(page.getByRole('link', { name: 'Two steps' }).first()).toBeVisible();
  await page.getByRole('link', { name: 'Two steps' }).first().click();
  const work = page.getByRole('region', { name: /At work/ });
  await expect(work.getByRole('link', { name: 'first' })).toBeVisible();
  project.write('go-first', '');
  await expect(work.getByRole('link', { name: 'second' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Lately' }).getByRole('link', { name: 'first' })).toBeVisible();
  project.write('go-second', '');
  await expect(page.locator('header').getByText('succeeded')).toBeVisible();
  expect(project.status(run).state).toBe('succeeded');
});

test('milestones stand on the board, and lead to what is asked at them', async ({ page, project }) => {
  const run = project.run(`
mission: To the beta
milestones:
  - { id: base, title: The base stands }
  - { id: beta, title: The beta is out, decision: { question: Ship it?, options: [{ id: A, name: ship }, { id: B, name: wait }], on_silence: park } }
phases:
  - { id: ground, milestone: base, tasks: [{ id: dig, run: ':' }] }
  - { id: build, needs: [ground], milestone: beta, tasks: [{ id: walls, run: '${waitFor('go')}' }] }
`);
  await enter(page, project, `/runs/${run}`);
  const milestones = page.getByRole('region', { name: 'Milestones' }).getByRole('listitem');
  await expect(milestones.nth(0).getByRole('img', { name: 'reached' })).toBeVisible();
  await expect(milestones.nth(1).getByRole('img', { name: 'ahead' })).toBeVisible();
  project.write('go', '');
  await milestones.nth(1).getByRole('link', { name: 'question 1' }).click();
  await expect(page.getByText('Ship it?').first()).toBeVisible();
  await page.goto(`${new URL(page.url()).origin}/runs/${run}/events`);
  await expect(page.getByRole('row').or(page.locator('li, button')).filter({ hasText: 'milestone_reached' }).first()).toContainText('base');
});

test('what one at work says of its progress is seen as it is said', async ({ page, project }) => {
  const run = project.run(`
mission: Progress
tasks:
  - { id: slow, run: '"${BAND}" report progress 40 --doing "half the tables"; ${waitFor('more')}; "${BAND}" report progress 80 --doing "the last table"; ${waitFor('go')}' }
`);
  await enter(page, project, `/runs/${run}`);
  const work = page.getByRole('region', { name: /At work/ });
  await expect(work.getByText('half the tables')).toBeVisible();
  await expect(work.getByText('40 %')).toBeVisible();
  project.write('more', '');
  await expect(work.getByText('the last table')).toBeVisible();
  await expect(work.getByText('80 %')).toBeVisible();
  project.write('go', '');
  await expect(page.locator('header').getByText('succeeded')).toBeVisible();
});

const QUESTION = (timeout: string): string => `
mission: Which way
tasks:
  - id: transport
    decision:
      question: Which transport carries alerts?
      timeout: ${timeout}
      details: The shop has three warehouses.
      options:
        - { id: A, name: WebSocket, effort: 3 days, details: keeps a connection open }
        - { id: B, name: Server-sent events, effort: 1 day, details: one way only }
      recommend: B
  - { id: build, run: echo built, needs: [transport] }
`;

test('a question is answered with a reason, and the page says who decided and why', async ({ page, project }) => {
  const run = project.run(QUESTION('30m'));
  await project.until(run, (status) => status.decisions.length === 1);
  await enter(page, project);
  await expect(page).toHaveTitle(/^\(1\) /);
  await page.getByRole('link', { name: 'Which transport carries alerts?' }).click();
  await expect(page.getByText('If nobody answers, B (Server-sent events) is taken')).toBeVisible();
  // While it is open in full, its clock stands still.
  await expect(page.getByText('The clock stands still while somebody has this open.')).toBeVisible();
  expect((project.status(run) as unknown as { decisions: { held: unknown }[] }).decisions[0]?.held).not.toBeNull();
  await page.getByRole('radio').first().check();
  await page.getByLabel(/Reason/).fill('both directions are needed');
  await page.getByRole('button', { name: 'Answer A' }).click();
  const outcome = page.locator('.outcome');
  await expect(outcome).toContainText('WebSocket');
  await expect(outcome).toContainText('both directions are needed');
  await expect(page).not.toHaveTitle(/^\(/);
  await project.until(run, (status) => status.state === 'succeeded');
});

test('one click on a card answers', async ({ page, project }) => {
  const run = project.run(QUESTION('30m'));
  await project.until(run, (status) => status.decisions.length === 1);
  await enter(page, project, '/inbox');
  await page.getByRole('button', { name: /Server-sent events/ }).click();
  await expect(page.getByText('Nobody asks you anything')).toBeVisible();
  await project.until(run, (status) => status.state === 'succeeded');
});

test('a question that nobody answers times out in view', async ({ page, project }) => {
  project.run(QUESTION('4s'));
  await enter(page, project);
  await page.getByRole('link', { name: 'Which way' }).first().click();
  await page.getByRole('link', { name: /^Decisions/ }).click();
  await expect(page.getByText('nobody in time: the recommendation was taken')).toBeVisible();
  await expect(page.locator('header').getByText('succeeded')).toBeVisible();
});

test('a task is cancelled', async ({ page, project }) => {
  const run = project.run(`
mission: Long
tasks:
  - { id: long, run: sleep 600 }
  - { id: other, run: '${waitFor('go')}' }
`);
  await project.until(run, (status) => status.tasks.every((task) => task.state === 'running'));
  await enter(page, project, `/runs/${run}?task=long`);
  await page.getByRole('complementary', { name: 'Task long' }).getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('complementary', { name: /^Task/ }).getByText('cancelled')).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Stop the run' }).click();
  await expect(page.locator('.mission > .top').getByText('cancelled')).toBeVisible();
});

test('what failed is tried again, or taken as done with a reason', async ({ page, project }) => {
  const run = project.run(`
mission: Broken
tasks:
  - { id: shaky, run: 'test -e mended' }
  - { id: wrong, run: 'exit 7' }
`);
  await project.until(run, (status) => status.state === 'failed');
  await enter(page, project);
  await expect(page.getByRole('link', { name: 'Failed: shaky' })).toBeVisible();
  await page.getByRole('link', { name: 'Failed: wrong' }).click();
  await page.getByRole('complementary', { name: /^Task/ }).getByRole('button', { name: 'Accept with reason' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('known, and harmless');
  await page.getByRole('button', { name: 'Accept it' }).click();
  await expect(page.getByRole('complementary', { name: /^Task/ }).locator('header').getByText('done', { exact: true })).toBeVisible();
  project.write('mended', '');
  await page.goto(`${project.url}/runs/${run}?task=shaky`);
  await page.getByRole('complementary', { name: /^Task/ }).getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByRole('complementary', { name: /^Task/ }).locator('header').getByText('done', { exact: true })).toBeVisible();
  await expect(page.locator('header').getByText('succeeded, with overrides')).toBeVisible();
});

test('what failed in a run that succeeded all the same, or that was cancelled, needs nobody', async ({ page, project }) => {
  const fine = project.run("mission: Fine\ntasks: [{ id: may-fail, run: 'exit 3', optional: true }, { id: good, run: echo good }]", 'fine.yaml');
  const stopped = project.run(`mission: Stopped\ntasks: [{ id: fails, run: 'exit 3', optional: true }, { id: long, run: '${waitFor('go')}' }]`, 'stopped.yaml');
  await project.until(fine, (status) => status.state === 'succeeded');
  await project.until(stopped, (status) => status.tasks.some((task) => task.state === 'failed'));
  await enter(page, project);
  await expect(page.getByRole('link', { name: 'Failed: fails' })).toBeVisible();
  project.band('cancel', stopped);
  await expect(page.getByText('Nothing needs you')).toBeVisible();
});

test('a plan is checked and started from the page', async ({ page, project }) => {
  await enter(page, project);
  await page.getByRole('button', { name: 'Start a run' }).first().click();
  await page.getByText('or the text of a plan').click();
  const text = page.getByLabel('Text of a plan');
  await text.fill('mission: Hello\ntasks: [{ id: hello, runs: echo hello }]');
  await page.getByRole('button', { name: 'Check only' }).click();
  await expect(page.getByRole('dialog').getByText(/did you mean|runs/).first()).toBeVisible();
  await text.fill('mission: Hello\ntasks: [{ id: hello, run: echo hello }]');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Hello' })).toBeVisible();
  await expect(page.locator('header').getByText('succeeded')).toBeVisible();
});

test('a run is started with a mode and limits', async ({ page, project }) => {
  const asked: Record<string, unknown>[] = [];
  // What goes over the wire is looked at: what comes of it is the engine's, and tested there.
  await page.route('**/api/v1/runs', (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    asked.push(route.request().postDataJSON() as Record<string, unknown>);
    return route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify({ type: 'x', title: 'not now', status: 422 }) });
  });
  project.write('hello.yaml', 'mission: Hello\ntasks: [{ id: hello, run: echo hello }]');
  await enter(page, project);
  await page.getByRole('button', { name: 'Start a run' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Plan, by name or path').fill('hello.yaml');
  await dialog.getByText('who decides, and limits').click();
  await dialog.getByLabel('Mode').selectOption('autonomous');
  await dialog.getByLabel('Time at most').fill('tomorrow');
  await expect(dialog.getByText('Time: write 8h or 90m')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Start', exact: true })).toBeDisabled();
  await dialog.getByLabel('Time at most').fill('90m');
  await dialog.getByLabel('Cost at most').fill('2.50');
  await dialog.getByLabel('Tokens at most').fill('5M');
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(dialog.getByText('not now')).toBeVisible();
  expect(asked).toEqual([{ plan: 'hello.yaml', mode: 'autonomous', time_ms: 5_400_000, cost_usd: 2.5, tokens: 5_000_000, preview: false }]);
});

test('who may only look sees no buttons that do something', async ({ page, project }) => {
  const run = project.run(QUESTION('30m'));
  await project.until(run, (status) => status.decisions.length === 1);
  await page.goto(project.reader());
  await expect(page.getByText('read only')).toBeVisible();
  await expect(page.getByText('Which transport carries alerts?')).toBeVisible();
  await expect(page.getByRole('button', { name: /Server-sent events|Start a run|Pause|Stop/ })).toHaveCount(0);
});
