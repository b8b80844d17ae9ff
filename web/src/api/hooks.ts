// What comes from outside by hooks, as `GET /webhooks` and `GET /webhooks/received` answer. A server that takes none has no such member.
import type { Question, Webhooks } from './types';

export interface Hook { name: string; path: string; format: 'standard' | 'github'; problem: string | null; accepted: number; ignored: number; repeated: number; refused: number }
export type ReceivedState = 'accepted' | 'ignored' | 'repeated' | 'refused';
export interface Received {
  number: number; hook: string; id: string; at: string; from: string; event: string; state: ReceivedState; why: string | null;
  answered: { run: string; decision: number; outcome: string; at: string }[]; body?: unknown;
}
export interface AllReceived { received: Received[] }

export const hooksOf = (answer: Webhooks | null): Hook[] => (answer as { hooks?: Hook[] } | null)?.hooks ?? [];

/** The message from outside for which a question waits. */
export const hookOf = (question: Question): { name: string; about?: string; check?: string } | undefined =>
  (question as { hook?: { name: string; about?: string; check?: string } }).hook;
