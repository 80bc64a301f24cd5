/** Budgets as a server has them by default: out of the way unless a test makes them small. */

import { DEFAULTS } from '../../src/api/options.ts';
import { Budget, type Budgets } from '../../src/io/process/budget.ts';

export function newBudgets({
  received = DEFAULTS.receiveBudgetBytes,
  unsent = DEFAULTS.sendBudgetBytes,
} = {}): Budgets {
  return { received: new Budget(received), unsent: new Budget(unsent) };
}
