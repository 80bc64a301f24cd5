/**
 * Requests of Node Discovery v5: one at a time for each node at its endpoint, the others wait for their turn. A WHOAREYOU
 * belongs to the request whose packet it names, or to the next one when that was given up; an answer to the one whose id it
 * repeats. How a request is sealed, and what an answer means, is left to others.
 */
import type { Node } from '../crypto/node.ts';
import { BoundedMap } from '../process/bounded-map.ts';
import type { Clock } from '../process/clock.ts';
import { Deadline } from '../process/deadline.ts';
import type { Discv5Message } from '../wire/discv5-message.ts';
import { hexOf } from '../wire/hex.ts';
import { type Place, placeKey } from './node-place.ts';
import { LATE_ANSWER_MS, MAX_REQUESTS } from './request-matcher.ts';

/** Longest wait for the next packet, in ms. Source: go-ethereum p2p/discover/common.go, `V5RespTimeout`. */
export const PACKET_TIMEOUT_MS = 700;

/** Longest wait for all of an answer, in ms, from the first packet on. Source: security limits. */
export const REQUEST_TIMEOUT_MS = 3_500;

/** Requests to one node that wait for their turn. Source: security limits. */
export const MAX_QUEUED = 8;

/**
 * How long the nonce of a packet is remembered that led to nothing, in ms. A node sends its challenge for 1 s, the same one for
 * each packet that it cannot read: after a loss it names the packet before.
 */
export const EARLIER_NONCE_MS = 1_000;

export type Answer = Extract<Discv5Message, { type: 'pong' | 'nodes' | 'talkResponse' }>;

export type Expectation = {
  /** Whom is asked, and its key for a handshake. */
  readonly node: Node;
  readonly place: Place;
  readonly message: Discv5Message;
  readonly kind: Answer['type'];
  /**
   * @param rttMs Time since its last packet was sent.
   * @returns Whether the answer is complete: then the request is over.
   */
  readonly onAnswer: (answer: Answer, rttMs: number) => boolean;
  /** The time is over. */
  readonly onTimeout: () => void;
  /** The socket is closed. */
  readonly onClosed: () => void;
};

/** `otherRequestId`: an answer to an earlier request, or to none. */
export type AnswerRefusal =
  | 'unsolicitedAnswer'
  | 'lateAnswer'
  | 'otherRequestId'
  | 'otherAnswerKind';

export type ChallengeRefusal =
  | 'unsolicitedChallenge'
  | 'challengeOfOtherEndpoint'
  | 'secondChallenge';

/** A request whose turn it is, or that waits for it. */
export type Request = Expectation & {
  /** When the last packet for it was sent, in ms of the clock; null before. */
  sentAt: number | null;
  /** Whether it was sent itself, and not only a packet that asks for a challenge. */
  isSent: boolean;
  /** Whether the node challenged it. */
  isChallenged: boolean;
};

type Turn = Request & {
  readonly packet: Deadline;
  readonly whole: Deadline;
  /** Of its last packet, in hex; empty before. */
  nonce: string;
};

export type RequestHooks = {
  /** It is the turn of this request. */
  readonly onTurn: (request: Request) => void;
  /** It is over without an answer. */
  readonly onUnanswered: (request: Request, why: 'timedOut' | 'cancelled') => void;
};

