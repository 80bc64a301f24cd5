/**
 * The server-sent events of one viewer. There is no queue: while the viewer does not read, frames are left out and counted,
 * and the next one holds all changes since the last.
 * Source of the format: HTML, "Server-sent events". Limits: ours.
 */
import type { Writable } from 'node:stream';

import type { ActorNumber, Viewer } from '../protocol.ts';

/** Unsent bytes above which no further frame is written. The last one written may exceed it. */
export const MAX_UNREAD_BYTES = 256 * 1024;

/** A stream to a viewer that has read nothing for this long is destroyed, in ms. */
export const MAX_BLOCKED_MS = 30_000;

/** After this long without a frame a comment is sent, so that proxies keep the connection open; in ms. */
export const KEEP_ALIVE_MS = 15_000;

/** How long a browser waits before it reconnects, in ms. */
const RETRY_MS = 1_000;

/** The part of a Node response that is used. */
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

  /** @param now In ms, as in every call. */
  constructor(id: string, outlet: StreamResponse, viewer: Viewer, now: number) {
    this.response = outlet;
    this.#viewer = viewer;
    this.#sentAt = now;
    outlet.write(`retry: ${RETRY_MS}\n\nevent: hello\ndata: ${JSON.stringify({ stream: id })}\n\n`);
  }

  focus(actors: readonly ActorNumber[]): void {
    this.#viewer.focus(actors);
  }

  /** Sends what changed, unless the viewer is blocked. */
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
    } else if (now - this.#sentAt >= KEEP_ALIVE_MS) this.#send(': keep-alive\n\n', now);
  }

  /** Sends a last frame, unless the viewer is blocked. */
  end(now: number, hz: number): void {
    if (this.#isBlocked()) {
      this.response.destroy();
      return;
    }
    this.update(now, hz);
    this.response.end();
  }

  /** Called when the response is closed. */
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
