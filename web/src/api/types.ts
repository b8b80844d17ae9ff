// Names for the shapes of the API that the page uses.

export interface Session { role: 'operator' | 'reader'; project: string; version: string }
export interface Counts {
  total: number; pending: number; ready: number; running: number; reviewing: number; blocked: number; completed: number; failed: number;
  skipped: number; cancelled: number; compensated: number;
}
export interface Spent { input: number; cached: number; output: number; tokens: number; turns: number; cost_usd: number | null; cost_is_partial: boolean }
export interface RunRow {
  id: string; state: string; owner: number | null; mission: string; plan: string; created: string; last: string; length_ms: number; counts: Counts;
  needs?: number; finish?: [string, string] | null; used?: Spent | null; budgets?: Budget[];
}
export interface Option { id: string; name: string; details?: string | null; columns?: Record<string, string>; fails?: boolean }
export interface Question {
  text: string; options: Option[]; recommend?: string | null; kind?: string; weight?: string; on_silence?: string; details?: string | null;
  timeout?: unknown; irreversible?: boolean; auto_proceed?: boolean;
}
export interface Actor { who: string; name?: string | null }
export interface Taken { at: string; option: string; by: Actor; because?: string | null }
export interface Decision {
  decision: number; asked_by: string; question: Question; opened: string; deadline: string | null;
  held: { until: string | null; left_ms: number | null; by: string | null } | null; escalated: string | null; took_ms: number | null;
  late: { at: string; option: string; by: Actor | string; because?: string | null } | null; hangs_on_it: string[]; taken: Taken | null;
  run?: string; mission?: string; owner?: number | null;
}
export interface Activity {
  at: string; doing: string; progress?: string | null; percent?: number | null; tools?: number; model?: string | null; used?: Spent;
  todo?: { text: string; state?: string; status?: string }[]; waits_until?: string | null;
}
export interface TaskRow {
  path: string; title: string | null; phase: string | null; state: string; agent: string; attempts: number; started: string | null; ended: string | null;
  spent_ms: number; estimate_ms: number | null; used: Spent | null; session: string | null; activity: Activity | null;
  work: { branch: string; commit: string; files: number; landed: string | null } | null; failure: { class: string; message: string } | null;
}
export interface Budget { of: string; unit: string; used: number; limit: number; used_up: boolean; at_least: boolean }
export interface Blocker { task: string; name: string; severity: string; text: string; needs?: unknown; since: string }
export interface Run {
  id: string; mission: string; state: string; level: number; mode: string; owner: number | null; created: string; last: string; ended?: string | null;
  time_used_ms: number; time_limit_ms: number | null; counts: Counts; used: Spent | null; agents: { agent: string; used: Spent }[];
  budgets: Budget[]; waits_for: { provider: string; until: string }[]; blockers: Blocker[]; decisions: Decision[];
  messages: { message: number; task: string; text: string; delivered_to_attempt: number | null }[];
  branch: { name: string; base: string; merge_into: string | null; merged: { into: string; status: string; at: string; commit: string | null; message: string }[] } | null;
  critical_path: string[] | null; next: string[] | null; finish: [string, string] | null; tasks: TaskRow[];
  phases: { path: string; title: string }[]; seq: number; now: string;
}
export interface GraphNode { path: string; name: string; group: string | null; critical: boolean; x: number; y: number; w: number; h: number }
export interface GraphEdge { from: string; to: string; critical: boolean; points: [number, number][] }
export interface GraphGroup { path: string; title: string; kind: string; parent: string | null; x: number; y: number; w: number; h: number }
export interface Graph { nodes: GraphNode[]; edges: GraphEdge[]; groups: GraphGroup[]; size: [number, number] }
