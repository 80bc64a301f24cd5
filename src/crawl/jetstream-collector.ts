/** Takes the results of all crawlers from their stream of NATS JetStream and writes them elsewhere. It goes on where it ended. */
import type { JetStream } from '../jetstream/jetstream.ts';
import { ensureConsumer } from '../jetstream/streams.ts';
import { ensureResults } from './jetstream-results.ts';
import type { CrawlResults, VisitRecord } from './visit-record.ts';

/** Records that are written at once. Ours. */
const AT_ONCE = 100;

/** Longest wait of one request for records, in ms. Ours. */
const COLLECT_MS = 2_000;

/** Time until a record that was not written is given out again, in ms. Ours: more than a database is waited for. */
const WRITE_MS = 120_000;

const NS_PER_MS = 1_000_000;

export type CollectorOptions = {
  readonly jetStream: JetStream;
  readonly results: CrawlResults;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Called for each record that is kept. */
  readonly onRecord?: (record: VisitRecord) => void;
  /** Ends when there is no record for one request; by default it waits for more. */
  readonly endsWhenEmpty?: boolean;
};

/**
 * A record that was written and not acknowledged, because the collector was killed, is written again: a database has one row for
 * each node, a file may have two lines for one visit.
 * @returns How many records were written. @throws {NatsError} @throws What the results say.
 */
export async function collectResults({
  jetStream,
  results,
  signal,
  onRecord,
  endsWhenEmpty = false,
}: CollectorOptions): Promise<number> {
  await ensureResults(jetStream);
  const consumer = await ensureConsumer(jetStream, `${jetStream.name}-results`, {
    durable_name: 'collector',
    ack_policy: 'explicit',
    ack_wait: WRITE_MS * NS_PER_MS,
  });
  let written = 0;
  while (!signal.aborted) {
    const messages = await jetStream.attempt(async () => {
      const some = [];
      const fetched = await consumer.fetch({ max_messages: AT_ONCE, expires: COLLECT_MS });
      const stop = (): void => fetched.stop();
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      try {
        for await (const message of fetched) some.push(message);
      } finally {
        signal.removeEventListener('abort', stop);
      }
      return some;
    });
    if (messages.length === 0 && endsWhenEmpty) break;
    await Promise.all(
      messages.map(async (message) => {
        const record = readRecord(message.data);
        if (!record) return message.term();
        await results.write(record);
        message.ack();
        written += 1;
        onRecord?.(record);
      }),
    );
  }
  return written;
}

/** Null: another program wrote into the stream. */
function readRecord(data: Uint8Array): VisitRecord | null {
  try {
    const record = JSON.parse(new TextDecoder().decode(data));
    const isRecord =
      /^[0-9a-f]{64}$/.test(record.id) &&
      typeof record.enode === 'string' &&
      Number.isSafeInteger(record.at) &&
      typeof record.latencyMs === 'object';
    return isRecord ? record : null;
  } catch {
    return null;
  }
}
