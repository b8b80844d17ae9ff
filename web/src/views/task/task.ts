// One task in full, as the panel shows it.

export interface Task {
  path: string; title: string | null; state: string; instruction: string | null; script: string | null; needs: string[];
  outputs: [string, string | null][]; deliverables: { what: string; isPath: boolean; found: boolean | null; about: string }[];
  gates: { name: string; verdict: string | null; message: string | null; took_ms: number | null }[];
  attempts: Attempt[]; messages: { text: string; delivered: boolean }[]; notes: { kind: string; text: string; at: string | null }[];
  tools: { at: string | null; name: string; text: string; ok: boolean | null }[];
}
export interface Attempt {
  number: number; agent: string; state: string; started: string | null; ended: string | null; message: string | null; driver: string | null; model: string | null;
  cost_usd: number | null; tokens: number | null;
}
