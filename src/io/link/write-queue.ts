/** The writing side of a link: bytes in order, a bounded queue while the remote is slow, and a stall deadline. */
import type { Duplex } from 'node:stream';

import { type Budget, BudgetShare } from '../process/budget.ts';
import type { Clock } from '../process/clock.ts';
import { Deadline } from '../process/deadline.ts';
import type { StreamTraffic } from './traffic.ts';

/** Unsent bytes at which messages begin to queue. Source: security limits, "writableLength". */
export const CONGESTED_BYTES = 1024 * 1024;

/** Unsent or queued bytes at which a peer counts as stalled: two of the largest messages. */
export const MAX_UNSENT_BYTES = 32 * 1024 * 1024;

/** Most messages queued for a slow remote. Source: reth, session command buffer. */
export const MAX_QUEUED_MESSAGES = 1024;

/** Longest time without a drain, in ms. Source: go-ethereum p2p/transport.go, frame write timeout. */
export const WRITE_STALL_MS = 20_000;

type QueuedMessage = {
  readonly bytes: number;
  /** Makes the frame at the moment it is written: MACs chain in the order of writes. */
  readonly seal: () => Uint8Array;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
};

export class WriteQueue {
  readonly #duplex: Duplex;
  readonly #traffic: StreamTraffic;
  /** Counts unsent bytes, in the queue and in the stream. */
  readonly #share: BudgetShare;
  readonly #onStalled: (unsentBytes: number) => void;
  /** At most MAX_QUEUED_MESSAGES and MAX_UNSENT_BYTES; `send` rejects a message beyond. */
  readonly #queue: QueuedMessage[] = [];
  #queuedBytes = 0;
  readonly #stallDeadline: Deadline;
  #corked = false;
  #closedBy: unknown = null;
  #hasReportedStall = false;

  constructor(
    duplex: Duplex,
    clock: Clock,
    traffic: StreamTraffic,
    budget: Budget,
    onStalled: (unsentBytes: number) => void,
  ) {
    this.#duplex = duplex;
    this.#traffic = traffic;
    this.#share = new BudgetShare(budget);
    this.#onStalled = onStalled;
    this.#stallDeadline = new Deadline(clock, WRITE_STALL_MS, this.#reportStall);
    duplex.on('drain', this.#onDrain);
  }

  /** Writes ahead of the queue: for the few small messages of the base protocol. */
  write(bytes: Uint8Array): void {
    if (this.#closedBy !== null || !this.#duplex.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#duplex.cork(); // frames of one turn leave in one system call
      process.nextTick(this.#uncork);
    }
    this.#traffic.egress += bytes.length;
    const took = this.#duplex.write(bytes, this.#updateShare);
    this.#updateShare();
    if (!took && !this.#stallDeadline.isArmed) this.#stallDeadline.arm();
    if (this.#duplex.writableLength > MAX_UNSENT_BYTES) this.#reportStall();
  }

  /** Writes in order. Resolves when the bytes were handed to the stream, so awaiting it slows the sender down. */
  send(bytes: number, seal: () => Uint8Array): Promise<void> {
    if (this.#closedBy !== null) return Promise.reject(this.#closedBy);
    if (!this.#share.fits(this.#unsentBytes + bytes))
      return Promise.reject(
        new RangeError(
          `too much is unsent to all peers together: ${this.#unsentBytes} bytes to this one and ${bytes} more; try again later`,
        ),
      );
    if (this.#queue.length === 0 && !this.#isCongested()) {
      this.write(seal());
      return Promise.resolve();
    }
    if (this.#queue.length >= MAX_QUEUED_MESSAGES || this.#queuedBytes + bytes > MAX_UNSENT_BYTES)
      return Promise.reject(
        new RangeError(
          `the peer is slow and its queue is full: ${this.#queue.length} messages, ${this.#queuedBytes} bytes; await each send()`,
        ),
      );
    return new Promise((resolve, reject) => {
      this.#queue.push({ bytes, seal, resolve, reject });
      this.#queuedBytes += bytes;
      this.#updateShare();
    });
  }

  /** Closes our direction after what is written; queued messages reject with `reason`. */
  end(reason: unknown): void {
    this.#rejectAll(reason);
    if (this.#duplex.writable) this.#duplex.end();
  }

  /** Removes timer and listeners; queued messages reject with `reason`. */
  detach(reason: unknown): void {
    this.#rejectAll(reason);
    this.#share.close();
    this.#duplex.off('drain', this.#onDrain);
    this.#stallDeadline.disarm();
  }

  readonly #onDrain = (): void => {
    this.#stallDeadline.disarm();
    while (this.#queue.length > 0 && !this.#isCongested()) this.#writeNext();
  };

  readonly #updateShare = (): void => this.#share.hold(this.#unsentBytes);

  readonly #uncork = (): void => {
    this.#corked = false;
    this.#duplex.uncork();
  };

  readonly #reportStall = (): void => {
    this.#stallDeadline.disarm();
    if (this.#hasReportedStall) return;
    this.#hasReportedStall = true;
    this.#onStalled(this.#duplex.writableLength);
  };

  #writeNext(): void {
    const next = this.#queue.shift();
    if (!next) return;
    this.#queuedBytes -= next.bytes;
    try {
      this.write(next.seal());
      next.resolve();
    } catch (error) {
      next.reject(error); // a fault of its sender only
    }
  }

  get #unsentBytes(): number {
    return this.#duplex.writableLength + this.#queuedBytes;
  }

  #isCongested(): boolean {
    return this.#duplex.writableLength >= CONGESTED_BYTES;
  }

  #rejectAll(reason: unknown): void {
    this.#closedBy ??= reason;
    for (const { reject } of this.#queue.splice(0)) reject(reason);
    this.#queuedBytes = 0;
    this.#updateShare();
  }
}
