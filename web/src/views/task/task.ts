// One task in full: what its parts are called on the page. Pure.
import type { Attempt, Task } from '../../api/types';

type Deliverable = Task['deliverables'][number];
export interface Promised { what: string; isPath: boolean }

/** A deliverable in words: a path, or what it is. */
export const promised = (one: Deliverable): Promised =>
  one.path === undefined ? { what: one.described ?? '', isPath: false } : { what: one.path, isPath: true };

export const stateOf = (attempt: Attempt): string => ({ live: 'running', completed: 'completed', failed: 'failed' })[attempt.outcome] ?? attempt.outcome;

/** What of a try has printed something: the work, and the gates that ran. */
export const jobsOf = (attempt: Attempt, path: string): { job: string; name: string }[] =>
  attempt.jobs.map(({ job, name }) => ({ job, name: name.replace(`${path} `, '') })).filter(({ name }, at) => at === 0 || (name.startsWith('gate') && at <= attempt.gates.length));
