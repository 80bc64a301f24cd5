/** `echo/1` among nodes that have something to say now and then, at a gentle pace. */

import type { Protocol } from '../api/protocol.ts';
import type { Clock } from '../io/process/clock.ts';
import { encodeRlp } from '../io/wire/rlp.ts';
import { echo } from '../protocols/echo.ts';
import type { SeededRandom } from '../testing/world/seeded-random.ts';

/** From one remark to the next, in ms. */
const PAUSE_MS = { least: 2_000, most: 7_000 };

const REMARKS = [
  'anybody there?',
  'new block, same old story',
  'how many peers have you got?',
  'ok',
];

/** Code of what is said; the same one comes back as an echo. */
const SAY = 0;

export function backgroundTraffic(clock: Clock, random: SeededRandom): Protocol {
  const echoing = echo();
  return {
    ...echoing,
    async run(peer, port) {
      let timer: unknown = null;
      const speak = async (): Promise<void> => {
        timer = clock.setTimeout(speak, random.between(PAUSE_MS.least, PAUSE_MS.most));
        const remark = new TextEncoder().encode(random.pick(REMARKS));
        await port.send(SAY, encodeRlp(remark)).catch(() => {}); // it has left meanwhile
      };
      port.signal.addEventListener('abort', () => clock.clearTimeout(timer), { once: true });
      if (!port.signal.aborted) void speak();
      await echoing.run(peer, port);
    },
  };
}
