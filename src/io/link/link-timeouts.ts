/** The deadlines of a running link: for whole messages, and for the pong to a ping. Time in which we do not read does not count. */
import type { Clock } from '../process/clock.ts';
import { Deadline } from '../process/deadline.ts';
import type { PeerLinkEvent } from './link-events.ts';

/** Longest time without a whole message, in ms. Source: go-ethereum p2p/transport.go, frame read timeout. */
export const READ_TIMEOUT_MS = 30_000;

/** Longest wait for a pong, in ms. Source: reth, session ping timeout. */
export const PONG_TIMEOUT_MS = 15_000;

export type LinkTimeoutsHooks = {
  /** We have paused reading. */
  readonly isHeld: () => boolean;
  readonly report: (event: PeerLinkEvent) => void;
};

export class LinkTimeouts {
  readonly #clock: Clock;
  readonly #hooks: LinkTimeoutsHooks;
  readonly #readDeadline: Deadline;
  readonly #pongDeadline: Deadline;
  #lastBytesAt = 0;
  /** When the message being received began; null between messages. */
  #partialSince: number | null = null;

  constructor(clock: Clock, hooks: LinkTimeoutsHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
    this.#readDeadline = new Deadline(clock, READ_TIMEOUT_MS, () => this.#onReadTimeout());
    this.#pongDeadline = new Deadline(clock, PONG_TIMEOUT_MS, () => this.#onPongTimeout());
  }

  start(): void {
    this.messageReceived();
    this.#readDeadline.arm();
  }

  stop(): void {
    this.#readDeadline.disarm();
    this.#pongDeadline.disarm();
  }

  /** A whole message was received. Called for every message, so it touches no timer. */
  messageReceived(): void {
    this.#lastBytesAt = this.#clock.now();
    this.#partialSince = null;
  }

  /** Part of a message was received. */
  bytesReceived(): void {
    this.#partialSince ??= this.#clock.now();
    this.#lastBytesAt = this.#clock.now();
  }

  /** We read again after a pause of ours: what the remote sent meanwhile is still unread. */
  readingResumed(): void {
    this.messageReceived();
    if (this.#pongDeadline.isArmed) this.#pongDeadline.arm();
  }

  pingSent(): void {
    this.#pongDeadline.arm();
  }

  pongReceived(): void {
    this.#pongDeadline.disarm();
  }

  #onReadTimeout(): void {
    const since = Math.min(this.#lastBytesAt, this.#partialSince ?? Number.POSITIVE_INFINITY);
    const left = since + READ_TIMEOUT_MS - this.#clock.now();
    if (this.#hooks.isHeld()) this.#readDeadline.arm();
    else if (left > 0) this.#readDeadline.arm(left);
    else this.#hooks.report({ type: 'link.silent' });
  }

  #onPongTimeout(): void {
    if (this.#hooks.isHeld()) this.#pongDeadline.arm();
    else this.#hooks.report({ type: 'pong.overdue' });
  }
}
