/** All event streams of an inspector, with one timer for them, and none while there is no viewer. */

import type { Random } from '../../io/crypto/primitives.ts';
import type { Clock } from '../../io/process/clock.ts';
import type { ActorNumber, FrameSource } from '../protocol.ts';
import { EventStream, type StreamResponse } from './event-stream.ts';
import { FrameRate } from './frame-rate.ts';
import type { LoopDelay } from './loop-delay.ts';

/** Viewers at once. */
export const MAX_VIEWERS = 8;

/** Length of the id of a stream. */
const ID_BYTES = 16;

export type EventStreamsOptions = {
  readonly source: FrameSource;
  /** Whether viewers have actions. */
  readonly actions: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly loopDelay: LoopDelay;
  /** Called with internal errors; the stream that had one is closed. */
  readonly onFault: (error: unknown) => void;
};

export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #frameRate: FrameRate;
  /** At most MAX_VIEWERS. */
  readonly #streams = new Map<string, EventStream>();
  #timer: unknown;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#frameRate = new FrameRate(options.clock, options.loopDelay);
  }

  get size(): number {
    return this.#streams.size;
  }

  /** p99 of the event loop delay in the last second, in ms; 0 while there is no viewer. */
  get loopDelay(): number {
    return this.#frameRate.delay;
  }

  get isFull(): boolean {
    return this.#streams.size >= MAX_VIEWERS;
  }

  /** Sends frames until the response is closed. Not to be called while `isFull`. */
  open(response: StreamResponse, actors: readonly ActorNumber[]): void {
    this.#guarded(response, () => {
      const { source, actions, clock, random, onFault } = this.#options;
      const id = Buffer.from(random(ID_BYTES)).toString('base64url');
      const viewer = source.open({ actions });
      const stream = new EventStream({ id, response, viewer, clock, onFault });
      if (this.#streams.size === 0) this.#begin();
      this.#streams.set(id, stream);
      response.once('close', () => this.#onClosed(id));
      stream.focus(actors);
      stream.update(this.#frameRate.hz);
    });
  }

  /** @returns whether there is such a stream. */
  focus(id: string, actors: readonly ActorNumber[]): boolean {
    const stream = this.#streams.get(id);
    if (stream) this.#guarded(stream.response, () => stream.focus(actors));
    return stream !== undefined;
  }

  /** Sends each viewer a last frame and ends its stream; a slow one first takes the frame it is being sent. */
  end(): void {
    for (const stream of this.#streams.values())
      this.#guarded(stream.response, () => stream.end(this.#frameRate.hz));
  }

  #begin(): void {
    this.#frameRate.start();
    this.#arm();
  }

  #arm(): void {
    const ms = 1_000 / this.#frameRate.hz;
    this.#timer = this.#options.clock.setTimeout(() => this.#onTick(), ms);
  }

  #onTick(): void {
    this.#frameRate.update();
    for (const stream of this.#streams.values())
      this.#guarded(stream.response, () => stream.update(this.#frameRate.hz));
    this.#arm();
  }

  #onClosed(id: string): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    this.#streams.delete(id);
    this.#guarded(stream.response, () => stream.closed());
    if (this.#streams.size > 0) return;
    this.#options.clock.clearTimeout(this.#timer);
    this.#frameRate.stop();
  }

  /** An error thrown in a timer would end the process. */
  #guarded(response: StreamResponse, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.onFault(error);
      response.destroy();
    }
  }
}
