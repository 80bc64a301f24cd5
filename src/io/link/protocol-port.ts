/**
 * A subprotocol handler's end of one connection: messages in, messages out, and a signal for the end.
 * Message codes here are the protocol's own, from 0.
 */
import type { Clock } from '../process/clock.ts';
import type { ProtocolTraffic } from './traffic.ts';

/** One message of a subprotocol. The receiver owns the payload. */
export type Message = {
  readonly code: number;
  /** Decompressed bytes as the remote encoded them: RLP in every known protocol. */
  readonly payload: Uint8Array;
};

/** A handler's end of one protocol on one peer. Iteration yields the messages received before the peer ended, then ends. */
export type Port = AsyncIterable<Message> & {
  readonly name: string;
  readonly version: number;
  /** Aborted with the reason when the peer ends. */
  readonly signal: AbortSignal;
  /**
   * Sends one message. Awaiting it slows the sender down to the rate at which the remote reads.
   * @throws {RangeError} `code` is outside the protocol, `payload` is too long, or too much is unsent.
   * @throws The reason of `signal` once the peer has ended.
   */
  send(code: number, payload: Uint8Array): Promise<void>;
};

/** A protocol both sides run, with its range of message ids on the connection. */
export type PortPlace = {
  readonly name: string;
  readonly version: number;
  readonly length: number;
  readonly offset: number;
  /** Longest payload either side may send, in bytes. */
  readonly maxMessageBytes: number;
};

export type PortHooks = {
  readonly clock: Clock;
  /** Sends with the connection's message id. @returns Bytes of the payload on the wire. */
  readonly send: (id: number, payload: Uint8Array) => Promise<number>;
  /** The handler took a message of `bytes` from the queue. */
  readonly onTaken: (bytes: number) => void;
  readonly traffic: ProtocolTraffic;
};

/** The link's side of a port. */
export class QueuedPort implements Port {
  readonly place: PortPlace;
  readonly traffic: ProtocolTraffic;
  readonly #hooks: PortHooks;
  /** Made when the handler first asks for the signal: many never do, and it is large. */
  #abort: AbortController | null = null;
  /** Why the port is closed; null while it is open. */
  #closed: { readonly reason: Error } | null = null;
  /** Bounded by the router, which stops reading when it is full. */
  readonly #queue: Message[] = [];
  #queuedBytes = 0;
  #notTakingSince: number | null = null;
  /** Code of the message that the handler took last, until it asks for the next one; null otherwise. */
  #takenCode: number | null = null;
  #takenAt = 0;
  /** Calls of `next` without a message yet: usually one, resolved in order. */
  readonly #pendingNext: ((result: IteratorResult<Message>) => void)[] = [];

  constructor(place: PortPlace, hooks: PortHooks) {
    this.place = place;
    this.traffic = hooks.traffic;
    this.#hooks = hooks;
  }

  get name(): string {
    return this.place.name;
  }

  get version(): number {
    return this.place.version;
  }

  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#closed) this.#abort.abort(this.#closed.reason);
    }
    return this.#abort.signal;
  }

  /** Messages the handler has not taken. */
  get queued(): number {
    return this.#queue.length;
  }

  send(code: number, payload: Uint8Array): Promise<void> {
    const sent = this.#send(code, payload);
    sent.catch(() => {}); // a handler that does not await this must not end the process
    return sent;
  }

  async #send(code: number, payload: Uint8Array): Promise<void> {
    const { name, version, length, offset, maxMessageBytes } = this.place;
    if (!Number.isInteger(code) || code < 0 || code >= length)
      throw new RangeError(
        `"code" of ${name}/${version} must be an integer from 0 to ${length - 1}, got ${code}`,
      );
    if (payload.length > maxMessageBytes)
      throw new RangeError(
        `"payload" of ${name}/${version} may have ${maxMessageBytes} bytes, got ${payload.length}`,
      );
    if (this.#closed) throw this.#closed.reason;
    this.traffic.egress.add(code, await this.#hooks.send(offset + code, payload));
  }

  /** Bytes of the messages the handler has not taken. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Since when the handler has taken nothing, in ms of the clock, while it is watched; null otherwise. */
  get notTakingSince(): number | null {
    return this.#notTakingSince;
  }

  /** Reading stopped: watches whether the handler takes what is queued, until nothing is. */
  watchTaking(): void {
    if (this.#queue.length > 0) this.#notTakingSince ??= this.#hooks.clock.now();
  }

  /** @returns Bytes this message added to the queue; 0 when the handler took it at once. */
  deliver(message: Message): number {
    if (this.#closed) return 0;
    const resolve = this.#pendingNext.shift();
    if (resolve) {
      this.#noteTaken(message);
      resolve({ done: false, value: message });
      return 0;
    }
    this.#queue.push(message);
    this.#queuedBytes += message.payload.length;
    return message.payload.length;
  }

  /** Delivers and sends nothing more; queued messages may still be taken. */
  close(reason: Error): void {
    this.#closed ??= { reason };
    this.#abort?.abort(reason);
    for (const resolve of this.#pendingNext.splice(0)) resolve({ done: true, value: undefined });
  }

  /** After `close`: discards what is queued. */
  drop(): void {
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
    return { next: () => this.#next() };
  }

  #next(): Promise<IteratorResult<Message>> {
    this.#countTaken();
    const message = this.#queue.shift();
    if (message) {
      this.#noteTaken(message);
      this.#queuedBytes -= message.payload.length;
      if (this.#notTakingSince !== null)
        this.#notTakingSince = this.#queue.length > 0 ? this.#hooks.clock.now() : null;
      this.#hooks.onTaken(message.payload.length);
      return Promise.resolve({ done: false, value: message });
    }
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#pendingNext.push(resolve));
  }

  #noteTaken({ code }: Message): void {
    this.#takenCode = code;
    this.#takenAt = this.#hooks.clock.now();
  }

  #countTaken(): void {
    if (this.#takenCode === null) return;
    this.traffic.handled.add(this.#takenCode, this.#hooks.clock.now() - this.#takenAt);
    this.#takenCode = null;
  }
}
