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
export type InboxEntry = Shapes['InboxEntry'];
export type Timeline = Shapes['Timeline'];
export type Placed = Shapes['Graph'];
export type Resources = Shapes['Resources'];
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
export type WebhookMessage = Shapes['WebhookMessage'];
export type WebhookMessages = Shapes['Messages'];
export type ToldAgain = Shapes['ToldAgain'];
