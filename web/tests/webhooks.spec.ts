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
