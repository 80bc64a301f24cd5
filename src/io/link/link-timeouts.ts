/**
 * The deadlines of a running link: for messages, and for the pong to a ping. Whatever shows that the remote makes
 * progress moves them; time in which we do not read does not count.
 */
import type { Clock } from '../process/clock.ts';
import { Deadline } from '../process/deadline.ts';
import type { PeerLinkEvent } from './link-events.ts';

/** Longest time without a message, in ms. Source: go-ethereum p2p/transport.go, frame read timeout. */
export const READ_TIMEOUT_MS = 30_000;

/**
 * Bytes by which a message being received must grow within each READ_TIMEOUT_MS, unless it is complete: 8.5 KiB/s.
 * go-ethereum requires the whole message in that time, which no message over 600 KiB meets at 20 KiB/s. Ours.
 */
export const MIN_PROGRESS_BYTES = 256 * 1024;

/** Longest wait for a pong without any sign of life, in ms. Source: reth, session ping timeout. */
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
  /** When the remote last took bytes that had to wait. */
  #lastTakenAt = 0;
  /** When the message being received last made enough progress, and how long it was then; null between messages. */
  #partial: { readonly at: number; readonly bytes: number } | null = null;
  /** When the system took our ping; null while it is queued. */
  #pingTakenAt: number | null = null;

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
    this.#partial = null;
  }

  /** @param bytes What is here of the message being received, all parts together. */
  partReceived(bytes: number): void {
    const at = this.#clock.now();
    this.#lastBytesAt = at;
    if (!this.#partial || bytes - this.#partial.bytes >= MIN_PROGRESS_BYTES)
      this.#partial = { at, bytes };
  }

  /** The remote took bytes of ours that had to wait. */
  bytesTaken(): void {
    this.#lastTakenAt = this.#clock.now();
  }

  /** We read again after a pause of ours: what the remote sent meanwhile is still unread. */
  readingResumed(): void {
    this.messageReceived();
  }

  /** A ping is queued. A second one while a pong is awaited gives no more time. */
  pingQueued(): void {
    if (this.#pongDeadline.isArmed) return;
    this.#pingTakenAt = null;
    this.#pongDeadline.arm();
  }

  /** The system took our ping: only now the remote can answer. */
  pingTaken(): void {
    this.#pingTakenAt = this.#clock.now();
  }

  pongReceived(): void {
    this.#pongDeadline.disarm();
  }

  #onReadTimeout(): void {
    const since = this.#partial?.at ?? Math.max(this.#lastBytesAt, this.#lastTakenAt);
    const left = since + READ_TIMEOUT_MS - this.#clock.now();
    if (this.#hooks.isHeld()) this.#readDeadline.arm();
    else if (left > 0) this.#readDeadline.arm(left);
    else this.#hooks.report({ type: 'link.silent', silentMs: READ_TIMEOUT_MS });
  }

  /** A ping that is not taken yet waits for the stall deadline of the write queue. */
  #onPongTimeout(): void {
    const left = this.#pongWaitLeft();
    if (left <= 0) return this.#hooks.report({ type: 'pong.overdue', silentMs: PONG_TIMEOUT_MS });
    this.#pongDeadline.arm(left);
    this.#hooks.report({ type: 'pong.deferred' });
  }

  #pongWaitLeft(): number {
    if (this.#hooks.isHeld() || this.#pingTakenAt === null) return PONG_TIMEOUT_MS;
    const since = Math.max(this.#pingTakenAt, this.#lastBytesAt, this.#lastTakenAt);
    return since + PONG_TIMEOUT_MS - this.#clock.now();
  }
}
