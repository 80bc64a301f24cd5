/**
 * One UDP socket for both versions of discovery. v4 owns it: binds it, closes it, and hands over what is no packet of v4.
 * v5 gets that through a bounded queue, in later turns of the event loop, so that it cannot keep v4 from its answers.
 * Source: go-ethereum p2p/server.go, `sharedUDPConn`.
 */
import { setImmediate } from 'node:timers';

import type { Clock } from '../process/clock.ts';
import type { BindDatagrams, Datagram, DatagramHooks, DatagramSocket } from './datagram-socket.ts';

/** Datagrams that wait for v5; more are dropped. Source: go-ethereum p2p/server.go, `unhandled`. */
export const MAX_WAITING_DATAGRAMS = 100;

/** Time in one turn, in ms, after which v5 gets no further datagram. Source: security limits, "Messages per turn". */
export const DATAGRAM_TURN_MS = 5;

const CLOSED = 'the socket of discovery v4, which is shared, is closed';

type SharedSocketOptions = {
  readonly bind: BindDatagrams;
  readonly clock: Clock;
  /** Calls `run` in the next turn of the event loop. */
  readonly nextTurn?: (run: () => void) => unknown;
};

export class SharedSocket {
  readonly #options: Required<SharedSocketOptions>;
  /** Null while v4 has none. */
  #socket: DatagramSocket | null = null;
  /** Of v5; null while it is not bound. */
  #guest: DatagramHooks | null = null;
  /** At most MAX_WAITING_DATAGRAMS, oldest first. */
  #waiting: Datagram[] = [];
  #isScheduled = false;
  #dropped = 0;

  constructor(options: SharedSocketOptions) {
    this.#options = { nextTurn: setImmediate, ...options };
  }

  /** Datagrams for v5 that were dropped since the start, because too many waited. */
  get dropped(): number {
    return this.#dropped;
  }

  /** For v4: binds the socket. */
  readonly bindOwner: BindDatagrams = async (address, hooks) => {
    const socket = await this.#options.bind(address, {
      ...hooks,
      onLost: (message, retryInMs) => {
        hooks.onLost(message, retryInMs);
        this.#guest?.onLost(message, retryInMs);
      },
      onRestored: () => {
        hooks.onRestored();
        this.#guest?.onRestored();
      },
    });
    this.#socket = socket;
    return {
      get local() {
        return socket.local;
      },
      send: (bytes, to) => socket.send(bytes, to),
      close: () => {
        if (this.#socket !== socket) return;
        this.#socket = null;
        socket.close();
        this.#guest?.onLost(CLOSED, null);
      },
    };
  };

  /** For v5: takes part in the socket that v4 has bound, whatever the address. Rejects when there is none. */
  readonly bindGuest: BindDatagrams = async (_address, hooks) => {
    const socket = this.#socket;
    if (!socket) throw new Error(CLOSED);
    this.#guest = hooks;
    this.#waiting = [];
    return {
      get local() {
        return socket.local;
      },
      send: (bytes, to) => {
        if (this.#guest === hooks) socket.send(bytes, to);
      },
      close: () => {
        if (this.#guest !== hooks) return;
        this.#guest = null;
        this.#waiting = [];
      },
    };
  };

  /** A datagram that is no packet of v4. */
  handOver(datagram: Datagram): void {
    if (!this.#guest) return;
    if (this.#waiting.length >= MAX_WAITING_DATAGRAMS) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(datagram);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.nextTurn(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    const { clock } = this.#options;
    const startedAt = clock.now();
    this.#isScheduled = false;
    while (this.#guest && clock.now() - startedAt <= DATAGRAM_TURN_MS) {
      const datagram = this.#waiting.shift();
      if (!datagram) return;
      this.#guest.onDatagram(datagram);
    }
    if (this.#waiting.length > 0) this.#schedule();
  };
}
