/**
 * Two ports joined to each other, without a peer, a server or a socket: the shortest way to test a handler.
 * Nothing is buffered unless asked for: a send is done when the other end has taken the message.
 * Source: go-ethereum p2p, MsgPipe.
 */

import type { Message, Port } from '../../api/protocol.ts';
import type { Capability } from '../../io/wire/hello.ts';

/** What both ends hold each other to. */
export type PipeRules = Capability & {
  /** Message codes from 0 on. */
  readonly length: number;
  /** Longest payload, in bytes. */
  readonly maxMessageBytes?: number;
  /** Messages of one direction that may wait while their sends are done. Default 0. */
  readonly capacity?: number;
};

export type PipeEnd = Port & {
  /** Ends both directions of both ends, with a reason for `signal`. Again, it does nothing. */
  close(reason?: Error): void;
};

const ANY: PipeRules = { name: 'pipe', version: 1, length: Number.MAX_SAFE_INTEGER };

/** What is sent into one end comes out of the other one. */
export function messagePipe(rules: PipeRules = ANY): [PipeEnd, PipeEnd] {
  const abort = new AbortController();
  const { capacity = 0 } = rules;
  const roads = [new Road(capacity), new Road(capacity)] as const;
  const close = (reason = new Error('closed pipe')): void => {
    abort.abort(reason);
    for (const road of roads) road.close(abort.signal.reason);
  };
  const end = (out: Road, back: Road): PipeEnd => ({
    name: rules.name,
    version: rules.version,
    signal: abort.signal,
    send: (code, payload) => {
      const sent = check(rules, code, payload) ?? out.carry({ code, payload: payload.slice() });
      sent.catch(() => {}); // who does not await it does not want to know
      return sent;
    },
    close,
    [Symbol.asyncIterator]: () => ({ next: () => back.take() }),
  });
  return [end(roads[0], roads[1]), end(roads[1], roads[0])];
}

function check(
  { name, version, length, maxMessageBytes = Number.POSITIVE_INFINITY }: PipeRules,
  code: number,
  payload: Uint8Array,
): Promise<never> | null {
  const refuse = (what: string) => Promise.reject(new RangeError(`${what} of ${name}/${version}`));
  if (!Number.isInteger(code) || code < 0 || code >= length)
    return refuse(`code ${code} is not one of the ${length}`);
  if (payload.length > maxMessageBytes)
    return refuse(`${payload.length} bytes are more than the ${maxMessageBytes}`);
  return null;
}

type Waiting = {
  readonly message: Message;
  readonly taken: () => void;
  readonly refused: (reason: unknown) => void;
};

/** One direction. */
class Road {
  readonly #waiting: Waiting[] = [];
  readonly #takers: ((result: IteratorResult<Message>) => void)[] = [];
  readonly #capacity: number;
  #closedBy: unknown = null;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  carry(message: Message): Promise<void> {
    if (this.#closedBy !== null) return Promise.reject(this.#closedBy);
    const taker = this.#takers.shift();
    if (taker) {
      taker({ done: false, value: message });
      return Promise.resolve();
    }
    return new Promise((taken, refused) => {
      this.#waiting.push({ message, taken, refused });
      if (this.#waiting.length <= this.#capacity) taken();
    });
  }

  take(): Promise<IteratorResult<Message>> {
    if (this.#closedBy !== null) return Promise.resolve({ done: true, value: undefined });
    const next = this.#waiting.shift();
    if (!next) return new Promise((resolve) => this.#takers.push(resolve));
    next.taken();
    this.#waiting[this.#capacity - 1]?.taken();
    return Promise.resolve({ done: false, value: next.message });
  }

  close(reason: unknown): void {
    if (this.#closedBy !== null) return;
    this.#closedBy = reason;
    for (const { refused } of this.#waiting.splice(0)) refused(reason);
    for (const taker of this.#takers.splice(0)) taker({ done: true, value: undefined });
  }
}
