/** Results of a crawl on a stream of NATS JetStream, one message for each visit, from all machines that crawl together. */
import type { JetStream } from '../jetstream/jetstream.ts';
import { ensureStream } from '../jetstream/streams.ts';
import type { CrawlResults, VisitRecord } from './visit-record.ts';

/** Bytes of the stream; the oldest records leave first. Ours: a million visits of about 800 bytes. */
const MAX_STREAM_BYTES = 1024 * 1024 * 1024;

/** How long a second record of the same visit is recognised, in ms. Ours: longer than a write is repeated. */
const DUPLICATE_WINDOW_MS = 10 * 60 * 1_000;

const NS_PER_MS = 1_000_000;

/** Makes the stream when it is missing. */
export const ensureResults = (jetStream: JetStream): Promise<void> =>
  ensureStream(jetStream, {
    name: `${jetStream.name}-results`,
    subjects: [`${jetStream.name}.results.*`],
    storage: 'file',
    discard: 'old',
    max_bytes: MAX_STREAM_BYTES,
    duplicate_window: DUPLICATE_WINDOW_MS * NS_PER_MS,
  });

export class JetStreamResults implements CrawlResults {
  readonly #jetStream: JetStream;
  #written = 0;
  #repeated = 0;

  private constructor(jetStream: JetStream) {
    this.#jetStream = jetStream;
  }

  /** Makes the stream when it is missing. The results close the connection. @throws {NatsError} */
  static async open(jetStream: JetStream): Promise<JetStreamResults> {
    await ensureResults(jetStream);
    return new JetStreamResults(jetStream);
  }

  /** `repeated`: records that the stream had already. */
  get counts() {
    return { written: this.#written, repeated: this.#repeated };
  }

  async write(record: VisitRecord): Promise<void> {
    const { client, name } = this.#jetStream;
    const { duplicate } = await this.#jetStream.attempt(() =>
      client.publish(`${name}.results.${record.id}`, JSON.stringify(record), {
        msgID: `${record.id}:${record.at}`,
      }),
    );
    this.#written += 1;
    if (duplicate) this.#repeated += 1;
  }

  close(): Promise<void> {
    return this.#jetStream.close();
  }
}
