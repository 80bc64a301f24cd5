/**
 * A queue of a crawl that many machines share, over NATS JetStream. Tasks are a work queue with one message for each node; a
 * bucket has the nodes that were visited, for a day. Whatever is killed in between, a node is visited again before it is lost.
 */
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { JetStream } from '../jetstream/jetstream.ts';
import {
  ensureConsumer,
  ensureStream,
  isFull,
  isKnownKey,
  isSubjectFull,
} from '../jetstream/streams.ts';
import {
  type CrawlQueue,
  type CrawlTask,
  MAX_DELIVERIES,
  type NodeText,
  type OfferResult,
  VISIT_INTERVAL_MS,
} from './crawl-queue.ts';

/** Nodes that wait for a visit at most, over all machines. Ours: more than Ethereum's discovery has. */
const MAX_WAITING = 1_000_000;

/** Tasks that are being visited at most, over all machines. Ours: 50 machines with 200 visits each. */
const MAX_VISITING = 10_000;

/** Time until a task goes to another worker, unless it is extended, in ms. Ours: a visit takes seconds, and extends. */
const ACK_WAIT_MS = 30_000;

/** Time before a task that was given back is given out again, in ms. Ours. */
const GIVE_BACK_MS = 5_000;

/** Longest wait of one request for a task, in ms. Ours; the library takes no less than 1,000. */
const REQUEST_MS = 2_000;

/**
 * Longest wait of `take` while other crawlers visit nodes, in ms: a task of a lost one comes back meanwhile. Ours: between
 * {@link ACK_WAIT_MS} and what the chart of a crawl waits for its queue.
 */
const TAKE_MS = 45_000;

/** Nodes known on this machine, so that the server is not asked about each again; the oldest leaves first. About 150 bytes each. */
const MAX_REMEMBERED = 100_000;

/** How long it is not asked, in ms. Ours. */
const REMEMBERED_MS = 10 * 60 * 1_000;

/** How long tasks that were given up are kept, in ms. Ours. */
const DEAD_MS = 7 * 24 * 60 * 60 * 1_000;

/** Longest text of a node. Ours: a record has 300 bytes, and a name of a host 253. */
const MAX_NODE_CHARS = 1_024;

const NS_PER_MS = 1_000_000;

export type JetStreamQueueOptions = {
  /** Time of day, in ms since 1970. */
  readonly unixTimeMs: () => number;
  /** {@link ACK_WAIT_MS} unless given; of the first machine that opens the queue. */
  readonly ackWaitMs?: number;
  /** {@link MAX_WAITING} unless given; of the first machine that opens the queue. */
  readonly maxWaiting?: number;
};

/** What this machine has done. */
type JetStreamQueueCounts = {
  readonly added: number;
  readonly taken: number;
  /** Tasks that had been given out before: given back, or their worker was lost. */
  readonly redelivered: number;
  /** Tasks of nodes that were visited already; they are not visited again. */
  readonly skipped: number;
  /** Visits of nodes that another crawler visited at the same time: the server had given out the task twice. */
  readonly duplicates: number;
  /** Nodes that were given up after {@link MAX_DELIVERIES}, or whose message could not be read. */
  readonly givenUp: number;
};

/** Names on the server. */
const namesOf = (name: string) => ({
  tasks: `${name}-tasks`,
  workers: 'workers',
  dead: `${name}-dead`,
  visited: `${name}-visited`,
  taskOf: (id: string) => `${name}.tasks.${id}`,
  deadOf: (id: string) => `${name}.dead.${id}`,
});

/**
 * Makes the streams and the bucket when they are missing. The queue closes the connection.
 * @throws {NatsError}
 */
