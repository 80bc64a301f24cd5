/** The deadlines of a running link: for whole messages, and for the pong to a ping. Our own pauses do not count. */
import type { Clock } from '../process/clock.ts';
import { Deadline } from '../process/deadline.ts';
import type { PeerLinkEvent } from './link-events.ts';

/** Longest time without a whole message, in ms. Source: go-ethereum p2p/transport.go, frame read timeout. */
export const READ_TIMEOUT_MS = 30_000;

/** Longest wait for a pong, in ms. Source: reth, session ping timeout. */
export const PONG_TIMEOUT_MS = 15_000;

export type LinkTimeoutsHooks = {
  /** Reading is held back by ourselves. */
  readonly isHeld: () => boolean;
  readonly report: (event: PeerLinkEvent) => void;
};

export class LinkTimeouts {
  readonly #clock: Clock;
  readonly #hooks: LinkTimeoutsHooks;
  readonly #silence: Deadline;
  readonly #pong: Deadline;
  #heardAt = 0;
  /** When the message that is coming in began; null between messages. */
  #partSince: number | null = null;

  constructor(clock: Clock, hooks: LinkTimeoutsHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
    this.#silence = new Deadline(clock, READ_TIMEOUT_MS, () => this.#onSilence());
    this.#pong = new Deadline(clock, PONG_TIMEOUT_MS, () => this.#onNoPong());
  }

  start(): void {
    this.heard();
    this.#silence.arm();
  }

  stop(): void {
    this.#silence.disarm();
    this.#pong.disarm();
  }

  /** A whole message came. Called for each one, so it touches no timer. */
  heard(): void {
    this.#heardAt = this.#clock.now();
    this.#partSince = null;
  }

  bytesReceived(): void {
    this.#partSince ??= this.#clock.now();
    this.#heardAt = this.#clock.now();
  }

  /** We read again after a pause of ours: what they sent meanwhile is still on its way. */
  resumed(): void {
    this.heard();
    if (this.#pong.isArmed) this.#pong.arm();
  }

  pingSent(): void {
    this.#pong.arm();
  }

  pongReceived(): void {
    this.#pong.disarm();
  }

  #onSilence(): void {
    const since = Math.min(this.#heardAt, this.#partSince ?? Number.POSITIVE_INFINITY);
    const left = since + READ_TIMEOUT_MS - this.#clock.now();
    if (this.#hooks.isHeld()) this.#silence.arm();
    else if (left > 0) this.#silence.arm(left);
    else this.#hooks.report({ type: 'link.silent' });
  }

  #onNoPong(): void {
    if (this.#hooks.isHeld()) this.#pong.arm();
    else this.#hooks.report({ type: 'pong.overdue' });
  }
}
