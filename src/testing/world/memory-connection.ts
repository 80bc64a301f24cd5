/** A simulated TCP connection: two byte streams and the two roads between them, which can be broken at an exact byte. */
import { Duplex } from 'node:stream';

import { type ByteStream, byteStream } from '../../io/link/byte-stream.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import { connectionReset, NetworkPath, type PathConditions } from './network-path.ts';

export type MemoryDirection = 'aToB' | 'bToA';

/**
 * `reset`: both ends fail with ECONNRESET, and close. `fin`: the receiving end sees an orderly end; what the sender
 * still writes is lost. `stall`: nothing arrives any more, in either direction, and every write seems to succeed.
 */
export type CutKind = 'reset' | 'fin' | 'stall';

/** Where the two ends are, as each sees the other: with a NAT between them these are not two but four. */
export type ConnectionPlaces = {
  readonly a: { readonly local: Endpoint; readonly remote: Endpoint };
  readonly b: { readonly local: Endpoint; readonly remote: Endpoint };
};

/** `a` is the end of whoever dialled. Neither end reads before somebody resumes it. */
export class MemoryConnection {
  readonly a: ByteStream;
  readonly b: ByteStream;
  readonly #aToB: NetworkPath;
  readonly #bToA: NetworkPath;
  readonly #onClosed: () => void;
  #open = 2;

  /** @param conditions How each direction is. @param onClosed Called when both ends are closed. */
  constructor(
    places: ConnectionPlaces,
    conditions: Readonly<Record<MemoryDirection, PathConditions>>,
    onClosed: () => void = () => {},
  ) {
    const a = duplexOf(
      () => this.#aToB,
      () => this.#bToA,
    );
    const b = duplexOf(
      () => this.#bToA,
      () => this.#aToB,
    );
    this.#aToB = new NetworkPath(a, b, conditions.aToB);
    this.#bToA = new NetworkPath(b, a, conditions.bToA);
    this.#onClosed = onClosed;
    for (const duplex of [a, b]) {
      duplex.once('close', () => this.#onClose());
      Object.assign(duplex, { resetAndDestroy: () => this.#reset() }); // as sockets have it
    }
    this.a = byteStream(a, places.a.remote, places.a.local);
    this.b = byteStream(b, places.b.remote, places.b.local);
  }

  /** Bytes that reached the far end so far. */
  get delivered(): Readonly<Record<MemoryDirection, number>> {
    return { aToB: this.#aToB.delivered, bToA: this.#bToA.delivered };
  }

  /** Breaks the connection as soon as this many bytes of that direction were delivered; without time passing if they were already. */
  cut(kind: CutKind, afterBytes: number, direction: MemoryDirection): void {
    const road = this.#road(direction);
    road.breakAfter(afterBytes, () => {
      if (kind === 'fin') return road.fin();
      if (kind === 'reset') return this.#reset();
      this.#close();
    });
  }

  /** The reader of that direction takes nothing more until `thaw`. */
  freeze(direction: MemoryDirection): void {
    this.#road(direction).freeze();
  }

  thaw(direction: MemoryDirection): void {
    this.#road(direction).thaw();
  }

  #road(direction: MemoryDirection): NetworkPath {
    return direction === 'aToB' ? this.#aToB : this.#bToA;
  }

  #reset(): void {
    this.#close();
    for (const { duplex } of [this.a, this.b]) duplex.destroy(connectionReset());
  }

  #close(): void {
    this.#aToB.close();
    this.#bToA.close();
  }

  #onClose(): void {
    this.#open -= 1;
    if (this.#open > 0) return;
    this.#close();
    this.#onClosed();
  }
}

/** An end that is destroyed says FIN; who writes to it is reset. The water marks are those of a socket. */
function duplexOf(out: () => NetworkPath, back: () => NetworkPath): Duplex {
  return new Duplex({
    allowHalfOpen: false,
    read: () => back().want(),
    write: (chunk: Uint8Array, _, done) => out().carry(chunk, done),
    writev: (chunks, done) => out().carry(Buffer.concat(chunks.map(({ chunk }) => chunk)), done),
    final: (done) => out().carry(null, done),
    destroy: (error, done) => out().carry(null, () => done(error)),
  });
}
