/**
 * One direction of a simulated TCP connection: ordered chunks with latency, bandwidth and flow control by the receiver.
 * Acknowledgements take no time.
 */
import type { Duplex } from 'node:stream';

import type { Clock } from '../../io/process/clock.ts';

/** Largest chunk that node:net reads from a socket. */
const CHUNK_BYTES = 64 * 1024;

/** Properties of the path; the functions are called for each chunk. */
export type PathConditions = {
  readonly clock: Clock;
  /** Latency of one chunk in ms. A chunk never overtakes an earlier one. */
  delayMs(): number;
  readonly bytesPerSecond: () => number;
  /** Bytes in flight or unread before a write waits. */
  readonly bufferBytes: () => number;
  /** Longest next chunk, in bytes. */
  pieceBytes(): number;
  /** True while a partition separates the two hosts. */
  isCut(): boolean;
  /** Calls `run` when the partition has ended or changed. @returns Cancels it. */
  afterPartition(run: () => void): () => void;
  /** Called with every chunk that is delivered; null for a FIN. */
  onDelivered(piece: Uint8Array | null): void;
};

/** `bytes` is null for a FIN. `at` is the earliest arrival, in ms. */
type Piece = { readonly bytes: Uint8Array | null; readonly at: number };

export class NetworkPath {
  delivered = 0;
  readonly #conditions: PathConditions;
  readonly #from: Duplex;
  readonly #to: Duplex;
  /** In the order of writing; the first `#arrived` have arrived and are not yet read. */
  #pieces: Piece[] = [];
  #bytes = 0;
  #arrived = 0;
  #freeAt = 0;
  /** Cancels the arrival of the next chunk: its timer, or its wait for the end of a partition. */
  #cancelArrival: (() => void) | null = null;
  #isReading = false;
  #isFrozen = false;
  #isDelivering = false;
  #isClosed = false;
  /** Callback of the write that waits. At most one: a Writable does one write at a time. */
  #onWritten: (() => void) | null = null;
  #breakAt = Number.POSITIVE_INFINITY;
  #break = (): void => {};

  constructor(from: Duplex, to: Duplex, conditions: PathConditions) {
    this.#from = from;
    this.#to = to;
    this.#conditions = conditions;
  }

  write(bytes: Uint8Array | null, done: () => void): void {
    if (this.#isClosed) return done();
    if (bytes === null) this.#send(null);
    else this.#sendAll(bytes);
    if (bytes === null || this.#hasRoom) done();
    else this.#onWritten = done;
  }

  /** The receiver wants data. */
  read(): void {
    this.#isReading = true;
    this.#deliver();
  }

  /** The receiver reads nothing until `thaw`: its buffers fill up, and then the sender's. */
  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#deliver();
  }

  breakAfter(bytes: number, run: () => void): void {
    this.#breakAt = bytes;
    this.#break = run;
    if (this.delivered >= bytes) this.#conditions.clock.setTimeout(() => this.#breakNow(), 0);
  }

  /** Drops all chunks in flight and all later writes. */
  close(): void {
    this.#isClosed = true;
    this.#pieces = [];
    this.#cancelArrival?.();
    this.#cancelArrival = null;
    this.#releaseWriter();
  }

  /** The receiver sees the end of the stream; later writes are lost. */
  fin(): void {
    this.close();
    this.#push(null);
  }

  #sendAll(bytes: Uint8Array): void {
    let at = 0;
    do {
      const end = at + Math.max(1, this.#conditions.pieceBytes());
      this.#send(new Uint8Array(bytes.subarray(at, end))); // the receiver must not share the sender's memory
      at = end;
    } while (at < bytes.length);
  }

  #send(bytes: Uint8Array | null): void {
    const { clock, delayMs, bytesPerSecond } = this.#conditions;
    const length = bytes?.length ?? 0;
    this.#freeAt = Math.max(this.#freeAt, clock.now()) + (length * 1000) / bytesPerSecond();
    this.#pieces.push({ bytes, at: this.#freeAt + delayMs() });
    this.#bytes += length;
    this.#arm();
  }

  #arm(): void {
    const next = this.#pieces[this.#arrived];
    if (this.#cancelArrival || !next) return;
    const { clock } = this.#conditions;
    const timer = clock.setTimeout(this.#arrive, next.at - clock.now());
    this.#cancelArrival = () => clock.clearTimeout(timer);
  }

  readonly #arrive = (): void => {
    if (this.#conditions.isCut()) {
      this.#cancelArrival = this.#conditions.afterPartition(this.#retransmit);
      return;
    }
    this.#cancelArrival = null;
    this.#arrived += 1;
    this.#deliver();
    if (!this.#isClosed) this.#arm();
  };

  readonly #retransmit = (): void => {
    const { clock, delayMs } = this.#conditions;
    const timer = clock.setTimeout(this.#arrive, delayMs());
    this.#cancelArrival = () => clock.clearTimeout(timer);
  };

  #deliver(): void {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    while (this.#arrived > 0 && !this.#isClosed && this.#isReaderReady()) this.#deliverOne();
    this.#isDelivering = false;
  }

  #isReaderReady(): boolean {
    return this.#to.destroyed || (this.#isReading && !this.#isFrozen);
  }

  #deliverOne(): void {
    const { bytes, at } = this.#pieces[0]!;
    if (bytes === null || this.#to.destroyed) {
      this.close(); // nothing follows a FIN
      if (bytes === null) this.#push(null);
      else this.#from.destroy(connectionReset());
      return;
    }
    const room = Math.min(CHUNK_BYTES, this.#breakAt - this.delivered, bytes.length);
    if (room === bytes.length) {
      this.#pieces.shift();
      this.#arrived -= 1;
    } else this.#pieces[0] = { bytes: bytes.subarray(room), at };
    this.delivered += room;
    this.#bytes -= room;
    this.#push(bytes.subarray(0, room));
    if (this.delivered >= this.#breakAt) this.#breakNow();
    else if (this.#hasRoom) this.#releaseWriter();
  }

  #push(piece: Uint8Array | null): void {
    this.#conditions.onDelivered(piece);
    this.#isReading = false;
    if (this.#to.push(piece)) this.#isReading = true;
  }

  get #hasRoom(): boolean {
    return this.#bytes < this.#conditions.bufferBytes();
  }

  #releaseWriter(): void {
    const done = this.#onWritten;
    this.#onWritten = null;
    done?.();
  }

  #breakNow(): void {
    const run = this.#break;
    this.#breakAt = Number.POSITIVE_INFINITY;
    this.#break = () => {};
    run();
  }
}

export function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}
