/**
 * Lets a process do everything that it can do without time passing. Promises and `process.nextTick` are done by the
 * end of each turn of the event loop; `setImmediate` is the one thing that reaches into the next, and Node says how
 * many of those wait. So this is over exactly when nothing is left, and not after a number of turns that seems enough.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns in which something that never rests is given up on. Ours. */
const MAX_TURNS = 1_000_000;

/** Calls that wait for their next turn: one of these is no reason for another one to wait. */
let waiting = 0;

/** @throws {Error} Something goes on for ever without time passing. */
export async function drainTurns(): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    waiting += 1;
    await nextTurn();
    waiting -= 1;
    if (pendingImmediates() <= waiting) return;
  }
  throw new Error(`something is still busy after ${MAX_TURNS} turns of the event loop`);
}

function pendingImmediates(): number {
  const resources = process.getActiveResourcesInfo();
  return resources.filter((resource) => resource === 'Immediate').length;
}
