/**
 * One client on a stream: reads a request when the one before is answered and its answer is written, and carries its
 * subscriptions. A client that does not read is disconnected. The transport makes the stream.
 */
import type { Duplex } from 'node:stream';
import type { Random } from '../io/crypto/primitives.ts';
import type { Clock } from '../io/process/clock.ts';
import { Deadline } from '../io/process/deadline.ts';
import { errorText, notificationText, RpcError } from './json-rpc.ts';
import type { RpcService, RpcSubscriber, RpcSubscription } from './rpc-service.ts';

/** For a client to take an answer, in ms. Source: go-ethereum rpc/json.go. */
export const WRITE_TIMEOUT_MS = 10_000;

/** Bytes of notifications that wait for a client: with more, it is disconnected. Ours; go-ethereum has no limit. */
export const MAX_UNREAD_BYTES = 1024 * 1024;

/** Subscriptions of one client. Ours. */
export const MAX_SUBSCRIPTIONS = 16;

/** Length of the id of a subscription. Source: go-ethereum rpc/subscription.go. */
const ID_BYTES = 16;

export type RpcStream = {
  /** Text goes in. */
  readonly stream: Duplex;
  /** Ends with the stream. Throws an RpcError for what cannot be read. */
  readonly texts: AsyncIterable<string>;
  /** Written after each text. */
  readonly separator: string;
};

export type RpcConnectionOptions = {
  readonly service: RpcService;
  readonly clock: Clock;
  readonly random: Random;
  /** Called when it is disconnected because it does not read. */
  readonly onSlow: () => void;
};

type Subscribed = {
  readonly begin: RpcSubscription;
  readonly namespace: string;
  /** Null until the answer with its id is written. */
  end: (() => void) | null;
};

export class RpcConnection implements RpcSubscriber {
  readonly #transport: RpcStream;
  readonly #options: RpcConnectionOptions;
  /** By id; at most `MAX_SUBSCRIPTIONS`. */
  readonly #subscriptions = new Map<string, Subscribed>();
  #unreadBytes = 0;
  #isClosed = false;
  #onWritten: (isWritten: boolean) => void = () => {};

  constructor(transport: RpcStream, options: RpcConnectionOptions) {
    this.#transport = transport;
    this.#options = options;
    transport.stream.on('error', () => {}); // 'close' follows
    transport.stream.once('close', () => this.#end());
  }

  /** Resolves when the client has ended it, or it broke. Never rejects. */
  async serve(): Promise<void> {
    const { texts, stream } = this.#transport;
    try {
      for await (const text of texts) {
        const answer = await this.#options.service.answer(text, this);
        if (answer.text !== null && !(await this.#write(answer.text))) break;
        this.#beginSubscriptions();
        if (answer.isUnreadable) break;
      }
    } catch (error) {
      if (error instanceof RpcError) await this.#write(errorText(null, error));
    }
    stream.destroy(); // every answer is written
  }

  subscribe(namespace: string, begin: RpcSubscription): string {
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS)
      throw new RpcError('failed', `${MAX_SUBSCRIPTIONS} subscriptions at most`);
    const id = `0x${Buffer.from(this.#options.random(ID_BYTES)).toString('hex')}`;
    this.#subscriptions.set(id, { begin, namespace, end: null });
    return id;
  }

  unsubscribe(id: string): boolean {
    this.#subscriptions.get(id)?.end?.();
    return this.#subscriptions.delete(id);
  }

  #beginSubscriptions(): void {
    if (this.#isClosed) return;
    for (const [id, subscribed] of this.#subscriptions)
      subscribed.end ??= subscribed.begin((result) => this.#notify(id, subscribed, result));
  }

  #notify(id: string, { namespace }: Subscribed, result: unknown): void {
    const text = this.#framed(notificationText(namespace, id, result));
    const bytes = Buffer.byteLength(text);
    if (this.#unreadBytes + bytes > MAX_UNREAD_BYTES) return this.#cutOff();
    this.#unreadBytes += bytes;
    this.#transport.stream.write(text, () => {
      this.#unreadBytes -= bytes;
    });
  }

  /** @returns Whether it was written in time. */
  #write(text: string): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const deadline = new Deadline(this.#options.clock, WRITE_TIMEOUT_MS, () => this.#cutOff());
      deadline.arm();
      this.#onWritten = (isWritten) => {
        deadline.disarm();
        resolve(isWritten);
      };
      this.#transport.stream.write(this.#framed(text), (error) => this.#onWritten(!error));
    });
  }

  #framed(text: string): string {
    return text + this.#transport.separator;
  }

  #cutOff(): void {
    if (this.#isClosed) return;
    this.#options.onSlow();
    this.#transport.stream.destroy();
    this.#end();
  }

  #end(): void {
    this.#isClosed = true;
    this.#onWritten(false);
    for (const id of [...this.#subscriptions.keys()]) this.unsubscribe(id);
  }
}
