/**
 * What a subprotocol handler holds: messages in, messages out, and a signal that says it is over.
 * Message codes here are the protocol's own, from 0.
 */
import type { ProtocolTraffic } from './traffic.ts';

/** One message of a subprotocol; the payload is owned by whoever receives it. */
export type Message = {
  readonly code: number;
  /** As the remote encoded it (RLP, for every known protocol), decompressed. */
  readonly payload: Uint8Array;
};

/** A handler's end of one protocol on one peer. Iterating ends with the peer, after what came before its end. */
export type Port = AsyncIterable<Message> & {
  readonly name: string;
  readonly version: number;
  /** Aborted with the reason when the peer ends. */
  readonly signal: AbortSignal;
  /**
   * Sends one message; awaiting it slows the sender down to what the remote takes.
   * @throws {RangeError} `code` is outside the protocol, `payload` is too long, or too much is unsent.
   * @throws the reason of `signal` once the peer has ended.
   */
  send(code: number, payload: Uint8Array): Promise<void>;
};

/** A protocol both sides run, with its place among the message ids of the connection. */
export type PortPlace = {
  readonly name: string;
  readonly version: number;
  readonly length: number;
  readonly offset: number;
  /** Longest payload either side may send, in bytes. */
  readonly maxMessageBytes: number;
};

export type PortHooks = {
  /** Sends with the connection's own message id. @returns bytes of the payload as it went out. */
  readonly send: (id: number, payload: Uint8Array) => Promise<number>;
  /** The handler took `bytes` out of the queue. */
  readonly onTaken: (bytes: number) => void;
  readonly traffic: ProtocolTraffic;
};

/** The link's side of a port. */
export class QueuedPort implements Port {
  readonly place: PortPlace;
  readonly traffic: ProtocolTraffic;
  readonly #hooks: PortHooks;
  readonly #abort = new AbortController();
  /** Bounded by the router, which stops reading. */
  readonly #queue: Message[] = [];
  #queuedBytes = 0;
  /** A handler waits for one message at a time; more are answered in order. */
  readonly #waiting: ((result: IteratorResult<Message>) => void)[] = [];

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
    return this.#abort.signal;
  }

  /** Messages that the handler has not taken yet. */
  get queued(): number {
    return this.#queue.length;
  }

  send(code: number, payload: Uint8Array): Promise<void> {
    const sent = this.#send(code, payload);
    sent.catch(() => {}); // a handler that does not await it must not take the process down
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
    this.signal.throwIfAborted();
    this.traffic.egress.add(code, await this.#hooks.send(offset + code, payload));
  }

  /** Bytes of the messages that the handler has not taken yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** @returns bytes that now wait in the queue on behalf of this message. */
  deliver(message: Message): number {
    if (this.signal.aborted) return 0;
    const taker = this.#waiting.shift();
    if (taker) {
      taker({ done: false, value: message });
      return 0;
    }
    this.#queue.push(message);
    this.#queuedBytes += message.payload.length;
    return message.payload.length;
  }

  /** Nothing is delivered or sent any more; what came before may still be taken. */
  close(reason: Error): void {
    this.#abort.abort(reason);
    for (const end of this.#waiting.splice(0)) end({ done: true, value: undefined });
  }

  /** After the close: nobody takes what is left. */
  drop(): void {
    this.#queue.length = 0;
    this.#queuedBytes = 0;
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
    return { next: () => this.#next() };
  }

  #next(): Promise<IteratorResult<Message>> {
    const message = this.#queue.shift();
    if (message) {
      this.#queuedBytes -= message.payload.length;
      this.#hooks.onTaken(message.payload.length);
      return Promise.resolve({ done: false, value: message });
    }
    if (this.signal.aborted) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