export async function jetStreamQueue(
  jetStream: JetStream,
  { unixTimeMs, ackWaitMs = ACK_WAIT_MS, maxWaiting = MAX_WAITING }: JetStreamQueueOptions,
): Promise<JetStreamQueue> {
  const names = namesOf(jetStream.name);
  await ensureStream(jetStream, {
    name: names.tasks,
    subjects: [names.taskOf('*')],
    retention: 'workqueue',
    storage: 'file',
    discard: 'new',
    max_msgs: maxWaiting,
    max_msgs_per_subject: 1,
    discard_new_per_subject: true,
  });
  await ensureStream(jetStream, {
    name: names.dead,
    subjects: [names.deadOf('*')],
    storage: 'file',
    discard: 'old',
    max_msgs: maxWaiting,
    max_msgs_per_subject: 1,
    max_age: DEAD_MS * NS_PER_MS,
  });
  const visited = await jetStream.bucket(names.visited, VISIT_INTERVAL_MS);
  const consumer = await ensureConsumer(jetStream, names.tasks, {
    durable_name: names.workers,
    ack_policy: 'explicit',
    ack_wait: ackWaitMs * NS_PER_MS,
    max_ack_pending: MAX_VISITING,
    max_deliver: -1, // a crawler that takes a task which was given out too often moves it away
  });
  return new JetStreamQueue({ jetStream, visited, consumer, unixTimeMs });
}

type Parts = {
  readonly jetStream: JetStream;
  readonly visited: KV;
  readonly consumer: Consumer;
  readonly unixTimeMs: () => number;
};

