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

/**
 * Longest wait for a pong without any sign of life, in ms. More than the 15 s from one ping of the remote to the next:
 * while a large message of ours is on its way, these may be all that arrives, with our ping behind the message. Ours.
 */
export const PONG_TIMEOUT_MS = 20_000;

/** From one ping to the next while a pong is awaited and the remote makes progress, in ms: as often as otherwise. */
const NEXT_PING_MS = 15_000;

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
  /** When the latest ping was ordered. */
  #pingedAt = 0;

  constructor(clock: Clock, hooks: LinkTimeoutsHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
    this.#readDeadline = new Deadline(clock, READ_TIMEOUT_MS, () => this.#onReadTimeout());
    this.#pongDeadline = new Deadline(clock, PONG_TIMEOUT_MS, () => this.#onPongDue());
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
    this.#pingedAt = this.#clock.now();
    this.#pongDeadline.arm(NEXT_PING_MS);
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

  /** The next ping is due, or the wait for the pong is over. */
  #onPongDue(): void {
    const now = this.#clock.now();
    const left = this.#pongWaitLeft(now);
    if (left <= 0) return this.#hooks.report({ type: 'pong.overdue', silentMs: PONG_TIMEOUT_MS });
    const isPingDue = now >= this.#pingedAt + NEXT_PING_MS;
    const isDeferred = isPingDue && this.#hasProgress;
    if (isDeferred) this.#pingedAt = now;
    const untilPing = this.#pingedAt + NEXT_PING_MS - now;
    this.#pongDeadline.arm(untilPing > 0 ? Math.min(left, untilPing) : left);
    if (isDeferred) this.#hooks.report({ type: 'pong.deferred' });
  }

  /** A ping that is not taken yet waits for the stall deadline of the write queue. */
  get #isPingHeldUp(): boolean {
    return this.#hooks.isHeld() || this.#pingTakenAt === null;
  }

  /** The remote showed that it is alive since the latest ping, or cannot have answered it. */
  get #hasProgress(): boolean {
    return this.#isPingHeldUp || Math.max(this.#lastBytesAt, this.#lastTakenAt) > this.#pingedAt;
  }

  #pongWaitLeft(now: number): number {
    if (this.#isPingHeldUp) return PONG_TIMEOUT_MS;
    const since = Math.max(this.#pingTakenAt ?? now, this.#lastBytesAt, this.#lastTakenAt);
    return since + PONG_TIMEOUT_MS - now;
  }
}
