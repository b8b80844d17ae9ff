// What each state is called, which colour it has and which sign repeats that colour for those who do not see it.

export type Tone = 'running' | 'done' | 'failed' | 'asks' | 'waiting';
export type Sign =
  | 'run' | 'check' | 'cross' | 'ask' | 'dot' | 'ring' | 'skip' | 'stop' | 'undo' | 'eye' | 'pause' | 'warn' | 'alone';

export interface Look { word: string; tone: Tone; sign: Sign }

const TASKS: Record<string, Look> = {
  pending: { word: 'waiting', tone: 'waiting', sign: 'ring' },
  ready: { word: 'ready', tone: 'waiting', sign: 'dot' },
  running: { word: 'running', tone: 'running', sign: 'run' },
  reviewing: { word: 'in review', tone: 'running', sign: 'eye' },
  blocked: { word: 'needs people', tone: 'asks', sign: 'ask' },
  completed: { word: 'done', tone: 'done', sign: 'check' },
  failed: { word: 'failed', tone: 'failed', sign: 'cross' },
  skipped: { word: 'skipped', tone: 'waiting', sign: 'skip' },
  cancelled: { word: 'cancelled', tone: 'waiting', sign: 'stop' },
  compensated: { word: 'undone', tone: 'waiting', sign: 'undo' },
};

const RUNS: Record<string, Look> = {
  created: { word: 'starting', tone: 'waiting', sign: 'dot' },
  running: { word: 'running', tone: 'running', sign: 'run' },
  waiting: { word: 'waiting for people', tone: 'asks', sign: 'ask' },
  paused: { word: 'paused', tone: 'asks', sign: 'pause' },
  succeeded: { word: 'succeeded', tone: 'done', sign: 'check' },
  succeeded_with_overrides: { word: 'succeeded, with overrides', tone: 'done', sign: 'check' },
  failed: { word: 'failed', tone: 'failed', sign: 'cross' },
  rate_limited: { word: 'waiting for a provider', tone: 'asks', sign: 'pause' },
  over_budget: { word: 'over budget', tone: 'failed', sign: 'warn' },
  cancelled: { word: 'cancelled', tone: 'waiting', sign: 'stop' },
  interrupted: { word: 'interrupted', tone: 'failed', sign: 'alone' },
};

const MILESTONES: Record<string, Look> = {
  ahead: { word: 'ahead', tone: 'waiting', sign: 'ring' },
  asking: { word: 'reached, needs people', tone: 'asks', sign: 'ask' },
  reached: { word: 'reached', tone: 'done', sign: 'check' },
  refused: { word: 'reached, and refused', tone: 'failed', sign: 'cross' },
  missed: { word: 'missed', tone: 'failed', sign: 'cross' },
  left_out: { word: 'left out', tone: 'waiting', sign: 'skip' },
};

const unknown = (name: string): Look => ({ word: name.replaceAll('_', ' '), tone: 'waiting', sign: 'dot' });

export const taskLook = (state: string): Look => TASKS[state] ?? unknown(state);
export const milestoneLook = (state: string): Look => MILESTONES[state] ?? unknown(state);
export const runLook = (state: string): Look => RUNS[state] ?? RUNS[state.replaceAll(' ', '_')] ?? unknown(state);

/** Whether a run of this state may still change by itself or by what people say. */
export const isOpen = (state: string): boolean => !['succeeded', 'succeeded_with_overrides', 'failed', 'over_budget', 'cancelled'].includes(state.replaceAll(' ', '_'));

/** Whether a task of this state has nothing more to do. */
export const isOver = (state: string): boolean => ['completed', 'failed', 'skipped', 'cancelled', 'compensated'].includes(state);

/** Whether a task of this state can be tried again; of those that were skipped the server knows for which reasons. */
export const isAgain = (state: string): boolean => ['failed', 'blocked', 'cancelled', 'compensated', 'skipped', 'running'].includes(state);

/** Whether a task of this state has not begun, so that its place can be changed. */
export const isAhead = (state: string): boolean => ['pending', 'ready'].includes(state);

export const TASK_STATES = Object.keys(TASKS);

/** What wants eyes first comes first. */
export const URGENCY = ['blocked', 'failed', 'running', 'reviewing', 'ready', 'pending', 'completed', 'skipped', 'cancelled', 'compensated'];
