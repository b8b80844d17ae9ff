// What the states of a message are called and look like. Pure.
import type { Look } from '../../lib/states';

export const STATES = ['waiting', 'delivered', 'given_up'] as const;

const LOOKS: Record<string, Look> = {
  waiting: { word: 'waiting', tone: 'asks', sign: 'pause' },
  delivered: { word: 'delivered', tone: 'done', sign: 'check' },
  given_up: { word: 'given up', tone: 'failed', sign: 'cross' },
};

export const looks = (state: string): Look => LOOKS[state] ?? { word: state, tone: 'waiting', sign: 'dot' };

/** What a receiver answered to one try, or why it could not. */
export const outcome = (status: number | null, error: string | null): string => [status === null ? '' : String(status), error ?? ''].filter(Boolean).join(': ') || 'no answer';

/** What became of what others told us. */
export const HEARD = ['accepted', 'ignored', 'repeated', 'refused'] as const;

const BECAME: Record<string, Look> = {
  accepted: { word: 'accepted', tone: 'done', sign: 'check' },
  ignored: { word: 'ignored', tone: 'waiting', sign: 'skip' },
  repeated: { word: 'repeated', tone: 'waiting', sign: 'undo' },
  refused: { word: 'refused', tone: 'failed', sign: 'cross' },
};

export const heard = (state: string): Look => BECAME[state] ?? { word: state, tone: 'waiting', sign: 'dot' };
