// What a question's terms mean, in whole sentences. Pure.
import type { Choice, Decision } from '../../api/types';
import { clockLength, instant, length, plural } from '../../lib/format';

export const recommended = (one: Decision): Choice | undefined => one.question.options.find((option) => option.id === one.question.recommend);

/** Milliseconds until silence counts; null where it never does. A held clock stands still. */
export function left(one: Decision, now: number): number | null {
  if (one.taken) return null;
  if (one.held && one.held.left_ms !== null) return one.held.left_ms;
  const deadline = instant(one.deadline);
  return deadline === null ? null : Math.max(0, deadline - now);
}

/** Of the time that people had, the part that is left. */
export function share(one: Decision, now: number): number {
  const [opened, deadline, remaining] = [instant(one.opened), instant(one.deadline), left(one, now)];
  if (remaining === null || opened === null) return 1;
  const allowed = one.question.timeout && typeof one.question.timeout === 'object' ? (one.question.timeout as { for?: number }).for : undefined;
  const all = allowed ?? (deadline === null ? remaining : deadline - opened);
  return all > 0 ? Math.min(1, remaining / all) : 0;
}

/** What silence means, in one sentence. */
export function silence(one: Decision, now: number): string {
  const remaining = left(one, now);
  const choice = recommended(one);
  if (remaining === null) return 'Nothing happens if nobody answers: it waits.';
  const when = one.held ? `${clockLength(remaining)} after the clock goes on` : `in ${clockLength(remaining)}`;
  switch (one.question.on_silence) {
    case 'fail': return `If nobody answers, its task fails ${when}.`;
    case 'park': return 'Nothing happens if nobody answers: it waits.';
    case 'escalate': return `If nobody answers, more people are told ${when}, and it waits.`;
    default: return choice ? `If nobody answers, ${choice.id} (${choice.name}) is taken ${when}.` : `If nobody answers, the recommendation is taken ${when}.`;
  }
}

/** What waits for it meanwhile. */
export function waits(tasks: readonly string[], blocks: boolean): string {
  return tasks.length === 0 ? `${blocks ? 'What comes after it waits; everything' : 'Everything'} else goes on.` : `${plural(tasks.length, 'task waits', 'tasks wait')} for it; everything else goes on.`;
}

/** The message from outside that answers it too, in a sentence; empty where people alone do. */
export function fromOutside(one: Decision): string {
  const hook = one.question.hook;
  if (!hook) return '';
  return `A message from ${hook.name}${hook.about ? ` about ${hook.about}` : ''}${hook.check ? ` (${hook.check})` : ''} answers it as well.`;
}

/** Why it is asked now. */
export function why(one: Decision): string {
  const weight = one.question.weight ?? 'standard';
  const kind = one.question.kind && one.question.kind !== 'general' ? `${one.question.kind} question` : 'question';
  const only = one.question.irreversible || one.question.people_only ? ' Only a person may choose.' : '';
  return `A ${weight} ${kind} asked by ${one.asked_by}, which can go no further without an answer.${only}`;
}

/** Who or what decided: the log has several kinds. */
export function who(taken: unknown): string {
  if (typeof taken === 'string') return taken;
  if (!taken || typeof taken !== 'object') return 'somebody';
  const by = taken as { who?: string; name?: string | null };
  switch (by.who) {
    case 'person': return by.name ?? 'a person';
    case 'timeout': return 'nobody in time: the recommendation was taken';
    case 'policy': return `a rule${by.name ? ` (${by.name})` : ''}`;
    case 'hook': return `a message from ${by.name ?? 'outside'}`;
    case 'withdrawn': return 'withdrawn: it no longer matters';
    default: return by.name ?? by.who ?? 'somebody';
  }
}

export const took = (one: Decision): string => (one.took_ms === null ? '' : `after ${length(one.took_ms)}`);

export const columns = (one: Decision): string[] => [...new Set(one.question.options.flatMap((option) => Object.keys(option.columns ?? {})))];

/** Nothing of the kind may be answered by a slip of the hand. */
export const isFinal = (one: Decision): boolean => one.question.irreversible === true || one.question.kind === 'irreversible';

/** Whether an option's id says something beside its name: `A`, `B`, `12`, but not the words of which the name is made. */
export const isLetter = (option: Choice): boolean => option.id.length <= 3 && option.id.toLowerCase() !== option.name.toLowerCase();

/** Whether what was decided can be changed to this: not to what it is, nor to what would fail its task, which `band cancel` does. */
export const isOther = (one: Decision, option: Choice): boolean => option.id !== one.taken?.option && option.fails !== true;
