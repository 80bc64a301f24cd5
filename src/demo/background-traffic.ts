/** An `echo/1` protocol that also sends a message every few seconds. */

import type { Protocol } from '../api/protocol.ts';
import type { Clock } from '../io/process/clock.ts';
import { encodeRlp } from '../io/wire/rlp.ts';
import { echo } from '../protocols/echo.ts';
import type { SeededRandom } from '../testing/world/seeded-random.ts';

/** Between two messages, in ms. */
const PAUSE_MS = { least: 2_000, most: 7_000 };

const MESSAGES = ['hello', 'message of the demo', 'a somewhat longer message of the demo', 'ok'];

/** Code of the messages; the echo has the next one. */
const MESSAGE_CODE = 0;

export function backgroundTraffic(clock: Clock, random: SeededRandom): Protocol {
  const echoProtocol = echo();
  return {
    ...echoProtocol,
    async run(peer, port, tools) {
      let timer: unknown = null;
      const send = async (): Promise<void> => {
        timer = clock.setTimeout(send, random.between(PAUSE_MS.least, PAUSE_MS.most));
        const message = new TextEncoder().encode(random.pick(MESSAGES));
        await port.send(MESSAGE_CODE, encodeRlp(message)).catch(() => {}); // the peer disconnected meanwhile
      };
      port.signal.addEventListener('abort', () => clock.clearTimeout(timer), { once: true });
      if (!port.signal.aborted) void send();
      await echoProtocol.run(peer, port, tools);
    },
  };
}
