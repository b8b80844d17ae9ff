// Who is told of a run over HTTP, as the page shows it: a receiver that refuses at first, its tries, and being told again.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import AxeBuilder from '@axe-core/playwright';
import { enter, expect, test } from './band';

/** Counts what it is told; refuses until it is told otherwise. */
function receiver(): Promise<{ server: Server; port: number; told: string[]; willing: { yes: boolean } }> {
  const told: string[] = [];
  const willing = { yes: false };
  const server = createServer((request, response) => {
    told.push(String(request.headers['webhook-id']));
    request.resume();
    request.on('end', () => { response.writeHead(willing.yes ? 204 : 503).end(); });
  });
  return new Promise((ready) => server.listen(0, '127.0.0.1', () => ready({ server, port: (server.address() as AddressInfo).port, told, willing })));
}

test('messages to webhooks are listed with their tries, and are told again', async ({ page, project }) => {
  const other = await receiver();
  project.write('band.toml', `[[webhooks]]\nname = "ops"\nurl = "http://127.0.0.1:${other.port}/in"\nallow = ["127.0.0.1"]\nevents = ["orchestration_complete"]\n`);
  // The process that tells is `band serve`, which reads who is told when it begins.
  await project.stopServing();
  await project.serve();
  const run = project.run('mission: Told\ntasks: [{ id: one, run: echo one }]');
  await project.until(run, (status) => status.state === 'succeeded');
  await expect.poll(() => other.told.length, { timeout: 30_000 }).toBeGreaterThan(0);

  await enter(page, project);
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await expect(page.getByRole('region', { name: 'Who is told' })).toContainText('not signed');
  const message = page.getByRole('button', { name: /waiting.*orchestration_complete/ });
  await expect(message).toBeVisible();
  await message.click();
  await expect(page.getByRole('cell', { name: /^503/ }).first()).toBeVisible();
  expect((await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze()).violations).toEqual([]);

  // The open message is in the address.
  await page.reload();
  await expect(page.getByRole('cell', { name: /^503/ }).first()).toBeVisible();

  other.willing.yes = true;
  await page.getByRole('button', { name: 'Tell it now' }).click();
  await expect(page.getByRole('button', { name: /delivered.*orchestration_complete/ })).toBeVisible();
  await expect(page.getByRole('cell', { name: '204' })).toBeVisible();
  expect(new Set(other.told).size).toBe(1);

  await page.getByRole('group', { name: 'State' }).getByRole('button', { name: 'given up' }).click();
  await expect(page.getByText('No message is given up')).toBeVisible();
  other.server.close();
});

test('without webhooks the page says how there are some', async ({ page, project }) => {
  await enter(page, project, '/webhooks');
  await expect(page.getByText('Nobody is told of what happens here')).toBeVisible();
});

test('what others told us is listed, with what it answered', async ({ page, project }) => {
  const hook = { name: 'github', path: '/hooks/github', format: 'github', problem: null, accepted: 1, ignored: 0, repeated: 0, refused: 1 };
  const said = (number: number, more: object) => ({ number, hook: 'github', id: `d-${number}`, at: new Date().toISOString(), from: '127.0.0.1', event: 'workflow_run', state: 'accepted', why: null, answered: [], ...more });
  const all = [said(2, { state: 'refused', why: 'its signature is wrong' }), said(1, { answered: [{ run: 'k3v9', decision: 1, outcome: 'passed', at: new Date().toISOString() }] })];
  // Hooks are taken by the server; what it takes is tested there. Here: what the page makes of its answers.
  await page.route('**/api/v1/webhooks', (route) => route.fulfill({ json: { webhooks: [], hooks: [hook] } }));
  await page.route('**/api/v1/webhooks/received*', (route) => {
    const query = new URL(route.request().url()).searchParams;
    const fits = all.filter((one) => (!query.get('state') || one.state === query.get('state')) && (!query.get('number') || String(one.number) === query.get('number')));
    return route.fulfill({ json: { received: fits.map((one) => (query.get('number') ? { ...one, body: { conclusion: 'success', note: '<script>1</script>' } } : one)) } });
  });
  await enter(page, project, '/webhooks');
  await expect(page.getByRole('region', { name: 'Who tells us' })).toContainText('/hooks/github');
  await page.getByRole('button', { name: /accepted.*workflow_run/ }).click();
  await expect(page.getByRole('link', { name: 'Question 1 of k3v9' })).toHaveAttribute('href', '/runs/k3v9/decisions/1');
  await expect(page.getByText('<script>1</script>')).toBeVisible();
  expect((await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze()).violations).toEqual([]);
  await page.getByRole('group', { name: 'What became of it' }).getByRole('button', { name: 'refused' }).click();
  await expect(page.getByText('its signature is wrong')).toBeVisible();
  await expect(page.getByRole('button', { name: /accepted.*workflow_run/ })).toHaveCount(0);
});
