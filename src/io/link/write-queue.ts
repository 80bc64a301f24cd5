/**
 * The writing side of a link: bytes in order, a bounded queue while the remote is slow, and a stall deadline.
 * The stream gets a little at a time: what it holds delays our pings, and hides whether the remote takes anything.
 */
import type { Duplex } from 'node:stream';

import { type Budget, BudgetShare } from '../process/budget.ts';
import type { Clock } from '../process/clock.ts';
import { Deadline } from '../process/deadline.ts';
import { TurnLimit } from '../process/turn-limit.ts';
import type { StreamTraffic } from './traffic.ts';

/** Bytes handed to the stream and not yet taken by the system at which everything else waits here. Ours. */
export const MAX_HANDED_BYTES = 64 * 1024;

/** Unsent bytes from which the number of queued messages is limited. Source: security limits, "writableLength". */
export const CONGESTED_BYTES = 1024 * 1024;

/** Unsent or queued bytes at which a peer counts as stalled: two of the largest messages. */
export const MAX_UNSENT_BYTES = 32 * 1024 * 1024;

/** Most messages queued for a slow remote once it is congested. Source: reth, session command buffer. */
export const MAX_QUEUED_MESSAGES = 1024;

/** Bytes counted for a queued message besides its payload: frame, MACs and bookkeeping. Ours. */
const MESSAGE_OVERHEAD_BYTES = 64;

/** Longest time in which the system takes no byte, in ms. Source: go-ethereum p2p/transport.go, frame write timeout. */
export const WRITE_STALL_MS = 20_000;

/**
 * Bytes that the system takes after this wait, in ms, are a sign of life of the remote: they had to wait for room.
 * What is taken sooner may be in a buffer of ours. Ours.
 */
export const WAITED_MS = 100;

export type WriteQueueHooks = {
  /** @param stalledMs For how long no byte was taken; absent when too many are unsent. */
  readonly onStalled: (unsentBytes: number, stalledMs?: number) => void;
  /** The remote made room: bytes that had to wait were taken. */
  readonly onProgress: () => void;
};

type QueuedMessage = {
  readonly bytes: number;
  /** Makes the frame at the moment it is written: MACs chain in the order of writes. */
  readonly seal: () => Uint8Array;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
};

/** A frame, or what is left of it. Its place in the stream is fixed by its MAC. */
type SealedFrame = {
  rest: Uint8Array;
  /** A part was handed to the stream. */
  isBegun: boolean;
  /** The last byte was handed to the stream. */
  readonly onHanded: () => void;
  /** The last byte was taken by the system. */
  readonly onTaken: () => void;
  readonly reject: (reason: unknown) => void;
};

const NOTHING = (): void => {};

export class WriteQueue {
  readonly #duplex: Duplex;
  readonly #clock: Clock;
  readonly #traffic: StreamTraffic;
  /** Counts unsent bytes, in the queue and in the stream. */
  readonly #share: BudgetShare;
  readonly #hooks: WriteQueueHooks;
  /** Frames not wholly handed to the stream: base messages, and at most one message of a handler. */
  readonly #sealed: SealedFrame[] = [];
  #sealedBytes = 0;
  /** At most MAX_UNSENT_BYTES, and MAX_QUEUED_MESSAGES when congested; `send` rejects a message beyond. */
  readonly #queue: QueuedMessage[] = [];
  #queuedBytes = 0;
  readonly #turn: TurnLimit;
  readonly #stallDeadline: Deadline;
  #progressAt = 0;
  #corked = false;
  #closedBy: unknown = null;
  #hasReportedStall = false;
  #isDetached = false;

  constructor(
    duplex: Duplex,
    clock: Clock,
    traffic: StreamTraffic,
    budget: Budget,
    hooks: WriteQueueHooks,
  ) {
    this.#duplex = duplex;
    this.#clock = clock;
    this.#traffic = traffic;
    this.#share = new BudgetShare(budget);
    this.#hooks = hooks;
    this.#turn = new TurnLimit(clock, () => this.#pump());
    this.#stallDeadline = new Deadline(clock, WRITE_STALL_MS, () => this.#onStallDue());
  }

