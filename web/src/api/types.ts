// Short names for what the API answers. The shapes are made from the server's own description (`npm run types`).
import type { components } from './schema';

type Shapes = components['schemas'];

export type Session = Shapes['Session'];
export type Counts = Shapes['Counts'];
export type Spent = Shapes['Spent'];
export type RunRow = Shapes['RunRow'];
export type Runs = Shapes['Runs'];
export type Run = Shapes['Run'];
export type TaskRow = Shapes['TaskRow'];
export type Tasks = Shapes['Tasks'];
export type Task = Shapes['Task'];
export type Attempt = Shapes['Attempt'];
export type Activity = Shapes['Activity'];
export type Budget = Shapes['Budget'];
export type Blocker = Run['blockers'][number];
export type Question = Shapes['Question'];
export type Choice = Question['options'][number];
export type Decision = Shapes['Decision'];
export type WholeDecision = Shapes['WholeDecision'];
export type CheckIn = Shapes['CheckIn'];
export type InboxEntry = Shapes['InboxEntry'];
export type Timeline = Shapes['Timeline'];
export type Placed = Shapes['Graph'];
export type Resources = Shapes['Resources'];
export type Lately = NonNullable<Run['lately']>;
export type Diff = Shapes['Diff'];
export type LogPart = Shapes['Log'];
export type Event = Shapes['Event'];
export type Events = Shapes['Events'];
export type Plans = Shapes['Plans'];
export type Check = Shapes['Check'];
export type Started = Shapes['Started'];
export type Diagnostic = Shapes['Diagnostic'];
export type Trouble = Shapes['Problem'];
export type Webhooks = Shapes['Webhooks'];
export type WebhookMessages = Shapes['WebhookMessages'];
export type WebhookMessage = Shapes['WebhookMessage'];
export type ToldAgain = Shapes['ToldAgain'];
export type Hook = Shapes['Hook'];
export type Received = Shapes['Received'];
export type ReceivedState = Received['state'];
export type AllReceived = Shapes['AllReceived'];
export type Adjustment = Shapes['Adjustment'];
export type AdjustmentWanted = Shapes['AdjustmentWanted'];

/** A line of a run's log, of whichever task. */
export type RunLine = Shapes['MergedLine'];
export type RunLogPage = Shapes['MergedLog'];
