/**
 * One direction of a simulated TCP connection: bytes in order, in pieces, late, and no more of them than the far end
 * takes. Acknowledgements take no time.
 */
import type { Duplex } from 'node:stream';

import type { Clock } from '../../io/process/clock.ts';

/** Bytes on their way, or waiting to be read, before a write has to wait: what the buffers of a system hold. */
const ROAD_BYTES = 64 * 1024;

/** What Node reads from a socket at once. */
const CHUNK_BYTES = 64 * 1024;

/** How the way is, asked anew for each piece. */
export type PathConditions = {
  readonly clock: Clock;
  /** How long one piece takes, in ms. A piece never overtakes an earlier one. */
  delayMs(): number;
  readonly bytesPerSecond: () => number;
  /** Length of the next piece at most. */
  pieceBytes(): number;
  isCut(): boolean;
  /** Calls `run` when the way may be open again. @returns a function that forgets it. */
  park(run: () => void): () => void;
  /** Hears of all that is handed to the far end; null is the FIN. */
  onDelivered(piece: Uint8Array | null): void;
};

/** `bytes` are null for a FIN. It arrives at that time, or right after the one before it. */
type Piece = { readonly bytes: Uint8Array | null; readonly at: number };

export class NetworkPath {
  delivered = 0;
  readonly #conditions: PathConditions;
  readonly #from: Duplex;
  readonly #to: Duplex;
  /** In the order of writing; the first `#arrived` of them are at the far end. */
  #pieces: Piece[] = [];
  #bytes = 0;
  #arrived = 0;
  #freeAt = 0;
  /** Takes back what would let the next piece arrive: its timer, or its place among those that wait for a way. */
  #callOff: (() => void) | null = null;
  #isWanted = false;
  #isFrozen = false;
  #isUnloading = false;
  #isClosed = false;
  /** At most one: a Writable waits for each write. */
  #onRoom: (() => void) | null = null;
  #breakAt = Number.POSITIVE_INFINITY;
  #break = (): void => {};

  constructor(from: Duplex, to: Duplex, conditions: PathConditions) {
    this.#from = from;
    this.#to = to;
    this.#conditions = conditions;
  }

  carry(load: Uint8Array | null, done: () => void): void {
    if (this.#isClosed) return done();
    if (load === null) this.#send(null);
    else this.#sendAll(load);
    if (load === null || this.#bytes < ROAD_BYTES) done();
    else this.#onRoom = done;
  }

  /** The far end reads. */
  want(): void {
    this.#isWanted = true;
    this.#unload();
  }

  /** The far end reads nothing until `thaw`, whatever it wants: its buffers fill up, and then ours. */
  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#unload();
  }

  breakAfter(bytes: number, run: () => void): void {
    this.#breakAt = bytes;
    this.#break = run;
    if (this.delivered >= bytes) this.#conditions.clock.setTimeout(() => this.#snap(), 0);
  }

  /** Whatever is on the road is lost, and so is all that comes. */
  close(): void {
    this.#isClosed = true;
    this.#pieces = [];
    this.#callOff?.();
    this.#callOff = null;
    this.#makeRoom();
  }

  /** The far end sees an orderly end, and nothing that comes after it. */
  fin(): void {
    this.close();
    this.#handOver(null);
  }

  #sendAll(load: Uint8Array): void {
    let at = 0;
    do {
      const end = at + Math.max(1, this.#conditions.pieceBytes());
      this.#send(new Uint8Array(load.subarray(at, end))); // a network shares no memory
      at = end;
    } while (at < load.length);
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
    if (this.#callOff || !next) return;
    const { clock } = this.#conditions;
    const timer = clock.setTimeout(this.#arrive, next.at - clock.now());
    this.#callOff = () => clock.clearTimeout(timer);
  }

  readonly #arrive = (): void => {
    if (this.#conditions.isCut()) {
      this.#callOff = this.#conditions.park(this.#sendAgain);
      return;
    }
    this.#callOff = null;
    this.#arrived += 1;
    this.#unload();
    if (!this.#isClosed) this.#arm();
  };

  readonly #sendAgain = (): void => {
    const { clock, delayMs } = this.#conditions;
    const timer = clock.setTimeout(this.#arrive, delayMs());
    this.#callOff = () => clock.clearTimeout(timer);
  };

  #unload(): void {
    if (this.#isUnloading) return;
    this.#isUnloading = true;
    while (this.#arrived > 0 && !this.#isClosed && this.#isTaken()) this.#unloadOne();
    this.#isUnloading = false;
  }

  #isTaken(): boolean {
    return this.#to.destroyed || (this.#isWanted && !this.#isFrozen);
  }

  #unloadOne(): void {
    const { bytes, at } = this.#pieces[0]!;
    if (bytes === null || this.#to.destroyed) {
      this.close(); // nothing follows a FIN
      if (bytes === null) this.#handOver(null);
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
    this.#handOver(bytes.subarray(0, room));
    if (this.delivered >= this.#breakAt) this.#snap();
    else if (this.#bytes < ROAD_BYTES) this.#makeRoom();
  }

  #handOver(piece: Uint8Array | null): void {
    this.#conditions.onDelivered(piece);
    this.#isWanted = false;
    if (this.#to.push(piece)) this.#isWanted = true;
  }

  #makeRoom(): void {
    const done = this.#onRoom;
    this.#onRoom = null;
    done?.();
  }

  #snap(): void {
    const run = this.#break;
    this.#breakAt = Number.POSITIVE_INFINITY;
    this.#break = () => {};
    run();
  }
}

export function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}
