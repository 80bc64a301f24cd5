/** `count/1`: all connected nodes share the highest number. Its test is beside it. */
import type { Port, Protocol } from 'peerchart';
import { asUint, decodeRlp, encodeRlp } from 'peerchart/wire';

export const NUMBER = 0; // the only message code; the payload is the number

export class Counter {
  value = 0;
  readonly #ports = new Set<Port>(); // one for each peer

  /** Keeps a higher number and sends it to every peer. */
  raise(value: number): void {
    if (value <= this.value) return;
    this.value = value;
    for (const port of this.#ports) port.send(NUMBER, encodeRlp(value)).catch(() => {}); // the peer may have left
  }

  readonly protocol: Protocol = {
    name: 'count',
    version: 1,
    length: 1,
    run: async (_peer, port) => {
      this.#ports.add(port);
      try {
        await port.send(NUMBER, encodeRlp(this.value));
        for await (const { payload } of port)
          this.raise(asUint(decodeRlp(payload), Number.MAX_SAFE_INTEGER)); // an invalid payload throws and ends this peer
      } finally {
        this.#ports.delete(port);
      }
    },
  };
}
