/** A simulated TCP connection: two byte streams and the two paths between them, which can be cut at an exact byte. */
import { Duplex } from 'node:stream';

import { type ByteStream, byteStream } from '../../io/link/byte-stream.ts';
import type { Endpoint } from '../../io/wire/endpoint.ts';
import { connectionReset, NetworkPath, type PathConditions } from './network-path.ts';

export type MemoryDirection = 'aToB' | 'bToA';

/**
 * `reset`: both ends fail with ECONNRESET and close. `fin`: the receiving end sees the end of the stream, and later
 * writes of the sender are lost. `stall`: nothing arrives in either direction, and every write appears to succeed.
 */
export type CutKind = 'reset' | 'fin' | 'stall';

/** Addresses of both ends as each end sees them; a NAT between them makes them differ. */
export type ConnectionPlaces = {
  readonly a: { readonly local: Endpoint; readonly remote: Endpoint };
  readonly b: { readonly local: Endpoint; readonly remote: Endpoint };
};

/** `a` is the dialling end. Both ends are paused at first. */
export class MemoryConnection {
  readonly a: ByteStream;
  readonly b: ByteStream;
  readonly #aToB: NetworkPath;
  readonly #bToA: NetworkPath;
  readonly #onClosed: () => void;
  #open = 2;

  /** @param onClosed Called when both ends are closed. */
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
      Object.assign(duplex, { resetAndDestroy: () => this.#reset() }); // as on node:net sockets
    }
    this.a = byteStream(a, places.a.remote, places.a.local);
    this.b = byteStream(b, places.b.remote, places.b.local);
  }

  /** Bytes that reached the receiving end so far. */
  get delivered(): Readonly<Record<MemoryDirection, number>> {
    return { aToB: this.#aToB.delivered, bToA: this.#bToA.delivered };
  }

  /** Cuts the connection when this many bytes of that direction were delivered; at once if they already were. */
  cut(kind: CutKind, afterBytes: number, direction: MemoryDirection): void {
    const path = this.#path(direction);
    path.breakAfter(afterBytes, () => {
      if (kind === 'fin') return path.fin();
      if (kind === 'reset') return this.#reset();
      this.#close();
    });
  }

  /** The receiver of that direction reads nothing until `thaw`. */
  freeze(direction: MemoryDirection): void {
    this.#path(direction).freeze();
  }

  thaw(direction: MemoryDirection): void {
    this.#path(direction).thaw();
  }

  #path(direction: MemoryDirection): NetworkPath {
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

/** Destroying an end sends FIN; later writes of the other end are answered with a reset. */
function duplexOf(out: () => NetworkPath, back: () => NetworkPath): Duplex {
  return new Duplex({
    allowHalfOpen: false,
    read: () => back().read(),
    write: (chunk: Uint8Array, _, done) => out().write(chunk, done),
    writev: (chunks, done) => out().write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done),
    final: (done) => out().write(null, done),
    destroy: (error, done) => out().write(null, () => done(error)),
  });
}
