/** `peerchart discv4 crawl`: asks every node that can be found for those it knows, and writes each into a file. */
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { finished } from 'node:stream/promises';

import { parseNode } from '../io/crypto/node.ts';
import { systemRandom } from '../io/crypto/primitives.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { wallTime } from '../io/process/wall-time.ts';
import { formatRecord } from '../io/wire/enr.ts';
import {
  BAR_EVERY_MS,
  every,
  LINE_EVERY_MS,
  NO_BAR,
  progressBar,
  progressLine,
} from './crawl-progress.ts';
import { type CrawledNode, Crawler } from './crawler.ts';
import { openDiscv4 } from './discv4-node.ts';
import { CommandError } from './error.ts';
import { INTERRUPTED, type Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';

export type Discv4CrawlOptions = {
  /** Where it begins. */
  readonly bootnodes?: readonly string[];
  /** Longest crawl, in seconds. */
  readonly timeout: number;
  /** Most nodes. */
  readonly nodes: number;
  readonly host: string;
  readonly port: number;
  readonly json?: boolean;
};

/**
 * @param path A new file, with one JSON object per line.
 * @returns The exit code: 0 when a node answered, 1 when none did, 130 after Ctrl-C.
 * @throws {CommandError} No bootnode is given, the file exists, or the address cannot be bound.
 */
export async function discv4Crawl(
  path: string,
  { bootnodes = [], timeout, nodes: limit, host, port, json = false }: Discv4CrawlOptions,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  if (bootnodes.length === 0)
    throw new CommandError('a crawl needs nodes to begin with: name them with --bootnodes');
  const file = await create(path);
  const { discv4 } = await openDiscv4({ address: { host, port }, clock }, terminal).catch(
    async (error: unknown) => {
      file.end();
      throw error;
    },
  );
  const over = new AbortController();
  const stop = (): void => over.abort();
  terminal.signal.addEventListener('abort', stop);
  if (terminal.signal.aborted) stop();
  file.on('error', stop); // it is reported at the end
  const crawler = new Crawler({
    ...{ discv4, clock, random: systemRandom, limit, signal: over.signal },
    onNode: (node) => void file.write(`${JSON.stringify(lineOf(node))}\n`),
  });
  const beganAt = clock.now();
  const seconds = (): number => (clock.now() - beganAt) / 1_000;
  const showsBar = terminal.isTty && !json;
  const show = (): void => {
    const { counts } = crawler;
    if (showsBar) terminal.stdout.write(progressBar(counts, seconds()));
    else if (json)
      terminal.stdout.write(`${timedJson({ type: 'crawl.progress', ...counts }, terminal)}\n`);
    else terminal.stdout.write(`${timedLines(() => progressLine(counts, seconds()), terminal)}\n`);
  };
  const timer = clock.setTimeout(stop, timeout * 1_000);
  const stopShowing = every(showsBar ? BAR_EVERY_MS : LINE_EVERY_MS, clock, show);
  await crawler.crawl(bootnodes.map(parseNode));
  stopShowing();
  clock.clearTimeout(timer);
  terminal.signal.removeEventListener('abort', stop);
  discv4.close();
  file.end();
  await finished(file).catch((error: Error) => {
    throw new CommandError(`${path} cannot be written: ${error.message}`, { cause: error });
  });
  const { counts } = crawler;
  const interrupted = terminal.signal.aborted;
  if (json)
    terminal.stdout.write(
      `${timedJson({ type: 'crawl.ended', ...counts, interrupted }, terminal)}\n`,
    );
  else
    terminal.stdout.write(
      `${showsBar ? NO_BAR : ''}${timedLines(() => `${progressLine(counts, seconds())}: ${path}`, terminal)}\n`,
    );
  if (interrupted) return INTERRUPTED;
  return counts.answered > 0 ? 0 : 1;
}

/** One line of the file. */
const lineOf = ({ id, enode, record, rttMs, named }: CrawledNode) => ({
  ...{ time: wallTime(), id, enode },
  enr: record && formatRecord(record.bytes),
  ...{ seq: record?.seq ?? null, answered: rttMs !== null, rttMs, named },
});

/** @throws {CommandError} It exists, or cannot be created. */
async function create(path: string) {
  try {
    const handle = await open(path, 'wx');
    return createWriteStream(path, { fd: handle });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'already exists and is not overwritten' : message;
    throw new CommandError(`${path} ${why}`, { cause: error });
  }
}
