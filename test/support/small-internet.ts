/** Three hosts on a simulated internet, with a clock that the test advances. */

import { drainEventLoop } from '../../src/testing/world/event-loop.ts';
import { type Host, Internet, type LinkSettings } from '../../src/testing/world/internet.ts';
import { SeededRandom } from '../../src/testing/world/seeded-random.ts';
import { VirtualClock } from '../../src/testing/world/virtual-clock.ts';

export const A: Host = { address: '45.0.1.1', nat: null };
export const B: Host = { address: '45.0.2.1', nat: null };
export const C: Host = { address: '45.0.3.1', nat: null };

/** Ten milliseconds one way, unless `link` says otherwise. */
export function smallInternet(link: Partial<LinkSettings> = {}) {
  const clock = new VirtualClock();
  const random = new SeededRandom('small internet');
  const internet = new Internet(clock, random, { latencyMs: 10, jitterMs: 0, ...link });
  for (const host of [A, B, C]) internet.join(host);
  /** Advances by `ms`, and lets streams work in between. */
  const pass = async (ms: number): Promise<void> => {
    const end = clock.now() + ms;
    await drainEventLoop();
    for (let at = clock.nextAt; at !== null && at <= end; at = clock.nextAt) {
      clock.fireNext();
      await drainEventLoop();
    }
    clock.leap(end - clock.now());
  };
  return { clock, random, internet, pass };
}
