// What a viewer can do with a run: each is the verb of that name, and says how it went.
import type { AdjustmentWanted } from '../api/types';
import { send } from '../api/client';
import { said } from './said.svelte';

const at = (run: string, rest: string): string => `/runs/${encodeURIComponent(run)}${rest}`;

export const deeds = {
  pause: (run: string) => said.about('Paused: nothing new starts', () => send('POST', at(run, '/pause'), {})),
  resume: (run: string, more: Record<string, unknown> = {}) => said.about('It goes on', () => send('POST', at(run, '/resume'), more)),
  /** New limits; what they stopped goes on. */
  raise: (run: string, limits: Record<string, number | null>) => said.about('Raised: it goes on', () => send('POST', at(run, '/resume'), limits)),
  /** Waits no longer for a provider that takes no more. */
  tryNow: (run: string) => said.about('Its provider is tried now', () => send('POST', at(run, '/resume'), { now: true })),
  cancel: (run: string, tasks: string[] = []) =>
    said.about(tasks.length ? `Cancelling ${tasks.join(', ')}` : 'Stopping the run', () => send('POST', at(run, '/cancel'), tasks.length ? { tasks } : {})),
  retry: (run: string, tasks: string[]) => said.about(`Trying ${tasks.join(', ')} again`, () => send('POST', at(run, '/retry'), { tasks })),
  accept: (run: string, task: string, because: string) =>
    said.about(`Taken as done: ${task}`, () => send('POST', at(run, '/accept'), { task, because })),
  resolve: (run: string, task: string) => said.about(`Taken as it is in the worktree: ${task}`, () => send('POST', at(run, '/resolve'), { task })),
  tell: (run: string, task: string, text: string) => said.about(`Told ${task}`, () => send('POST', at(run, '/tell'), { task, text })),
  merge: (run: string, into: string) => said.about(`Merging into ${into}`, () => send('POST', at(run, '/merge'), { into })),
  answer: (run: string, decision: number, option: string, because: string) =>
    said.about(`Answered: ${option}`, () =>
      send('POST', at(run, `/decisions/${decision}/answer`), because ? { option, because } : { option })),
  /** Changes what is left of it. */
  adjust: (run: string, change: AdjustmentWanted) => said.about('Changed', () => send('POST', at(run, '/adjust'), change)),
  /** Decides otherwise what was decided. */
  correct: (run: string, decision: number, option: string, because: string) =>
    said.about(`Decided otherwise: ${option}`, () =>
      send('POST', at(run, `/decisions/${decision}/answer`), { option, correct: true, ...(because ? { because } : {}) })),
};

/** Holds the clock of a question while somebody has it open; the answer lets go. A minute at a time, so that a lost page holds nothing. */
export function hold(run: string, decision: number): () => void {
  const path = at(run, `/decisions/${decision}/hold`);
  let held = false;
  const renew = () => {
    if (document.hidden) return release();
    held = true;
    send('POST', path, {}).catch(() => undefined);
  };
  const release = () => {
    if (held) send('DELETE', path).catch(() => undefined);
    held = false;
  };
  renew();
  const timer = setInterval(renew, 25_000);
  document.addEventListener('visibilitychange', renew);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', renew);
    release();
  };
}
