/**
 * The server-sent events of one viewer. There is no queue: while a frame is still being sent, others are left out and
 * counted, and the next one holds all changes since the last.
 * Source of the format: HTML, "Server-sent events". Limits: ours.
 */
import type { Writable } from 'node:stream';
import type { Clock } from '../../io/process/clock.ts';
import type { ActorNumber, Viewer } from '../protocol.ts';

/** Bytes given to the connection that the viewer has not taken; beyond them it is given no more. */
export const MAX_UNREAD_BYTES = 32 * 1024;

/** Size of the pieces in which a frame is sent, in bytes: each one that is taken shows that the viewer reads. */
const PIECE_BYTES = 16 * 1024;

/** A stream to a viewer that has taken nothing for this long is destroyed, in ms. */
export const MAX_BLOCKED_MS = 30_000;

/** After this long without a frame a comment is sent, so that proxies keep the connection open; in ms. */
export const KEEP_ALIVE_MS = 15_000;

/** How long a browser waits before it reconnects, in ms. */
const RETRY_MS = 1_000;

/** The part of a Node response that is used. */
export type StreamResponse = Pick<Writable, 'end' | 'destroy' | 'once'> & {
  write(chunk: Uint8Array, onTaken: (error?: Error | null) => void): unknown;
};

export type EventStreamOptions = {
  readonly id: string;
  readonly response: StreamResponse;
  readonly viewer: Viewer;
  readonly clock: Clock;
  /** Called with an error of the viewer while the last frame is made; the response is destroyed. */
  readonly onFault: (error: unknown) => void;
};

export class EventStream {
  readonly response: StreamResponse;
  readonly #viewer: Viewer;
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  #skipped = 0;
  #sentAt: number;
  /** The part of a frame that was not given to the connection yet. At most one frame. */
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes given to the connection and not taken. */
  #unread = 0;
  /** When the viewer last took something, or had nothing to take. */
  #tookAt: number;
  /** Rate of the last frame, which is still to be made. */
  #lastHz: number | null = null;
  #hasEnded = false;

  constructor({ id, response, viewer, clock, onFault }: EventStreamOptions) {
    this.response = response;
    this.#viewer = viewer;
    this.#clock = clock;
    this.#onFault = onFault;
    this.#sentAt = clock.now();
    this.#tookAt = clock.now();
    this.#send(`retry: ${RETRY_MS}\n\nevent: hello\ndata: ${JSON.stringify({ stream: id })}\n\n`);
  }

  focus(actors: readonly ActorNumber[]): void {
    this.#viewer.focus(actors);
  }

  /** Sends what changed, unless an earlier frame is still being sent. */
  update(hz: number): void {
    if (this.#lastHz !== null || this.#hasEnded) return;
    if (this.#isBlocked()) {
      this.#skipped += 1;
      if (this.#clock.now() - this.#tookAt >= MAX_BLOCKED_MS) this.response.destroy();
    } else this.#sendChanges(hz);
  }

  /** Sends a last frame, after the one that is being sent, and ends. The HTTP server that closes bounds how long that takes. */
  end(hz: number): void {
    if (this.#isBlocked()) this.#lastHz = hz;
    else this.#finish(hz);
  }

  /** Called when the response is closed. */
  closed(): void {
    this.#viewer.close();
  }

  #finish(hz: number): void {
    this.#lastHz = null;
    this.#hasEnded = true;
    this.#sendChanges(hz);
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    if (rest.length > 0) this.#give(rest);
    this.response.end();
  }

  #sendChanges(hz: number): void {
    const frame = this.#viewer.next(hz);
    if (frame) {
      const skipped = this.#skipped > 0 ? { skippedFrames: this.#skipped } : {};
      this.#skipped = 0;
      this.#send(`data: ${JSON.stringify({ ...frame, ...skipped })}\n\n`);
    } else if (this.#clock.now() - this.#sentAt >= KEEP_ALIVE_MS) this.#send(': keep-alive\n\n');
  }

  #send(text: string): void {
    this.#sentAt = this.#clock.now();
    if (this.#unread === 0) this.#tookAt = this.#sentAt;
    this.#rest = Buffer.from(text);
    this.#giveMore();
  }

  #giveMore(): void {
    while (this.#rest.length > 0 && this.#unread < MAX_UNREAD_BYTES) {
      const piece = this.#rest.subarray(0, PIECE_BYTES);
      this.#rest = this.#rest.subarray(piece.length);
      this.#give(piece);
    }
  }

  #give(piece: Buffer): void {
    this.#unread += piece.length;
    this.response.write(piece, (error) => {
      if (!error) this.#onTaken(piece.length);
    });
  }

  #onTaken(bytes: number): void {
    this.#unread -= bytes;
    this.#tookAt = this.#clock.now();
    this.#giveMore();
    if (this.#lastHz === null || this.#isBlocked()) return;
    try {
      this.#finish(this.#lastHz);
    } catch (error) {
      this.#onFault(error);
      this.response.destroy();
    }
  }

  #isBlocked(): boolean {
    return this.#rest.length > 0 || this.#unread >= MAX_UNREAD_BYTES;
  }
}