  /**
   * Writes ahead of the queued messages: for the few small messages of the base protocol.
   *
   * @param onTaken Called once the system has taken the last byte.
   */
  write(bytes: Uint8Array, onTaken: () => void = NOTHING): void {
    if (this.#closedBy !== null || !this.#duplex.writable) return;
    this.#seal({ rest: bytes, isBegun: false, onHanded: NOTHING, onTaken, reject: NOTHING });
    this.#handOver();
    this.#updateShare();
    if (this.#duplex.writableLength + this.#sealedBytes > MAX_UNSENT_BYTES) this.#reportStall();
  }

  /**
   * Writes in order. Resolves when the whole frame was handed to the stream, at the earliest in the next turn of the
   * event loop once this one has had its share, so awaiting it slows the sender down.
   */
  send(bytes: number, seal: () => Uint8Array): Promise<void> {
    if (this.#closedBy !== null) return Promise.reject(this.#closedBy);
    if (!this.#share.fits(this.#unsentBytes + bytes))
      return Promise.reject(
        new RangeError(
          `too much is unsent to all peers together: ${this.#unsentBytes} bytes to this one and ${bytes} more; try again later`,
        ),
      );
    if (this.#isFull(bytes))
      return Promise.reject(
        new RangeError(
          `the peer is slow and its queue is full: ${this.#queue.length} messages, ${this.#queuedBytes} bytes; await each send()`,
        ),
      );
    return new Promise((resolve, reject) => {
      this.#queue.push({ bytes, seal, resolve, reject });
      this.#queuedBytes += bytes;
      this.#pump();
    });
  }

  /** Closes our direction after what is sealed; queued messages reject with `reason`. */
  end(reason: unknown): void {
    this.#rejectQueued(reason);
    this.#turn.cancel();
    for (const frame of this.#sealed.splice(0)) this.#hand(frame, frame.rest);
    this.#sealedBytes = 0;
    if (this.#duplex.writable) this.#duplex.end();
  }

  /** Removes the timer; unsent messages reject with `reason`. */
  detach(reason: unknown): void {
    this.#isDetached = true;
    this.#rejectQueued(reason);
    for (const { reject } of this.#sealed.splice(0)) reject(reason);
    this.#sealedBytes = 0;
    this.#turn.cancel();
    this.#share.close();
    this.#stallDeadline.disarm();
  }

  #pump(): void {
    this.#handOver();
    while (this.#queue.length > 0 && this.#hasRoom()) {
      this.#turn.start();
      this.#sealNext();
      this.#handOver();
      this.#turn.count();
    }
    this.#updateShare();
  }

  #sealNext(): void {
    const next = this.#queue.shift();
    if (!next) return;
    const { bytes, seal, resolve, reject } = next;
    this.#queuedBytes -= bytes;
    try {
      this.#seal({ rest: seal(), isBegun: false, onHanded: resolve, onTaken: NOTHING, reject });
    } catch (error) {
      reject(error); // a fault of its sender only
    }
  }

  #seal(frame: SealedFrame): void {
    this.#sealed.push(frame);
    this.#sealedBytes += frame.rest.length;
  }

  /** Large frames go in parts, so that each part the system takes shows that the remote makes progress. */
  #handOver(): void {
    for (let frame = this.#sealed[0]; frame && this.#canHand(frame); frame = this.#sealed[0]) {
      const part = frame.rest.subarray(0, this.#handableBytes);
      this.#sealedBytes -= part.length;
      if (part.length === frame.rest.length) this.#sealed.shift();
      else this.#turn.start();
      this.#hand(frame, part);
    }
    if (this.#sealed.length > 0 && !this.#stallDeadline.isArmed) this.#armStall();
  }

  #hand(frame: SealedFrame, part: Uint8Array): void {
    const isLast = part.length === frame.rest.length;
    frame.rest = frame.rest.subarray(part.length);
    frame.isBegun = true;
    if (this.#duplex.writable) this.#writePart(part, isLast ? frame.onTaken : NOTHING);
    if (isLast) frame.onHanded();
  }

  #writePart(part: Uint8Array, onTaken: () => void): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#duplex.cork(); // what is written in one turn leaves in one system call
      process.nextTick(this.#uncork);
    }
    this.#traffic.egress += part.length;
    const handedAt = this.#clock.now();
    const isBelowMark = this.#duplex.write(part, (error) => {
      if (error || this.#isDetached) return;
      onTaken();
      this.#onTaken(handedAt);
    });
    if (!isBelowMark && !this.#stallDeadline.isArmed) this.#armStall();
  }

  #onTaken(handedAt: number): void {
    const now = this.#clock.now();
    this.#progressAt = now;
    if (now - handedAt >= WAITED_MS) this.#hooks.onProgress();
    if (this.#closedBy === null) this.#pump();
    if (this.#duplex.writableLength === 0 && this.#sealed.length === 0)
      this.#stallDeadline.disarm();
    this.#updateShare();
  }

  #armStall(): void {
    this.#progressAt = this.#clock.now();
    this.#stallDeadline.arm();
  }

  /** Progress since the deadline was armed gives it a new wait. Checked here, so that progress touches no timer. */
  #onStallDue(): void {
    const left = this.#progressAt + WRITE_STALL_MS - this.#clock.now();
    if (left > 0) this.#stallDeadline.arm(left);
    else this.#reportStall(WRITE_STALL_MS);
  }

  #reportStall(stalledMs?: number): void {
    this.#stallDeadline.disarm();
    if (this.#hasReportedStall) return;
    this.#hasReportedStall = true;
    this.#hooks.onStalled(this.#duplex.writableLength + this.#sealedBytes, stalledMs);
  }

  readonly #updateShare = (): void => this.#share.hold(this.#unsentBytes);

  readonly #uncork = (): void => {
    this.#corked = false;
    this.#duplex.uncork();
  };

  #canHand(frame: SealedFrame): boolean {
    return this.#handableBytes > 0 && !(frame.isBegun && this.#turn.isOver);
  }

  #hasRoom(): boolean {
    return this.#sealed.length === 0 && this.#handableBytes > 0 && !this.#turn.isOver;
  }

  /** What is handed to a closed stream is discarded. */
  get #handableBytes(): number {
    const { writable, writableLength } = this.#duplex;
    return writable ? MAX_HANDED_BYTES - writableLength : Number.POSITIVE_INFINITY;
  }

  #isFull(bytes: number): boolean {
    if (this.#queuedBytes + bytes > MAX_UNSENT_BYTES) return true;
    const overhead = this.#queue.length * MESSAGE_OVERHEAD_BYTES;
    const isCongested = this.#unsentBytes + overhead >= CONGESTED_BYTES;
    return isCongested && this.#queue.length >= MAX_QUEUED_MESSAGES;
  }

  get #unsentBytes(): number {
    return this.#duplex.writableLength + this.#sealedBytes + this.#queuedBytes;
  }

  #rejectQueued(reason: unknown): void {
    this.#closedBy ??= reason;
    for (const { reject } of this.#queue.splice(0)) reject(reason);
    this.#queuedBytes = 0;
    this.#updateShare();
  }
}
