/**
 * Two byte streams joined in memory: a TCP connection without the system, which can be broken at an exact byte.
 * Nothing arrives in the turn it was written. No timer of the system, no socket, nothing to close.
 */
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers';

import { type ByteStream, byteStream } from '../../src/io/link/byte-stream.ts';
import type { Clock } from '../../src/io/process/clock.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';

/** Bytes in flight in one direction before a write has to wait, as with the buffers of a system. */
const ROAD_BYTES = 64 * 1024;

/** What Node reads from a socket at once. */
const CHUNK_BYTES = 64 * 1024;

const A_ENDPOINT: Endpoint = { host: '192.0.2.1', port: 30_301 };
const B_ENDPOINT: Endpoint = { host: '192.0.2.2', port: 30_302 };

type MemoryDirection = 'aToB' | 'bToA';

/**
 * `reset`: both ends fail with ECONNRESET, and close. `fin`: the receiving end sees an orderly end; what the sender
 * still writes is lost. `stall`: nothing arrives any more, in either direction, and every write seems to succeed.
 */
export type CutKind = 'reset' | 'fin' | 'stall';

export type MemoryOptions = {
  /** Where `a` is. */
  readonly from?: Endpoint;
  /** Where `b` is. */
  readonly to?: Endpoint;
  /** Only used with `latencyMs`. */
  readonly clock?: Clock;
  /** Time on the road, on `clock`. Without it, bytes arrive in the next turn of the event loop. */
  readonly latencyMs?: number;
  /** Longest chunk a reader gets; without it, as from a socket. */
  readonly chunkBytes?: number;
};

export type MemoryPair = {
  readonly a: ByteStream;
  readonly b: ByteStream;
  /** Bytes that reached the far end so far. */
  readonly delivered: Readonly<Record<MemoryDirection, number>>;
  /** Breaks the link as soon as this many bytes of that direction were delivered; at once if they were already. */
  cut(kind: CutKind, afterBytes: number, direction: MemoryDirection): void;
};

/** Neither end reads before it is resumed. A destroyed end sends FIN; a write to it is answered by a reset. */
export function memoryPair({
  from = A_ENDPOINT,
  to = B_ENDPOINT,
  clock,
  latencyMs = 0,
  chunkBytes = CHUNK_BYTES,
}: MemoryOptions = {}): MemoryPair {
  const travel = (arrive: () => void): void => {
    if (clock && latencyMs > 0) clock.setTimeout(arrive, latencyMs);
    else setImmediate(arrive);
  };
  const roads = { aToB: new Road(travel, chunkBytes), bToA: new Road(travel, chunkBytes) };
  const a = end(roads.aToB, roads.bToA);
  const b = end(roads.bToA, roads.aToB);
  roads.aToB.join(a, b);
  roads.bToA.join(b, a);
  const both = [roads.aToB, roads.bToA];
  const breakAs = {
    reset: () => {
      for (const road of both) road.close();
      for (const duplex of [a, b]) duplex.destroy(connectionReset());
    },
    stall: () => {
      for (const road of both) road.close();
    },
  };
  for (const duplex of [a, b]) Object.assign(duplex, { resetAndDestroy: breakAs.reset }); // as a socket has it
  return {
    a: byteStream(a, to, from),
    b: byteStream(b, from, to),
    delivered: {
      get aToB() {
        return roads.aToB.delivered;
      },
      get bToA() {
        return roads.bToA.delivered;
      },
    },
    cut: (kind, afterBytes, direction) => {
      const road = roads[direction];
      road.breakAfter(afterBytes, kind === 'fin' ? () => road.fin() : breakAs[kind]);
    },
  };
}

/** The water marks are the default ones, as those of a socket are. */
function end(out: Road, back: Road): Duplex {
  return new Duplex({
    allowHalfOpen: false,
    read: () => back.want(),
    write: (chunk: Uint8Array, _, done) => out.carry(chunk, done),
    writev: (chunks, done) => out.carry(Buffer.concat(chunks.map(({ chunk }) => chunk)), done),
    final: (done) => out.carry(null, done),
    destroy: (error, done) => out.carry(null, () => done(error)),
  });
}

function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}

/** One direction. */
class Road {
  delivered = 0;
  readonly #travel: (arrive: () => void) => void;
  readonly #chunkBytes: number;
  #from: Duplex | null = null;
  #to: Duplex | null = null;
  /** In the order of writing; null is the FIN. The first `arrived` of them are at the far end. */
  #loads: (Uint8Array | null)[] = [];
  #bytes = 0;
  #arrived = 0;
  #isWanted = false;
  #isUnloading = false;
  #isClosed = false;
  /** At most one: a Writable waits for each write. */
  #onRoom: (() => void) | null = null;
  #breakAt = Number.POSITIVE_INFINITY;
  #break = (): void => {};

  constructor(travel: (arrive: () => void) => void, chunkBytes: number) {
    this.#travel = travel;
    this.#chunkBytes = chunkBytes;
  }

  join(from: Duplex, to: Duplex): void {
    this.#from = from;
    this.#to = to;
  }

  carry(load: Uint8Array | null, done: () => void): void {
    if (this.#isClosed) return done();
    this.#loads.push(load);
    this.#bytes += load?.length ?? 0;
    this.#travel(() => {
      if (this.#isClosed) return;
      this.#arrived += 1;
      this.#unload();
    });
    if (load === null || this.#bytes < ROAD_BYTES) done();
    else this.#onRoom = done;
  }

  want(): void {
    this.#isWanted = true;
    this.#unload();
  }

  breakAfter(bytes: number, run: () => void): void {
    this.#breakAt = bytes;
    this.#break = run;
    if (this.delivered >= bytes) this.#travel(() => this.#snap());
  }

  /** Bytes in flight are lost, and so are all later ones. */
  close(): void {
    this.#isClosed = true;
    this.#loads = [];
    this.#onRoom?.();
    this.#onRoom = null;
  }

  fin(): void {
    this.close();
    this.#to?.push(null);
  }

  #unload(): void {
    if (this.#isUnloading) return;
    this.#isUnloading = true;
    while (this.#arrived > 0 && !this.#isClosed && (this.#isWanted || this.#to?.destroyed))
      this.#unloadOne();
    this.#isUnloading = false;
  }

  #unloadOne(): void {
    const load = this.#loads[0] ?? null;
    const isRefused = this.#to?.destroyed ?? true;
    if (load === null || isRefused) {
      this.close(); // nothing follows a FIN
      if (load === null) this.#to?.push(null);
      else this.#from?.destroy(connectionReset());
      return;
    }
    const room = Math.min(this.#chunkBytes, this.#breakAt - this.delivered, load.length);
    if (room === load.length) {
      this.#loads.shift();
      this.#arrived -= 1;
    } else this.#loads[0] = load.subarray(room);
    this.delivered += room;
    this.#bytes -= room;
    this.#isWanted = false;
    const copy = new Uint8Array(load.subarray(0, room)); // a network shares no memory
    if (this.#to?.push(copy)) this.#isWanted = true;
    if (this.delivered >= this.#breakAt) this.#snap();
    else if (this.#bytes < ROAD_BYTES) this.#makeRoom();
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
