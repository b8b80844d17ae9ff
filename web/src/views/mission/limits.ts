// The limits of a run, and whether one of them stands in its way. Pure.
import type { Budget, Run } from '../../api/types';

/** A limit on the whole run, in the unit in which the server counts it. */
export const budgetOf = (run: Run, unit: Budget['unit']): Budget | undefined => run.budgets.find((one) => one.of === 'the run' && one.unit === unit);

export const isTimeUp = (run: Run): boolean => run.time_limit_ms !== null && run.time_used_ms >= run.time_limit_ms;

/** Whether more of something is what the run lacks. */
export const isAtLimit = (run: Run): boolean =>
  run.state === 'over_budget' || (run.state !== 'succeeded' && run.state !== 'succeeded_with_overrides' && run.state !== 'cancelled' && (isTimeUp(run) || run.budgets.some((one) => one.of === 'the run' && one.used_up)));

/** Whether it has limits on the whole run that can be raised. */
export const hasLimits = (run: Run): boolean => run.time_limit_ms !== null || run.budgets.some((one) => one.of === 'the run');
