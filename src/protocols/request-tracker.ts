/**
 * The requests of ours on one peer that wait for an answer: which id, how long, and whether an answer fits.
 * Source: go-ethereum p2p/tracker.
 */
import type { RequestReports } from '../api/protocol-tools.ts';
import type { Clock } from '../io/process/clock.ts';

/** Requests that may wait at once. Source: go-ethereum p2p/tracker, `maxTrackedPackets`. */
export const MAX_TRACKED_REQUESTS = 10_000;

/** After so many ms a request is lost, and an answer is stale. Source: go-ethereum eth/protocols/eth/peer.go. */
export const REQUEST_LIFETIME_MS = 5 * 60 * 1_000;

/** Requests this close to their end are lost together, in ms. Source: go-ethereum p2p/tracker. */
const SLACK_MS = 5;

export type TrackedRequest = {
  readonly id: bigint;
  readonly code: number;
  /** Code of the answer. */
  readonly answerCode: number;
  /** Most items that the answer may have. */
  readonly maxItems: number;
};

export type RequestAnswer = {
  readonly id: bigint;
  readonly code: number;
  readonly items: number;
};

export type TrackResult = 'tracked' | 'stopped' | 'idCollision' | 'limitReached';
export type FulfilResult = 'fulfilled' | 'noMatchingRequest' | 'codeMismatch' | 'tooManyItems';

export class RequestTracker {
  readonly #clock: Clock;
  readonly #reports: RequestReports;
  /** In the order in which they were sent. At most MAX_TRACKED_REQUESTS. */
  readonly #pending = new Map<bigint, TrackedRequest & { readonly sentAt: number }>();
  #timer: unknown = null;
  #isStopped = false;

  readonly #onLost: (id: bigint) => void;

  /** @param onLost Called for each request that is not answered in time. */
  constructor(clock: Clock, reports: RequestReports, onLost: (id: bigint) => void = () => {}) {
    this.#clock = clock;
    this.#reports = reports;
    this.#onLost = onLost;
  }

  get pending(): number {
    return this.#pending.size;
  }

  track(request: TrackedRequest): TrackResult {
    if (this.#isStopped) return 'stopped';
    if (this.#pending.has(request.id)) return 'idCollision';
    if (this.#pending.size >= MAX_TRACKED_REQUESTS) return 'limitReached';
    this.#pending.set(request.id, { ...request, sentAt: this.#clock.now() });
    this.#reports.tracked(request.code, 1);
    if (this.#timer === null) this.#schedule();
    return 'tracked';
  }

  /** A request whose answer does not fit waits on. */
  fulfil({ id, code, items }: RequestAnswer): FulfilResult {
    const request = this.#pending.get(id);
    if (!request) {
      this.#reports.stale(code);
      return 'noMatchingRequest';
    }
    if (request.answerCode !== code) return 'codeMismatch';
    if (items > request.maxItems) return 'tooManyItems';
    this.#pending.delete(id);
    this.#reports.tracked(request.code, -1);
    this.#reports.fulfilled(request.code, this.#clock.now() - request.sentAt);
    return 'fulfilled';
  }

  /** Forgets every request; none is lost. */
  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    for (const { code } of this.#pending.values()) this.#reports.tracked(code, -1);
    this.#pending.clear();
  }

  #schedule(): void {
    const [first] = this.#pending.values();
    this.#timer = null;
    if (!first) return;
    const left = first.sentAt + REQUEST_LIFETIME_MS - this.#clock.now();
    this.#timer = this.#clock.setTimeout(() => this.#expire(), Math.max(1, left));
  }

  #expire(): void {
    const before = this.#clock.now() - REQUEST_LIFETIME_MS + SLACK_MS;
    for (const [id, { code, sentAt }] of this.#pending) {
      if (sentAt > before) break;
      this.#pending.delete(id);
      this.#reports.tracked(code, -1);
      this.#reports.lost(code);
      this.#onLost(id);
    }
    this.#schedule();
  }
}
