/** `count/1`: a number that only grows, the same for all who are connected. Its test is beside it. */
import type { Port, Protocol } from 'peerchart';
import { asUint, decodeRlp, encodeRlp } from 'peerchart/wire';

export const TELL = 0; // the one message code; the payload is the number

export class Counter {
  value = 0;
  readonly #ports = new Set<Port>(); // as many as there are peers

  /** Keeps a greater number, and sends it to every peer. */
  raise(value: number): void {
    if (value <= this.value) return;
    this.value = value;
    for (const port of this.#ports) port.send(TELL, encodeRlp(value)).catch(() => {}); // who is gone need not know
  }

  readonly protocol: Protocol = {
    name: 'count',
    version: 1,
    length: 1,
    run: async (_peer, port) => {
      this.#ports.add(port);
      try {
        await port.send(TELL, encodeRlp(this.value));
        for await (const { payload } of port)
          this.raise(asUint(decodeRlp(payload), Number.MAX_SAFE_INTEGER)); // garbage throws, and ends this peer
      } finally {
        this.#ports.delete(port);
      }
    },
  };
}
