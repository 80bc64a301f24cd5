/**
 * Requests that wait for an answer. An answer belongs to a request when it is of its kind and comes from its endpoint, and,
 * once the signature is checked, from its node. What was asked, and what an answer means, is left to others.
 */
import { BoundedMap } from '../process/bounded-map.ts';
import type { Clock } from '../process/clock.ts';
import { Deadline } from '../process/deadline.ts';
import type { Discv4Message } from '../wire/discv4-message.ts';
import { type Endpoint, formatEndpoint } from '../wire/endpoint.ts';

/** Longest wait for all of an answer, in ms. Source: go-ethereum p2p/discover/v4_udp.go, `respTimeout`. */
export const RESPONSE_TIMEOUT_MS = 500;

/** Requests that wait at the same time. Source: security limits. */
export const MAX_REQUESTS = 512;

/** Packets that are looked at for one request, forged ones included. Source: security limits, and as many forged. */
export const MAX_PACKETS_PER_REQUEST = 10;

/** How long an answer counts as late, in ms, before it counts as one that nothing asked for. Ours. */
export const LATE_ANSWER_MS = 5_000;

export type Answer = Extract<Discv4Message, { type: 'pong' | 'neighbors' | 'enrResponse' }>;

export type Expectation = {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly kind: Answer['type'];
  /** Hash of the request, which the answer repeats. Null for kinds that repeat none. */
  readonly hash: Uint8Array | null;
  /** @returns Whether the answer is complete: then the request is over. */
  readonly onAnswer: (answer: Answer) => boolean;
  /** The time is over. */
  readonly onTimeout: () => void;
  /** The socket is closed. */
  readonly onClosed: () => void;
};

/** Why an answer was dropped. `answerOfAnotherKey`: right endpoint, wrong node. */
export type AnswerRefusal =
  | 'unsolicitedAnswer'
  | 'lateAnswer'
  | 'wrongRequestHash'
  | 'tooManyAnswers'
  | 'answerOfAnotherKey';

type Request = Expectation & { readonly deadline: Deadline; packets: number };

export class RequestMatcher {
  readonly #clock: Clock;
  /** By endpoint and kind. At most MAX_REQUESTS in all. */
  readonly #requests = new Map<string, Set<Request>>();
  /** When requests without an answer ended. At most MAX_REQUESTS. */
  readonly #ended = new BoundedMap<string, number>(MAX_REQUESTS);
  #size = 0;
  #timeoutsInARow = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  /** Requests that ended without an answer since the last one that had one. */
  get timeoutsInARow(): number {
    return this.#timeoutsInARow;
  }

  /** @returns Ends the request without a call. Null when too many wait. */
  add(expectation: Expectation): (() => void) | null {
    if (this.#size >= MAX_REQUESTS) return null;
    const request: Request = {
      ...expectation,
      packets: 0,
      deadline: new Deadline(this.#clock, RESPONSE_TIMEOUT_MS, () => this.#timeOut(request)),
    };
    const key = keyOf(expectation.kind, expectation.endpoint);
    const sameKey = this.#requests.get(key) ?? new Set();
    this.#requests.set(key, sameKey.add(request));
    this.#size += 1;
    request.deadline.arm();
    return () => this.#remove(request);
  }

  isWaiting(kind: Answer['type'], endpoint: Endpoint): boolean {
    return this.#requests.has(keyOf(kind, endpoint));
  }

  /** The check before the signature. Null when a request may wait for this answer. */
  refusalOf(answer: Answer, from: Endpoint): AnswerRefusal | null {
    const key = keyOf(answer.type, from);
    const requests = this.#requests.get(key);
    if (!requests) return this.#isLate(key) ? 'lateAnswer' : 'unsolicitedAnswer';
    const fitting = [...requests].filter((request) => repeats(answer, request.hash));
    if (fitting.length === 0) return 'wrongRequestHash';
    for (const request of fitting) request.packets += 1;
    return fitting.some(({ packets }) => packets <= MAX_PACKETS_PER_REQUEST)
      ? null
      : 'tooManyAnswers';
  }

  /** Gives an answer of this node to each request that waits for it. */
  give(answer: Answer, from: Endpoint, id: string): AnswerRefusal | null {
    const requests = [...(this.#requests.get(keyOf(answer.type, from)) ?? [])];
    const fitting = requests.filter(
      (request) => request.id === id && repeats(answer, request.hash),
    );
    if (fitting.length === 0) return 'answerOfAnotherKey';
    this.#timeoutsInARow = 0;
    for (const request of fitting) {
      const isComplete = request.onAnswer(answer);
      if (isComplete) this.#remove(request);
    }
    return null;
  }

  close(): void {
    const all = [...this.#requests.values()].flatMap((requests) => [...requests]);
    for (const request of all) this.#remove(request);
    for (const request of all) request.onClosed();
  }

  #timeOut(request: Request): void {
    this.#remove(request);
    this.#timeoutsInARow += 1;
    this.#ended.set(keyOf(request.kind, request.endpoint), this.#clock.now());
    request.onTimeout();
  }

  /** A second call does nothing. */
  #remove(request: Request): void {
    const key = keyOf(request.kind, request.endpoint);
    const requests = this.#requests.get(key);
    if (!requests?.delete(request)) return;
    if (requests.size === 0) this.#requests.delete(key);
    this.#size -= 1;
    request.deadline.disarm();
  }

  #isLate(key: string): boolean {
    const endedAt = this.#ended.get(key);
    return endedAt !== undefined && this.#clock.now() - endedAt <= LATE_ANSWER_MS;
  }
}

const keyOf = (kind: Answer['type'], endpoint: Endpoint): string =>
  `${kind} ${formatEndpoint(endpoint)}`;

function repeats(answer: Answer, hash: Uint8Array | null): boolean {
  if (hash === null || answer.type === 'neighbors') return true;
  const repeated = answer.type === 'pong' ? answer.pingHash : answer.requestHash;
  return Buffer.compare(repeated, hash) === 0;
}
