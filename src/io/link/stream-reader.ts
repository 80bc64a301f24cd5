/** The reading side of a link: chunks go to one reader at a time, in turns. Reads nothing unless there is a reader. */
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers';

import type { Clock } from '../process/clock.ts';
import type { StreamTraffic } from './traffic.ts';

/** Messages and milliseconds one link gets in one turn of the event loop. Source: reth, receive budget. */
const TURN_MESSAGES = 16;
const TURN_MS = 5;

/** Consumes what it needs of `chunk`, at least one byte. Returns the offset it reached. It may stop the stream reader. */
export type Reader = (chunk: Uint8Array) => number;

export class StreamReader {
  readonly #duplex: Duplex;
  readonly #clock: Clock;
  readonly #traffic: StreamTraffic;
  readonly #onFault: (error: unknown) => void;
  #reader: Reader | null = null;
  #isHeld = false;
  /** The unconsumed rest of one chunk; the stream is paused while there is one. */
  #unread: Uint8Array | null = null;
  #onDelivered: (() => void) | null = null;
  #isPumping = false;
  /** Set from the first message of a turn to its end. */
  #turn: NodeJS.Immediate | null = null;
  #turnStartedAt = 0;
  #turnMessages = 0;

  constructor(
    duplex: Duplex,
    clock: Clock,
    traffic: StreamTraffic,
    onFault: (error: unknown) => void,
  ) {
    this.#duplex = duplex;
    this.#clock = clock;
    this.#traffic = traffic;
    this.#onFault = onFault;
    duplex.on('data', this.#onData);
    duplex.pause();
  }

  /** Passes what arrives to `reader` from now on, starting with what the previous reader left. */
  read(reader: Reader): void {
    this.#reader = reader;
    this.#isHeld = false;
    this.#continue();
  }

  /** Removes the reader. Bytes stay in the system's buffers. */
  stop(): void {
    this.#reader = null;
    this.#duplex.pause();
  }

  /** Keeps the reader, but passes nothing to it until `release`. */
  hold(): void {
    this.#isHeld = true;
    this.#duplex.pause();
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#continue();
  }

  /** Calls `then` when every byte read was consumed: a stream can end before its last chunk is consumed. */
  whenDelivered(then: () => void): void {
    this.#onDelivered = then;
    this.#notifyDelivered();
  }

  detach(): void {
    this.stop();
    this.#unread = null;
    this.#onDelivered = null;
    if (this.#turn) clearImmediate(this.#turn);
    this.#turn = null;
    this.#duplex.off('data', this.#onData);
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#traffic.ingress += chunk.length;
    this.#unread = chunk;
    this.#pump();
  };

  #continue(): void {
    if (this.#isPumping || this.#isHeld || !this.#reader) return;
    if (this.#unread) this.#turn ??= setImmediate(this.#nextTurn);
    else if (!this.#isTurnOver()) this.#duplex.resume();
  }

  readonly #nextTurn = (): void => {
    this.#turn = null;
    if (this.#unread) this.#pump();
    else this.#continue();
  };

  #pump(): void {
    if (!this.#turn) {
      this.#turn = setImmediate(this.#nextTurn);
      this.#turnMessages = 0;
      this.#turnStartedAt = this.#clock.now();
    }
    this.#isPumping = true;
    try {
      while (this.#unread && this.#reader && !this.#isHeld && !this.#isTurnOver()) {
        const chunk = this.#unread;
        const taken = this.#reader(chunk);
        this.#turnMessages += 1;
        if (this.#unread === null) break; // detached by the reader
        this.#unread = taken < chunk.length ? chunk.subarray(taken) : null;
      }
    } catch (error) {
      this.#reader = null;
      this.#onFault(error);
    }
    this.#isPumping = false;
    if (this.#unread || this.#isHeld || !this.#reader || this.#isTurnOver()) this.#duplex.pause();
    this.#continue();
    this.#notifyDelivered();
  }

  #notifyDelivered(): void {
    if (this.#unread) return;
    const then = this.#onDelivered;
    this.#onDelivered = null;
    then?.();
  }

  /** This turn has used its messages or milliseconds; the next one starts after other work of the event loop. */
  #isTurnOver(): boolean {
    if (!this.#turn) return false;
    return this.#turnMessages >= TURN_MESSAGES || this.#clock.now() - this.#turnStartedAt > TURN_MS;
  }
}
