// One task in full, as the panel shows it. Pure.

export interface Gate { name: string; verdict: string | null; message: string | null; took_ms: number | null }
export interface Job { job: string; name: string }
export interface Attempt {
  number: number; agent: string; outcome: string; class: string | null; message: string | null; started: string; ended: string | null;
  ran: { driver: string; version: string | null; model: string | null } | null; used: { tokens: number; cost_usd: number | null }; jobs: Job[];
}
type Deliverable = { path?: string; text?: string; glob?: string } | string;

/** What the server says of it, beyond its row. */
export interface Task {
  path: string; title: string | null; state: string; work: { kind: string; text: string }; needs: string[]; needed_by: string[];
  outputs: { name: string; from: string; value: string | null }[]; gates: Gate[]; deliverables: Deliverable[]; tries: Attempt[];
  insights: { at: string; agent: string; text: string }[]; claims: { path: string | null; text: string }[]; accepted: unknown; question: number | null;
  messages: { message: number; text: string; delivered_to_attempt: number | null }[];
}

export interface Promised { what: string; isPath: boolean }

/** A deliverable in words: a path, or what it is. */
export function promised(one: Deliverable): Promised {
  if (typeof one === 'string') return { what: one, isPath: !one.includes(' ') };
  const path = one.path ?? one.glob;
  if (path !== undefined) return { what: path, isPath: true };
  const value = one.text ?? Object.values(one).find((part) => typeof part === 'string') ?? JSON.stringify(one);
  return { what: String(value), isPath: false };
}

export const stateOf = (attempt: Attempt): string => ({ live: 'running', completed: 'completed', failed: 'failed' })[attempt.outcome] ?? attempt.outcome;
