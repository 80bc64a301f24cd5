/** `crawl --collect`: writes the records of all crawlers that share a queue into a file or a database, until the signal. */
import { unixTimeMs } from '../io/process/wall-time.ts';
import { openPlaces } from './crawl-places.ts';
import { CommandError } from './error.ts';
import type { Terminal } from './terminal.ts';

export type CrawlCollectOptions = {
  /** The NATS server. */
  readonly queue?: string;
  readonly out?: string;
  readonly db?: string;
};

/** @returns The exit code. @throws {CommandError} There is nothing to collect, or no place for it. @throws {NatsError} */
export async function crawlCollect(
  { queue: url, ...places }: CrawlCollectOptions,
  { stdout, signal }: Pick<Terminal, 'stdout' | 'signal'>,
): Promise<number> {
  if (url === undefined)
    throw new CommandError('--collect takes records from a NATS server: name it with --queue');
  const [{ openJetStream, parseJetStreamUrl }, { collectResults }] = await Promise.all([
    import('../jetstream/jetstream.ts'),
    import('../crawl/jetstream-collector.ts'),
  ]);
  const { queue, results } = await openPlaces({ ...places, unixTimeMs });
  let written = 0;
  try {
    const jetStream = await openJetStream(parseJetStreamUrl(url), { signal });
    try {
      written = await collectResults({ jetStream, results, signal });
    } finally {
      await jetStream.close();
    }
  } finally {
    await results.close();
    await queue.close();
  }
  stdout.write(`${written} records\n`);
  return 0;
}
