/**
 * The part of a NATS server with JetStream that is used, in memory, for tests of what is built on it. What a real server does
 * is tested in test/interop.
 */
import type { StreamConfig } from '@nats-io/jetstream';

import type { JetStream } from '../../src/jetstream/jetstream.ts';

type Stored = {
  readonly seq: number;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly time: Date;
  deliveries: number;
  isOut: boolean;
};

type Stream = { readonly config: Partial<StreamConfig>; readonly messages: Stored[]; last: number };

export class FakeNats {
  readonly streams = new Map<string, Stream>();
  readonly consumers = new Map<string, object>();
  readonly buckets = new Map<
    string,
    { readonly ttlMs: number; readonly keys: Map<string, string> }
  >();
  readonly #messageIds = new Set<string>();
  /** What was done with messages, such as `ack 1`, by their number. */
  readonly log: string[] = [];
  nowMs = 1_700_000_000_000;

  /** Another connection. */
  connect(name = 'crawl'): JetStream {
    const parts = {
      name,
      client: {
        publish: (subject: string, text: string, options?: { readonly msgID: string }) =>
          this.#publish(subject, text, options?.msgID),
        consumers: { get: (stream: string) => Promise.resolve(this.#consumer(stream)) },
      },
      manager: {
        streams: {
          add: (config: Partial<StreamConfig>) => this.#addStream(config),
          getMessage: (stream: string, { last_by_subj }: { readonly last_by_subj: string }) =>
            Promise.resolve(
              this.#stream(stream).messages.find(({ subject }) => subject === last_by_subj) ?? null,
            ),
          deleteMessage: (stream: string, seq: number) =>
            Promise.resolve(this.#remove(stream, seq)),
        },
        consumers: {
          info: (stream: string, consumer: string) =>
            this.consumers.has(`${stream}/${consumer}`)
              ? Promise.resolve()
              : refused('consumer not found', 10014),
          add: (stream: string, config: { readonly durable_name: string }) =>
            Promise.resolve(this.consumers.set(`${stream}/${config.durable_name}`, config)),
        },
      },
      bucket: (bucket: string, ttlMs: number) => {
        const { keys } = this.buckets.get(bucket) ?? { keys: new Map<string, string>() };
        this.buckets.set(bucket, { ttlMs, keys });
        return Promise.resolve({
          get: (key: string) => {
            const value = keys.get(key);
            return Promise.resolve(value === undefined ? null : { string: () => value });
          },
          create: (key: string, value: string) =>
            keys.has(key)
              ? refused('wrong last sequence: 1', 10071)
              : Promise.resolve(keys.set(key, value)),
        });
      },
      attempt: <Result>(work: () => Promise<Result>) => work(),
      close: () => Promise.resolve(void this.log.push('close')),
    };
    return parts as unknown as JetStream;
  }

  /** Its worker was lost: what was taken and not ended is given out again. */
  loseWorkers(): void {
    for (const { messages } of this.streams.values())
      for (const message of messages) message.isOut = false;
  }

  textsIn(stream: string): unknown[] {
    return this.#stream(stream).messages.map(({ data }) =>
      JSON.parse(new TextDecoder().decode(data)),
    );
  }

  #stream(name: string): Stream {
    const stream = this.streams.get(name);
    if (!stream) throw new Error(`there is no stream "${name}"`);
    return stream;
  }

  #addStream(config: Partial<StreamConfig>): Promise<unknown> {
    const name = config.name!;
    const known = this.streams.get(name);
    if (known && JSON.stringify(known.config) !== JSON.stringify(config))
      return refused('stream name already in use with a different configuration', 10058);
    if (!known) this.streams.set(name, { config, messages: [], last: 0 });
    return Promise.resolve();
  }

  #publish(subject: string, text: string, messageId: string | undefined): Promise<unknown> {
    const prefix = subject.slice(0, subject.lastIndexOf('.'));
    const stream = [...this.streams.values()].find(({ config }) =>
      config.subjects!.some((one) => one === `${prefix}.*`),
    )!;
    const { max_msgs = Infinity, max_msgs_per_subject, discard } = stream.config;
    const isSecond = stream.messages.some((message) => message.subject === subject);
    if (messageId !== undefined && this.#messageIds.has(messageId))
      return Promise.resolve({ duplicate: true });
    if (isSecond && max_msgs_per_subject === 1 && discard === 'new')
      return refused('maximum messages per subject exceeded', 10077);
    if (stream.messages.length >= max_msgs && discard === 'new')
      return refused('maximum messages exceeded', 10077);
    if (messageId !== undefined) this.#messageIds.add(messageId);
    stream.last += 1;
    stream.messages.push({
      seq: stream.last,
      subject,
      data: new TextEncoder().encode(text),
      time: new Date(this.nowMs),
      deliveries: 0,
      isOut: false,
    });
    return Promise.resolve({ duplicate: false });
  }

  #consumer(stream: string) {
    return {
      info: () => {
        const { messages } = this.#stream(stream);
        const out = messages.filter(({ isOut }) => isOut).length;
        this.nowMs += 2_000; // what the request before it took
        return Promise.resolve({
          num_pending: messages.length - out,
          num_ack_pending: out,
        });
      },
      fetch: ({ max_messages }: { readonly max_messages: number }) => {
        const waiting = this.#stream(stream).messages.filter(({ isOut }) => !isOut);
        const given = waiting.slice(0, max_messages).map((message) => this.#give(stream, message));
        return Promise.resolve({
          stop: () => {},
          async *[Symbol.asyncIterator]() {
            yield* given;
          },
        });
      },
    };
  }

  #give(stream: string, message: Stored) {
    message.deliveries += 1;
    message.isOut = true;
    const { seq, subject, data, deliveries } = message;
    const note = (word: string): unknown => this.log.push(`${word} ${seq}`);
    return {
      subject,
      data,
      info: { deliveryCount: deliveries },
      ack: () => note('ack') && this.#remove(stream, seq),
      term: () => note('term') && this.#remove(stream, seq),
      working: () => note('working'),
      nak: (ms?: number) => {
        note(ms === undefined ? 'nak' : `nak ${ms}`);
        message.isOut = false;
      },
    };
  }

  #remove(stream: string, seq: number): boolean {
    const { messages } = this.#stream(stream);
    messages.splice(
      messages.findIndex((message) => message.seq === seq),
      1,
    );
    return true;
  }
}

const refused = (message: string, code: number): Promise<never> =>
  Promise.reject(Object.assign(new Error(message), { name: 'JetStreamApiError', code }));
