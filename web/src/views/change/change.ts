// A change of a run as it is put together on the page: what is to become of which tasks, and which requests that makes. Pure.
import type { AdjustmentWanted, Budget, Run, TaskRow } from '../../api/types';
import { readCount, readLength, readMoney } from '../../lib/amounts';
import { isAhead } from '../../lib/states';

export type Way = 'leave' | 'retry' | 'skip' | 'bring_back' | 'first' | 'last';
export const WORDS: Record<Way, string> = {
  leave: 'Leave as they are', retry: 'Try again', skip: 'Leave out', bring_back: 'Bring back', first: 'Do before the others', last: 'Do after the others',
};

/** What can be done with tasks of a state, the likeliest first. A state of null is a phase or another group, which has tasks of many. */
export function waysOf(state: string | null, open: boolean): Way[] {
  if (state === null) return open ? ['skip', 'bring_back', 'first', 'last', 'leave'] : ['leave'];
  if (isAhead(state)) return open ? ['skip', 'first', 'last', 'leave'] : ['leave'];
  // A person or a level left it out, and that is taken back; or something before it failed, and then it is tried.
  if (state === 'skipped') return open ? ['bring_back', 'retry', 'leave'] : ['retry', 'leave'];
  if (['failed', 'cancelled', 'blocked', 'compensated'].includes(state)) return ['retry', 'leave'];
  if (state === 'running' || state === 'reviewing') return ['leave', 'retry'];
  return ['leave'];
}

/** Names of one state, for which one thing is chosen. */
export interface Part { state: string | null; names: string[] }

/** Tasks by state, in the order of the plan; what is no task is a part of its own. */
export function partsOf(names: Iterable<string>, tasks: ReadonlyMap<string, TaskRow>): Part[] {
  const wanted = new Set(names);
  const parts = new Map<string, Part>();
  for (const task of tasks.values()) {
    if (!wanted.delete(task.path)) continue;
    const part = parts.get(task.state) ?? { state: task.state, names: [] };
    part.names.push(task.path);
    parts.set(task.state, part);
  }
  return [...parts.values(), ...[...wanted].map((name) => ({ state: null, names: [name] }))];
}

export const keyOf = (part: Part): string => part.state ?? `group ${part.names[0] ?? ''}`;

export interface Limit { of: string; unit: Budget['unit']; now: number; scope: NonNullable<AdjustmentWanted['limits']>[number]['scope'] }

/** The limits that a run has and that can be named to the server: of itself, of tasks, of agents. */
export function limitsOf(run: Run): Limit[] {
  const own: Limit[] = run.time_limit_ms === null ? [] : [{ of: 'the run', unit: 'time', now: run.time_limit_ms, scope: { of: 'run' } }];
  const ids = new Map(run.tasks.map((task) => [task.path, task.id]));
  return [...own, ...run.budgets.flatMap((one): Limit[] => {
    const task = one.of.startsWith('task ') ? ids.get(one.of.slice(5)) : undefined;
    const known = { of: one.of, unit: one.unit, now: one.limit };
    if (one.of === 'the run') return one.unit === 'time' ? [] : [{ ...known, scope: { of: 'run' } }];
    if (task !== undefined) return [{ ...known, scope: { of: 'task', task } }];
    return one.of.startsWith('agent ') ? [{ ...known, scope: { of: 'agent', name: one.of.slice(6) } }] : [];
  })];
}

/** A new limit in the server's unit; null for what is none. */
export function readLimit(unit: Budget['unit'], text: string): number | null {
  if (unit === 'time') return readLength(text);
  if (unit === 'tokens') return readCount(text);
  const dollars = readMoney(text);
  return dollars === null ? null : Math.round(dollars * 1e6);
}

export interface Wish { parts: readonly Part[]; ways: Readonly<Record<string, Way>>; open: boolean; level: number | null; parallel: number | null; limits: { limit: Limit; to: number }[]; say: string; because: string }

/** What is asked of the server: one change of what is left, and tasks that are tried again. Null and nothing where nothing is to be done. */
export function requests(wish: Wish): { adjust: AdjustmentWanted | null; retry: string[] } {
  const chosen = (part: Part): Way => wish.ways[keyOf(part)] ?? waysOf(part.state, wish.open)[0] ?? 'leave';
  const names = (way: Way): string[] => wish.parts.filter((part) => chosen(part) === way).flatMap((part) => part.names);
  const lists = (['skip', 'bring_back', 'first', 'last'] as const).map((way) => [way, names(way)] as const).filter(([, list]) => list.length > 0);
  const left = new Set(names('skip'));
  // Words are for those that are still to hear something.
  const heard = wish.parts.filter((part) => part.state !== null && (isAhead(part.state) || ['running', 'reviewing', 'blocked'].includes(part.state))).flatMap((part) => part.names).filter((name) => !left.has(name));
  const adjust: AdjustmentWanted = {
    ...Object.fromEntries(lists),
    ...(wish.level === null ? {} : { level: wish.level }), ...(wish.parallel === null ? {} : { parallel: wish.parallel }),
    ...(wish.limits.length > 0 ? { limits: wish.limits.map(({ limit, to }) => ({ scope: limit.scope, unit: limit.unit, limit: to })) } : {}),
    ...(wish.say.trim() && heard.length > 0 ? { tell: heard.map((task) => ({ task, text: wish.say.trim() })) } : {}),
  };
  const some = Object.keys(adjust).length > 0;
  return { adjust: some ? { ...adjust, ...(wish.because.trim() ? { because: wish.because.trim() } : {}) } : null, retry: names('retry') };
}
