// What is asked for to change the rest of a run, and what that would bring about: `POST /runs/{run}/adjust`.

export interface AdjustmentWanted { skip?: string[]; first?: string[]; last?: string[]; because?: string; preview?: boolean }

interface Range { least: number; most: number }
export interface Adjustment {
  skipped: { task: string; why: 'asked' | 'level' | 'follows' }[];
  without: { task: string; needs: string[]; reads_it: boolean }[];
  moved: { task: string; from: number; to: number; waits_for: string[] }[];
  starts: string[];
  remaining: [before: Range, after: Range];
}
