/**
 * Runs the event loop until the process has no work left that needs no timer. Promises and `process.nextTick` are done
 * at the end of each turn; only `setImmediate` reaches the next turn, and Node reports how many of these are pending. So
 * this ends exactly when nothing is left, not after a guessed number of turns.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns after which endless work is an error. Our choice. */
const MAX_TURNS = 1_000_000;

/** Calls of `drainEventLoop` that wait for their next turn; they must not wait for each other. */
let waiting = 0;

/** @throws {Error} There was still work after `maxTurns` turns. */
export async function drainEventLoop(maxTurns = MAX_TURNS): Promise<void> {
  for (let turn = 0; turn < maxTurns; turn += 1) {
    waiting += 1;
    await nextTurn();
    waiting -= 1;
    if (pendingImmediates() <= waiting) return;
  }
  throw new Error(`there is still work after ${maxTurns} turns of the event loop`);
}

function pendingImmediates(): number {
  const resources = process.getActiveResourcesInfo();
  return resources.filter((resource) => resource === 'Immediate').length;
}
