/** The reading side of a link: chunks go to one reader at a time, in turns. Reads nothing unless there is a reader. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../process/clock.ts';
import { TurnLimit } from '../process/turn-limit.ts';
import type { StreamTraffic } from './traffic.ts';

/** Consumes what it needs of `chunk`, at least one byte. Returns the offset it reached. It may stop the stream reader. */
export type Reader = (chunk: Uint8Array) => number;

export class StreamReader {
  readonly #duplex: Duplex;
  readonly #traffic: StreamTraffic;
  readonly #onFault: (error: unknown) => void;
  #reader: Reader | null = null;
  #isHeld = false;
  #isWatching = false;
  /** The unconsumed rest of one chunk; the stream is paused while there is one. */
  #unread: Uint8Array | null = null;
  #onDelivered: (() => void) | null = null;
  #isPumping = false;
  readonly #turn: TurnLimit;

  constructor(
    duplex: Duplex,
    clock: Clock,
    traffic: StreamTraffic,
    onFault: (error: unknown) => void,
  ) {
    this.#duplex = duplex;
    this.#turn = new TurnLimit(clock, () => this.#onNextTurn());
    this.#traffic = traffic;
    this.#onFault = onFault;
    duplex.on('data', this.#onData);
    duplex.pause();
  }

  /** Passes what arrives to `reader` from now on, starting with what the previous reader left. */
  read(reader: Reader): void {
    this.#reader = reader;
    this.#isHeld = false;
    this.#isWatching = false;
    this.#continue();
  }

  /**
   * Removes the reader, but goes on reading from the stream, so that its end is noticed: a stream that is paused does not
   * report it. At most one chunk is kept for the next reader; until that one comes, nothing behind it is noticed.
   */
  watch(): void {
    this.#reader = null;
    this.#isHeld = false;
    this.#isWatching = true;
    this.#continue();
  }

  /** Removes the reader. Bytes stay in the system's buffers. */
  stop(): void {
    this.#reader = null;
    this.#isWatching = false;
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
    this.#turn.cancel();
    this.#duplex.off('data', this.#onData);
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#traffic.ingress += chunk.length;
    this.#unread = chunk;
    this.#pump();
  };

  #continue(): void {
    if (this.#isPumping) return;
    if (this.#unread) {
      if (this.#isReading) this.#turn.start();
    } else if (this.#wantsBytes && !this.#turn.isOver) this.#duplex.resume();
  }

  /** Does nothing while held or without a reader: `release` and `read` continue. */
  #onNextTurn(): void {
    if (this.#unread && this.#isReading) this.#pump();
    else this.#continue();
  }

  #pump(): void {
    this.#turn.start();
    this.#isPumping = true;
    try {
      while (this.#unread && this.#reader && !this.#isHeld && !this.#turn.isOver) {
        const chunk = this.#unread;
        const taken = this.#reader(chunk);
        this.#turn.count();
        if (this.#unread === null) break; // detached by the reader
        this.#unread = taken < chunk.length ? chunk.subarray(taken) : null;
      }
    } catch (error) {
      this.#reader = null;
      this.#onFault(error);
    }
    this.#isPumping = false;
    if (this.#unread || !this.#wantsBytes || this.#turn.isOver) this.#duplex.pause();
    this.#continue();
    this.#notifyDelivered();
  }

  #notifyDelivered(): void {
    if (this.#unread) return;
    const then = this.#onDelivered;
    this.#onDelivered = null;
    then?.();
  }

  get #isReading(): boolean {
    return this.#reader !== null && !this.#isHeld;
  }

  get #wantsBytes(): boolean {
    return this.#isReading || this.#isWatching;
  }
}
