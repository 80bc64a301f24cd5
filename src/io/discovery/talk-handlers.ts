/** Who answers the TALKREQs of a protocol: handlers of users, bounded in number and in time. */
import type { Node } from '../crypto/node.ts';
import type { Clock } from '../process/clock.ts';
import { Deadline } from '../process/deadline.ts';
import { encodeDiscv5, MAX_REQUEST_ID_BYTES } from '../wire/discv5-message.ts';
import type { Endpoint } from '../wire/endpoint.ts';

/** Handlers at work at the same time. Source: security limits. */
export const MAX_TALKS = 64;

/** Longest wait for a handler, in ms: the node that asked waits 700 ms. Ours. */
export const TALK_TIMEOUT_MS = 500;

/** Longest response, in bytes: 1,280 without the header and the rest of the message. */
export const MAX_TALK_RESPONSE_BYTES = 1_170;

/** Protocols with a handler. Ours. */
export const MAX_TALK_PROTOCOLS = 64;

/** A TALKREQ in a session. */
export type TalkRequest = {
  /** As its record says, or as we asked it. */
  readonly node: Node;
  /** Where the request came from. */
  readonly from: Endpoint;
  readonly payload: Uint8Array;
};

/** What it returns is the response. One that fails, or is too late or too large, answers with an empty response. */
export type TalkHandler = (request: TalkRequest) => Uint8Array | Promise<Uint8Array>;

const EMPTY = new Uint8Array();

/** Longest message, type included, in bytes: 1,280 without masking IV, header, authdata and tag. */
const MAX_MESSAGE_BYTES = 1_280 - 16 - 23 - 32 - 16;

/** Whether a TALKREQ of ours does not fit into one packet. */
export function isTooLarge({
  protocol,
  payload,
}: {
  readonly protocol: string;
  readonly payload: Uint8Array;
}): boolean {
  const requestId = '00'.repeat(MAX_REQUEST_ID_BYTES);
  const message = { type: 'talkRequest', requestId, protocol, payload } as const;
  return encodeDiscv5(message).length > MAX_MESSAGE_BYTES;
}

export class TalkHandlers {
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  /** By protocol. At most MAX_TALK_PROTOCOLS. */
  readonly #handlers = new Map<string, TalkHandler>();
  /** Waits for handlers. At most MAX_TALKS. */
  readonly #waits = new Set<() => void>();

  /** @param onFault Gets what a handler threw. */
  constructor(clock: Clock, onFault: (error: unknown) => void) {
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** Handlers at work. */
  get size(): number {
    return this.#waits.size;
  }

  /**
   * A handler that was there before is replaced.
   *
   * @returns Removes the handler.
   * @throws {RangeError} There are handlers for 64 protocols.
   */
  add(protocol: string, handler: TalkHandler): () => void {
    if (!this.#handlers.has(protocol) && this.#handlers.size >= MAX_TALK_PROTOCOLS)
      throw new RangeError(`there are handlers for ${MAX_TALK_PROTOCOLS} protocols already`);
    this.#handlers.set(protocol, handler);
    return () => {
      if (this.#handlers.get(protocol) === handler) this.#handlers.delete(protocol);
    };
  }

  /** @param respond Called once, perhaps before this returns; not after {@link close}. */
  handle(protocol: string, request: TalkRequest, respond: (payload: Uint8Array) => void): void {
    const handler = this.#handlers.get(protocol);
    if (!handler || this.#waits.size >= MAX_TALKS) return respond(EMPTY);
    const deadline = new Deadline(this.#clock, TALK_TIMEOUT_MS, () => end(EMPTY));
    const drop = (): void => deadline.disarm();
    const end = (payload: Uint8Array): void => {
      if (!this.#waits.delete(drop)) return;
      deadline.disarm();
      respond(payload.length > MAX_TALK_RESPONSE_BYTES ? EMPTY : payload);
    };
    const fail = (error: unknown): void => {
      this.#onFault(error);
      end(EMPTY);
    };
    this.#waits.add(drop);
    deadline.arm();
    try {
      const answer = handler(request);
      if (answer instanceof Uint8Array) return end(answer);
      Promise.resolve(answer).then((payload) => {
        if (payload instanceof Uint8Array) end(payload);
        else fail(new TypeError('a talk handler returns bytes, or a promise of bytes'));
      }, fail);
    } catch (error) {
      fail(error);
    }
  }

  /** Ends all waits without a response. */
  close(): void {
    for (const drop of this.#waits) drop();
    this.#waits.clear();
  }
}
