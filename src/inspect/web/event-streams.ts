/** All streams of an inspector: one timer for them, and none while nobody looks. */

import type { Random } from '../../io/crypto/primitives.ts';
import type { Clock } from '../../io/process/clock.ts';
import type { ActorNumber, FrameSource } from '../protocol.ts';
import { EventStream, type StreamResponse } from './event-stream.ts';
import { FrameRate } from './frame-rate.ts';
import type { LoopDelay } from './loop-delay.ts';

/** Viewers at once. */
export const MAX_VIEWERS = 8;

/** Of the id of a stream. */
const ID_BYTES = 16;

export type EventStreamsOptions = {
  readonly source: FrameSource;
  /** Whether viewers may act. */
  readonly actions: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly loopDelay: LoopDelay;
  /** Hears of mistakes of ours; the stream they happened to is closed. */
  readonly onFault: (error: unknown) => void;
};

export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #pace: FrameRate;
  /** At most MAX_VIEWERS. */
  readonly #streams = new Map<string, EventStream>();
  #timer: unknown;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#pace = new FrameRate(options.clock, options.loopDelay);
  }

  get size(): number {
    return this.#streams.size;
  }

  /** p99 of the delay of the event loop in the last second, in ms; 0 while nobody looks. */
  get loopDelay(): number {
    return this.#pace.delay;
  }

  get isFull(): boolean {
    return this.#streams.size >= MAX_VIEWERS;
  }

  /** Sends frames until the outlet is closed. Only while it is not full. */
  open(outlet: StreamResponse, actors: readonly ActorNumber[]): void {
    this.#guarded(outlet, () => {
      const { source, actions, clock, random } = this.#options;
      const id = Buffer.from(random(ID_BYTES)).toString('base64url');
      const stream = new EventStream(id, outlet, source.open({ actions }), clock.now());
      if (this.#streams.size === 0) this.#begin();
      this.#streams.set(id, stream);
      outlet.once('close', () => this.#onClosed(id));
      stream.focus(actors);
      stream.update(clock.now(), this.#pace.hz);
    });
  }

  /** @returns whether there is such a stream. */
  focus(id: string, actors: readonly ActorNumber[]): boolean {
    const stream = this.#streams.get(id);
    if (stream) this.#guarded(stream.response, () => stream.focus(actors));
    return stream !== undefined;
  }

  /** Every viewer that reads is sent a last frame. */
  end(): void {
    const now = this.#options.clock.now();
    for (const stream of this.#streams.values())
      this.#guarded(stream.response, () => stream.end(now, this.#pace.hz));
  }

  #begin(): void {
    this.#pace.start();
    this.#arm();
  }

  #arm(): void {
    const ms = 1_000 / this.#pace.hz;
    this.#timer = this.#options.clock.setTimeout(() => this.#onTick(), ms);
  }

  #onTick(): void {
    this.#pace.update();
    const now = this.#options.clock.now();
    for (const stream of this.#streams.values())
      this.#guarded(stream.response, () => stream.update(now, this.#pace.hz));
    this.#arm();
  }

  #onClosed(id: string): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    this.#streams.delete(id);
    this.#guarded(stream.response, () => stream.closed());
    if (this.#streams.size > 0) return;
    this.#options.clock.clearTimeout(this.#timer);
    this.#pace.stop();
  }

  /** Nobody would hear what a timer throws but the process, which would end. */
  #guarded(outlet: StreamResponse, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.onFault(error);
      outlet.destroy();
    }
  }
}
