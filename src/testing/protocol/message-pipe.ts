/**
 * Two connected ports without a peer, a server or a socket, to test a protocol handler.
 * Unbuffered by default: a send resolves when the other end has taken the message.
 * Source: go-ethereum p2p, MsgPipe.
 */

import type { Message, Port } from '../../api/protocol.ts';
import type { Capability } from '../../io/wire/hello.ts';

/** Rules for both ends. */
export type PipeRules = Capability & {
  /** Number of message codes; the first code is 0. */
  readonly length: number;
  /** Longest payload in bytes. Default: no limit. */
  readonly maxMessageBytes?: number;
  /** Messages of one direction that are buffered: their sends resolve at once. Default 0. */
  readonly capacity?: number;
};

export type PipeEnd = Port & {
  /** Closes both ends; `reason` becomes `signal.reason`. A second call does nothing. */
  close(reason?: Error): void;
};

const ANY: PipeRules = { name: 'pipe', version: 1, length: Number.MAX_SAFE_INTEGER };

/** Connects two ports. `send` rejects with a RangeError for an invalid code or a payload that is too long. */
export function messagePipe(rules: PipeRules = ANY): [PipeEnd, PipeEnd] {
  const abort = new AbortController();
  const { capacity = 0 } = rules;
  const directions = [new PipeDirection(capacity), new PipeDirection(capacity)] as const;
  const close = (reason = new Error('closed pipe')): void => {
    abort.abort(reason);
    for (const direction of directions) direction.close(abort.signal.reason);
  };
  const end = (out: PipeDirection, back: PipeDirection): PipeEnd => ({
    name: rules.name,
    version: rules.version,
    signal: abort.signal,
    send: (code, payload) => {
      const sent = check(rules, code, payload) ?? out.send({ code, payload: payload.slice() });
      sent.catch(() => {}); // a caller that does not await must not cause an unhandled rejection
      return sent;
    },
    close,
    [Symbol.asyncIterator]: () => ({ next: () => back.receive() }),
  });
  return [end(directions[0], directions[1]), end(directions[1], directions[0])];
}

function check(
  { name, version, length, maxMessageBytes = Number.POSITIVE_INFINITY }: PipeRules,
  code: number,
  payload: Uint8Array,
): Promise<never> | null {
  const reject = (sentence: string) =>
    Promise.reject(new RangeError(`${name}/${version}: ${sentence}`));
  if (!Number.isInteger(code) || code < 0 || code >= length)
    return reject(`message code ${code} is not below ${length}`);
  if (payload.length > maxMessageBytes)
    return reject(`payload has ${payload.length} bytes, limit ${maxMessageBytes}`);
  return null;
}

type Waiting = {
  readonly message: Message;
  readonly taken: () => void;
  readonly refused: (reason: unknown) => void;
};

/** One direction. */
class PipeDirection {
  readonly #waiting: Waiting[] = [];
  readonly #takers: ((result: IteratorResult<Message>) => void)[] = [];
  readonly #capacity: number;
  #closedBy: unknown = null;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  send(message: Message): Promise<void> {
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

  receive(): Promise<IteratorResult<Message>> {
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
