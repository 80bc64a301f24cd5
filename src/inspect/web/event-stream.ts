/**
 * One viewer's stream of server-sent events. It has no queue: while the viewer does not read, frames are left out and
 * counted, and the next one has all that changed.
 * Source of the format: HTML, "Server-sent events". Limits: ours.
 */
import type { Writable } from 'node:stream';

import type { ActorNumber, Viewer } from '../protocol.ts';

/** Bytes that may wait for a viewer; beyond them it is sent nothing more. One frame may come on top. */
export const MAX_UNREAD_BYTES = 256 * 1024;

/** A viewer that has read nothing for so long is let go, in ms. */
export const MAX_BLOCKED_MS = 30_000;

/** A stream on which nothing was sent for so long gets a comment, so that whoever is in between keeps it; in ms. */
export const KEEP_ALIVE_MS = 15_000;

/** How long a browser waits before it comes back, in ms. */
const RETRY_MS = 1_000;

/** What is needed of the response. */
export type StreamResponse = Pick<
  Writable,
  'write' | 'end' | 'destroy' | 'once' | 'writableNeedDrain' | 'writableLength'
>;

export class EventStream {
  readonly response: StreamResponse;
  readonly #viewer: Viewer;
  #skipped = 0;
  #sentAt: number;
  #blockedAt: number | null = null;

  /** @param now In ms, as in all calls. */
  constructor(id: string, outlet: StreamResponse, viewer: Viewer, now: number) {
    this.response = outlet;
    this.#viewer = viewer;
    this.#sentAt = now;
    outlet.write(`retry: ${RETRY_MS}\n\nevent: hello\ndata: ${JSON.stringify({ stream: id })}\n\n`);
  }

  focus(actors: readonly ActorNumber[]): void {
    this.#viewer.focus(actors);
  }

  /** Sends what changed, if it can be sent. */
  update(now: number, hz: number): void {
    if (this.#isBlocked()) {
      this.#skipped += 1;
      this.#blockedAt ??= now;
      if (now - this.#blockedAt >= MAX_BLOCKED_MS) this.response.destroy();
      return;
    }
    this.#blockedAt = null;
    const frame = this.#viewer.next(hz);
    if (frame) {
      const skipped = this.#skipped > 0 ? { skippedFrames: this.#skipped } : {};
      this.#skipped = 0;
      this.#send(`data: ${JSON.stringify({ ...frame, ...skipped })}\n\n`, now);
    } else if (now - this.#sentAt >= KEEP_ALIVE_MS) this.#send(': still here\n\n', now);
  }

  /** With a last frame for whoever reads. */
  end(now: number, hz: number): void {
    if (this.#isBlocked()) {
      this.response.destroy();
      return;
    }
    this.update(now, hz);
    this.response.end();
  }

  /** The outlet is closed. */
  closed(): void {
    this.#viewer.close();
  }

  #send(text: string, now: number): void {
    this.#sentAt = now;
    this.response.write(text);
  }

  #isBlocked(): boolean {
    const { writableNeedDrain, writableLength } = this.response;
    return writableNeedDrain || writableLength > MAX_UNREAD_BYTES;
  }
}
