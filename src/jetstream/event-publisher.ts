/**
 * Events of a node on a stream of NATS JetStream, one message each. The caller never waits and gets no error:
 * while the server is away a bounded number of events waits, and the oldest leaves first and is counted.
 */
import { type Clock, systemClock } from '../io/process/clock.ts';
import type { JetStream } from './jetstream.ts';
import { ensureStream } from './streams.ts';

/** Events that wait for the server; about 1 KiB each. Ours: minutes of a busy node. */
export const MAX_WAITING_EVENTS = 10_000;

/** Messages under way at once. Ours: more than a server on another continent needs for 1,000 a second. */
const MAX_UNDER_WAY = 200;

/** Time that what waits gets at the end, in ms. Ours: as long as the end of a peer takes. */
const FLUSH_MS = 2_000;

/** Bytes of the stream, and age of a message in ms; the oldest leave first. Ours, of the first node that makes it. */
const MAX_STREAM_BYTES = 1024 * 1024 * 1024;
const MAX_AGE_MS = 7 * 24 * 60 * 60 * 1_000;

const NS_PER_MS = 1_000_000;

export type EventPublisherOptions = {
  /** Opens the connection; it waits for a server that is not there yet. */
  readonly open: (signal: AbortSignal) => Promise<JetStream>;
  /** Id of the node, the last word of the subject. */
  readonly node: string;
  /** Of this run of the node: with the number of an event it makes the event unique. */
  readonly run: string;
  /** Called once, when nothing can be published any more. */
  readonly onFailure: (error: Error) => void;
  readonly clock?: Clock;
};

/** `dropped`: events that the server never got. */
export type EventPublisherCounts = { readonly published: number; readonly dropped: number };

export class EventPublisher {
  readonly #options: EventPublisherOptions;
  readonly #clock: Clock;
  readonly #ending = new AbortController();
  /** At most {@link MAX_WAITING_EVENTS}. */
  readonly #waiting: NumberedEvent[] = [];
  readonly #work: Promise<void>;
  #numbered = 0;
  #published = 0;
  #dropped = 0;
  #isClosing = false;
  /** Called when there is an event, or when there will be no more. */
  #wake = (): void => {};

  constructor(options: EventPublisherOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#work = this.#publishAll().catch((error: Error) => {
      this.#isClosing = true;
      if (!this.#ending.signal.aborted) options.onFailure(error);
    });
  }

  get counts(): EventPublisherCounts {
    return { published: this.#published, dropped: this.#dropped };
  }

  /** Takes plain JSON that does not change any more. */
  push(event: object): void {
    this.#numbered += 1;
    if (this.#isClosing) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push({ event, number: this.#numbered });
    if (this.#waiting.length > MAX_WAITING_EVENTS) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#wake();
  }

  /** Publishes what waits, within {@link FLUSH_MS}. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake();
    const timer = this.#clock.setTimeout(() => this.#ending.abort(), FLUSH_MS);
    await this.#work;
    this.#clock.clearTimeout(timer);
    this.#dropped += this.#waiting.splice(0).length;
  }

  async #publishAll(): Promise<void> {
    const { signal } = this.#ending;
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
    });
    const jetStream = await this.#options.open(signal);
    try {
      await Promise.race([ended, this.#publishTo(jetStream)]);
    } finally {
      await jetStream.close();
    }
  }

  async #publishTo(jetStream: JetStream): Promise<void> {
    await ensureStream(jetStream, {
      name: `${jetStream.name}-events`,
      subjects: [`${jetStream.name}.events.*`],
      storage: 'file',
      discard: 'old',
      max_bytes: MAX_STREAM_BYTES,
      max_age: MAX_AGE_MS * NS_PER_MS,
    });
    while (!this.#ending.signal.aborted) {
      if (this.#waiting.length === 0) {
        if (this.#isClosing) return;
        await this.#nextEvent();
        continue;
      }
      const batch = this.#waiting.splice(0, MAX_UNDER_WAY);
      await Promise.all(batch.map((one) => this.#publish(jetStream, one)));
    }
  }

  /** An event that is refused, or for which the server stays away too long, is not tried again. */
  async #publish(jetStream: JetStream, { event, number }: NumberedEvent): Promise<void> {
    const { node, run } = this.#options;
    const text = JSON.stringify({ node, number, ...event });
    const subject = `${jetStream.name}.events.${node}`;
    const msgID = `${node}:${run}:${number}`;
    try {
      await jetStream.attempt(() => jetStream.client.publish(subject, text, { msgID }));
      this.#published += 1;
    } catch {
      this.#dropped += 1;
    }
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

type NumberedEvent = {
  readonly event: object;
  /** From 1: a gap is what was dropped. */
  readonly number: number;
};
