// A project in a folder of its own with a `band serve`; runs are started as people start them. All of it is ended by its id.
import { test as base, expect, type Page } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BAND = resolve(process.env['BAND'] ?? join(dirname(fileURLToPath(import.meta.url)), '../../target/debug/band'));

export interface Status { id: string; state: string; seq: number; tasks: { path: string; state: string }[]; decisions: { decision: number; taken: unknown }[] }

export class Project {
  readonly #place = mkdtempSync(join(tmpdir(), 'band-web-'));
  readonly folder = join(this.#place, 'shop');
  #serving: ChildProcess | undefined;
  url = '';
  link = '';
  #port = 0;

  constructor() {
    if (!existsSync(BAND)) throw new Error(`there is no ${BAND}: build it first, or name it in BAND`);
    mkdirSync(this.folder);
    execFileSync('git', ['init', '-q', this.folder]);
  }

  /** Runs a verb to its end and gives what it printed. */
  band(...words: string[]): string {
    return execFileSync(BAND, ['-C', this.folder, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 << 20 });
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text, { mode: 0o755 });
  }

  remove(name: string): void { rmSync(join(this.folder, name), { force: true }); }

  /** Starts a plan in the background; its id. */
  run(plan: string, name = 'plan.yaml'): string {
    this.write(name, plan);
    return this.band('run', name, '--detach').trim().split('\n')[0]?.trim() ?? '';
  }

  status(run: string): Status { return JSON.parse(this.band('status', run, '--json')) as Status; }

  async until(run: string, holds: (status: Status) => boolean): Promise<void> {
    await expect.poll(() => holds(this.status(run)), { timeout: 30_000 }).toBe(true);
  }

  async serve(...words: string[]): Promise<void> {
    const said = openSync(join(this.folder, 'serve.json'), 'w');
    this.#serving = spawn(BAND, ['-C', this.folder, 'serve', '--json', '--port', String(this.#port), ...words], { stdio: ['ignore', said, 'inherit'] });
    closeSync(said);
    await expect.poll(() => this.#links(), { timeout: 20_000 }).not.toBeNull();
    const links = this.#links();
    this.link = links?.['operator'] ?? links?.['link'] ?? links?.['reader'] ?? '';
    this.url = new URL(this.link).origin;
    this.#port = Number(new URL(this.link).port);
  }

  #links(): Record<string, string> | null {
    try { return JSON.parse(readFileSync(join(this.folder, 'serve.json'), 'utf8')) as Record<string, string>; } catch { return null; }
  }

  reader(): string { return this.#links()?.['reader'] ?? ''; }

  async stopServing(how: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const serving = this.#serving;
    if (!serving || serving.exitCode !== null || serving.signalCode !== null) return;
    const gone = new Promise((done) => serving.once('exit', done));
    serving.kill(how);
    await gone;
  }

  async end(): Promise<void> {
    await this.stopServing();
    for (const run of JSON.parse(this.band('list', '--json')) as { id: string; owner: number | null }[]) {
      if (run.owner !== null) try { this.band('cancel', run.id); } catch { /* it has ended meanwhile */ }
    }
    await expect.poll(() => (JSON.parse(this.band('list', '--json')) as { owner: number | null }[]).every((run) => run.owner === null), { timeout: 30_000 }).toBe(true);
    rmSync(this.#place, { recursive: true, force: true });
  }
}

/** Opens the link as a person does, then a place of the page. */
export async function enter(page: Page, project: Project, place = '/'): Promise<void> {
  await page.goto(project.link);
  await expect(page.getByRole('heading', { name: 'Runs', exact: true })).toBeVisible();
  if (place !== '/') await page.goto(project.url + place);
}

export const test = base.extend<{ project: Project; quiet: string[] }>({
  project: async ({}, use) => {
    const project = new Project();
    await project.serve();
    await use(project);
    await project.end();
  },
  // What the page says to developers is a mistake, unless a test takes the network away.
  quiet: [async ({ page }, use) => {
    const said: string[] = [];
    page.on('pageerror', (error) => said.push(error.message));
    page.on('console', (message) => { if (/Content Security Policy|Refused to/i.test(message.text())) said.push(message.text()); });
    await use(said);
    expect(said).toEqual([]);
  }, { auto: true }],
});
export { expect };