export class Discv5Requests {
  readonly #clock: Clock;
  readonly #hooks: RequestHooks;
  /** Whose turn it is, by place. With those that wait, at most MAX_REQUESTS. */
  readonly #active = new Map<string, Turn>();
  /** Those that wait, by place: MAX_QUEUED each. */
  readonly #queues = new Map<string, Turn[]>();
  /** Active ones that were sent, by nonce. */
  readonly #byNonce = new Map<string, Turn>();
  /** Packets that led to nothing, by nonce: where they went, and when they were given up. At most MAX_REQUESTS. */
  readonly #earlier = new BoundedMap<string, { readonly key: string; readonly at: number }>(
    MAX_REQUESTS,
  );
  /** When requests without an answer ended, by place. At most MAX_REQUESTS. */
  readonly #ended = new BoundedMap<string, number>(MAX_REQUESTS);
  #size = 0;

  constructor(clock: Clock, hooks: RequestHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  /** Active ones, and those that wait. */
  get size(): number {
    return this.#size;
  }

  /** @returns Ends the request without a call. Null when too many wait. */
  add(expectation: Expectation): (() => void) | null {
    const key = placeKey(expectation.place);
    const queue = this.#queues.get(key) ?? [];
    if (this.#size >= MAX_REQUESTS || queue.length >= MAX_QUEUED) return null;
    const onDue = (): void => this.#timeOut(turn);
    const turn: Turn = {
      ...expectation,
      ...{ sentAt: null, isSent: false, isChallenged: false, nonce: '' },
      packet: new Deadline(this.#clock, PACKET_TIMEOUT_MS, onDue),
      whole: new Deadline(this.#clock, REQUEST_TIMEOUT_MS, onDue),
    };
    this.#size += 1;
    queue.push(turn);
    this.#queues.set(key, queue);
    this.#next(key);
    return () => this.#cancel(turn);
  }

  /** The request whose turn it is; null when there is none. */
  activeAt(place: Place): Request | null {
    return this.#active.get(placeKey(place)) ?? null;
  }

  /** Whether it is the turn of this request still. */
  isActive(request: Request): boolean {
    return this.activeAt(request.place) === request;
  }

  /** A packet with this request was sent. Its wait begins anew, but not beyond that for all of the answer. */
  sent(request: Request, nonce: Uint8Array): void {
    const turn = this.#active.get(placeKey(request.place));
    if (turn !== request) return;
    this.#giveUp(turn);
    turn.nonce = hexOf(nonce);
    this.#byNonce.set(turn.nonce, turn);
    turn.sentAt = this.#clock.now();
    turn.packet.arm();
  }

  /** The request that a challenge is for, once for each request. */
  challenged(nonce: Uint8Array, from: Place['endpoint']): Request | ChallengeRefusal {
    const turn = this.#byNonce.get(hexOf(nonce)) ?? this.#after(hexOf(nonce));
    if (!turn) return 'unsolicitedChallenge';
    const { host, port } = turn.place.endpoint;
    if (host !== from.host || port !== from.port) return 'challengeOfOtherEndpoint';
    if (turn.isChallenged) return 'secondChallenge';
    turn.isChallenged = true;
    return turn;
  }

  /** Gives an answer of this node to the request that waits for it. */
  give(answer: Answer, place: Place): AnswerRefusal | null {
    const key = placeKey(place);
    const turn = this.#active.get(key);
    if (!turn) return this.#isLate(key) ? 'lateAnswer' : 'unsolicitedAnswer';
    if (turn.message.requestId !== answer.requestId) return 'otherRequestId';
    if (turn.kind !== answer.type) return 'otherAnswerKind';
    const now = this.#clock.now();
    turn.packet.arm();
    const isComplete = turn.onAnswer(answer, now - (turn.sentAt ?? now));
    if (isComplete && this.#remove(turn)) {
      this.#earlier.delete(turn.nonce);
      this.#next(key);
    }
    return null;
  }

  /** Ends all of them. */
  close(): void {
    const queued = [...this.#queues.values()].flat();
    const all = [...this.#active.values(), ...queued];
    for (const turn of all) this.#remove(turn);
    for (const turn of all) turn.onClosed();
  }

  /** The turn of the next one comes, unless another has it. */
  #next(key: string): void {
    const queue = this.#queues.get(key);
    if (!queue || this.#active.has(key)) return;
    const turn = queue.shift();
    if (queue.length === 0) this.#queues.delete(key);
    if (!turn) return;
    this.#active.set(key, turn);
    turn.packet.arm(); // also when it cannot be sent yet
    turn.whole.arm();
    this.#hooks.onTurn(turn);
  }

  #timeOut(turn: Turn): void {
    if (!this.#remove(turn)) return;
    const key = placeKey(turn.place);
    this.#ended.set(key, this.#clock.now());
    this.#hooks.onUnanswered(turn, 'timedOut');
    turn.onTimeout();
    this.#next(key);
  }

  #cancel(turn: Turn): void {
    const wasActive = this.isActive(turn);
    if (!this.#remove(turn) || !wasActive) return;
    this.#hooks.onUnanswered(turn, 'cancelled');
    this.#next(placeKey(turn.place));
  }

  /** @returns Whether it was there. */
  #remove(turn: Turn): boolean {
    const key = placeKey(turn.place);
    if (this.#active.get(key) === turn) {
      this.#active.delete(key);
      this.#giveUp(turn);
      turn.packet.disarm();
      turn.whole.disarm();
    } else {
      const queue = this.#queues.get(key) ?? [];
      const at = queue.indexOf(turn);
      if (at < 0) return false;
      queue.splice(at, 1);
      if (queue.length === 0) this.#queues.delete(key);
    }
    this.#size -= 1;
    return true;
  }

  /** Its last packet is not waited for any more. */
  #giveUp(turn: Turn): void {
    if (!this.#byNonce.delete(turn.nonce)) return;
    this.#earlier.set(turn.nonce, { key: placeKey(turn.place), at: this.#clock.now() });
  }

  /** The request to the node that an earlier packet went to. */
  #after(nonce: string): Turn | undefined {
    const earlier = this.#earlier.get(nonce);
    if (!earlier || this.#clock.now() - earlier.at > EARLIER_NONCE_MS) return undefined;
    return this.#active.get(earlier.key);
  }

  #isLate(key: string): boolean {
    const endedAt = this.#ended.get(key);
    return endedAt !== undefined && this.#clock.now() - endedAt <= LATE_ANSWER_MS;
  }
}