class JetStreamQueue implements CrawlQueue {
  readonly #parts: Parts;
  readonly #names: ReturnType<typeof namesOf>;
  readonly #closing = new AbortController();
  /** When each is forgotten, in ms since 1970, by id. At most {@link MAX_REMEMBERED}. */
  readonly #remembered = new Map<string, number>();
  /** Taken and not ended; as many as the crawl takes. */
  readonly #taken = new Set<JsMsg>();
  readonly #counts = { added: 0, taken: 0, redelivered: 0, skipped: 0, duplicates: 0, givenUp: 0 };

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#names = namesOf(parts.jetStream.name);
  }

  get counts(): JetStreamQueueCounts {
    return { ...this.#counts };
  }

  async offer({ id, text }: NodeText): Promise<OfferResult> {
    if (this.#isRemembered(id)) return 'known';
    const result = await this.#publish({ id, text });
    if (result === 'full') return result;
    this.#remember(id);
    if (result === 'added') this.#counts.added += 1;
    return result;
  }

  /** Null when no node waits, and none is being visited by any crawler; or after {@link TAKE_MS}. */
  async take(signal: AbortSignal): Promise<CrawlTask | null> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    const endsAt = this.#parts.unixTimeMs() + TAKE_MS;
    while (!ended.aborted) {
      const message = await this.#next(ended);
      const task = message && (await this.#taskOf(message));
      if (task) return task;
      if (!message && ((await this.#isDone()) || this.#parts.unixTimeMs() >= endsAt)) return null;
    }
    return null;
  }

  /** A crawler that ends without it loses nothing: its tasks go to others after the wait of an acknowledgement. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const message of this.#taken) message.nak();
    this.#taken.clear();
    await this.#parts.jetStream.close();
  }

  /** A task that waits is one message of its own subject, so that a second one is refused by the server. */
  #publish(node: NodeText): Promise<OfferResult> {
    const { jetStream, visited } = this.#parts;
    return jetStream.attempt(async () => {
      if (await visited.get(node.id)) return 'known';
      try {
        return await this.#add(node);
      } catch (error) {
        if (isSubjectFull(error))
          return (await this.#removeOld(node.id)) ? await this.#add(node) : 'known';
        if (isFull(error)) return 'full';
        throw error;
      }
    });
  }

  async #add(node: NodeText): Promise<'added'> {
    const { jetStream, unixTimeMs } = this.#parts;
    const task: StoredTask = { ...node, firstSeen: unixTimeMs() };
    await jetStream.client.publish(this.#names.taskOf(node.id), JSON.stringify(task));
    return 'added';
  }

  /**
   * A server that is killed may keep the message of a task that was acknowledged: it is never given out, and is in the way of the
   * next one. @returns Whether there was a message that is a day old, which is removed.
   */
  async #removeOld(id: string): Promise<boolean> {
    const { jetStream, unixTimeMs } = this.#parts;
    const { streams } = jetStream.manager;
    const stored = await streams.getMessage(this.#names.tasks, {
      last_by_subj: this.#names.taskOf(id),
    });
    if (!stored || unixTimeMs() - stored.time.getTime() < VISIT_INTERVAL_MS) return false;
    return streams.deleteMessage(this.#names.tasks, stored.seq);
  }

  /** Null when there is none for now; while the server is away, that is not known. What comes after the end is given back. */
  #next(ended: AbortSignal): Promise<JsMsg | null> {
    const { jetStream, consumer } = this.#parts;
    return jetStream.attempt(async () => {
      if (ended.aborted) return null;
      const messages = await consumer.fetch({ max_messages: 1, expires: REQUEST_MS });
      const stop = (): void => messages.stop();
      ended.addEventListener('abort', stop);
      if (ended.aborted) stop();
      try {
        for await (const message of messages) {
          if (!ended.aborted) return message;
          message.nak();
        }
        return null;
      } finally {
        ended.removeEventListener('abort', stop);
      }
    });
  }

  async #isDone(): Promise<boolean> {
    const { jetStream, consumer } = this.#parts;
    const { num_pending, num_ack_pending } = await jetStream.attempt(() => consumer.info());
    return num_pending + num_ack_pending === 0;
  }

  async #taskOf(message: JsMsg): Promise<CrawlTask | null> {
    const stored = readTask(message.data);
    const { deliveryCount } = message.info;
    if (!stored || deliveryCount > MAX_DELIVERIES) {
      await this.#giveUp(message, stored);
      return null;
    }
    const { jetStream, visited } = this.#parts;
    if (await jetStream.attempt(() => visited.get(stored.id))) {
      message.ack();
      this.#counts.skipped += 1;
      return null;
    }
    this.#counts.taken += 1;
    if (deliveryCount > 1) this.#counts.redelivered += 1;
    this.#taken.add(message);
    const { id, text, firstSeen } = stored;
    return {
      node: { id, text },
      firstSeen,
      ack: () => this.#end(message, () => this.#acknowledge(message, id)),
      retry: () =>
        this.#end(message, async () => {
          if (deliveryCount >= MAX_DELIVERIES) await this.#giveUp(message, stored);
          else message.nak(GIVE_BACK_MS);
        }),
      extend: async () => {
        if (this.#taken.has(message)) message.working();
      },
    };
  }

  /** Runs once, while the task is still ours. */
  async #end(message: JsMsg, run: () => Promise<void>): Promise<void> {
    if (this.#taken.delete(message)) await run();
  }

  /** In this order: an acknowledgement that is lost leads to a task that is skipped. */
  async #acknowledge(message: JsMsg, id: string): Promise<void> {
    if (!(await this.#markVisited(id))) this.#counts.duplicates += 1;
    message.ack();
  }

  async #giveUp(message: JsMsg, stored: StoredTask | null): Promise<void> {
    const { jetStream } = this.#parts;
    this.#counts.givenUp += 1;
    const id = message.subject.slice(this.#names.taskOf('').length);
    const dead = { ...(stored ?? { id }), deliveries: message.info.deliveryCount };
    await jetStream.attempt(() =>
      jetStream.client.publish(this.#names.deadOf(id), JSON.stringify(dead)),
    );
    await this.#markVisited(id);
    message.term();
  }

  /** @returns Whether it was the first. */
  async #markVisited(id: string): Promise<boolean> {
    const { jetStream, visited, unixTimeMs } = this.#parts;
    const mark = String(unixTimeMs());
    const isFirst = await jetStream.attempt(async () => {
      try {
        await visited.create(id, mark);
        return true;
      } catch (error) {
        if (!isKnownKey(error)) throw error;
        return (await visited.get(id))?.string() === mark; // an earlier attempt did it
      }
    });
    this.#remember(id);
    return isFirst;
  }

  #isRemembered(id: string): boolean {
    return (this.#remembered.get(id) ?? 0) > this.#parts.unixTimeMs();
  }

  #remember(id: string): void {
    this.#remembered.delete(id);
    this.#remembered.set(id, this.#parts.unixTimeMs() + REMEMBERED_MS);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= MAX_REMEMBERED) break;
      this.#remembered.delete(oldest);
    }
  }
}

export type { JetStreamQueue };

/** A message of the stream of tasks. */
type StoredTask = NodeText & { readonly firstSeen: number };

/** Null: another program wrote it into the stream. */
function readTask(data: Uint8Array): StoredTask | null {
  try {
    const { id, text, firstSeen } = JSON.parse(new TextDecoder().decode(data));
    const isText = typeof text === 'string' && text.length <= MAX_NODE_CHARS;
    const isTask = /^[0-9a-f]{64}$/.test(id) && isText && Number.isSafeInteger(firstSeen);
    return isTask ? { id, text, firstSeen } : null;
  } catch {
    return null;
  }
}
