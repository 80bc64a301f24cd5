/** Reports once how the remote closed a stream; an orderly end only after every byte before it was delivered. */
import type { Duplex } from 'node:stream';

import { closeKindOf } from './byte-stream.ts';
import type { Closed } from './link-events.ts';
import type { StreamReader } from './stream-reader.ts';

export class StreamEnd {
  readonly #duplex: Duplex;
  readonly #reader: StreamReader;
  readonly #report: (closed: Closed) => void;
  #error: NodeJS.ErrnoException | null = null;
  #reported: Closed | null = null;

  constructor(duplex: Duplex, reader: StreamReader, report: (closed: Closed) => void) {
    this.#duplex = duplex;
    this.#reader = reader;
    this.#report = report;
    duplex.on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose);
  }

  /** The reported end; null while the stream is open or has undelivered bytes. */
  get reported(): Closed | null {
    return this.#reported;
  }

  detach(): void {
    this.#duplex.off('end', this.#onEnd).off('error', this.#onError).off('close', this.#onClose);
  }

  readonly #onEnd = (): void => this.#reader.whenDelivered(this.#reportOnce);

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#error = error;
  };

  readonly #onClose = (): void => {
    if (this.#error) this.#reportOnce();
    else this.#reader.whenDelivered(this.#reportOnce);
  };

  readonly #reportOnce = (): void => {
    if (this.#reported) return;
    const detail = this.#error?.message ?? '';
    this.#reported = { type: 'link.closed', how: closeKindOf(this.#error), detail };
    this.#report(this.#reported);
  };
}
