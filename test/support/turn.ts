/** Turns of the event loop: a test lets pending work run, without a clock. */
import { setImmediate } from 'node:timers';

/** Resolves when `count` turns have passed: more than any chain of steps over a memory stream needs. */
export async function turns(count = 20): Promise<void> {
  for (let left = count; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
}
