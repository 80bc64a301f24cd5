/** `peerchart watch`: connects to nodes of a network, and prints what they tell: transactions, blocks, or the peers themselves. */
import { once } from 'node:events';
import { pino } from 'pino';
import type { Ports, ServerOptions } from '../api/options.ts';
import { generateNodeKey } from '../io/crypto/node-key.ts';
import { type Clock, systemClock } from '../io/process/clock.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import { eth } from '../protocols/eth.ts';
import type { Network } from '../protocols/networks.ts';
import { Server } from '../server.ts';
import { readDiscovery } from './arguments.ts';
import { CommandError } from './error.ts';
import { candidateFilterOf, headOf } from './network-option.ts';
import { stopInTime } from './orderly-stop.ts';
import { INTERRUPTED, type Terminal } from './terminal.ts';
import { timedJson, timedLines } from './timed-reports.ts';
import { FEEDS, type Watched, type WatchReport, watchLine } from './watch-report.ts';

/** Bytes that may wait for the reader of stdout; reports beyond that are dropped and counted. Ours. */
const MAX_UNREAD_BYTES = 1024 * 1024;

export type WatchOptions = {
  readonly network: Network;
  /** Nodes to keep connected. */
  readonly node?: readonly string[];
  /** As `--discovery` of `run`. */
  readonly discovery: string;
  readonly maxpeers: number;
  /** Ends after this time, in seconds. */
  readonly for?: number;
  /** Ends after so many reports. */
  readonly count?: number;
  readonly json?: boolean;
};

/**
 * @returns The exit code: 0 when the time or the number was reached, or after Ctrl-C; 1 when something did not stop as it
 * should, 130 when Ctrl-C came before anything ran.
 * @throws {CommandError} There is no way to find a node. @throws {ServerError} `startFailed`.
 */
export async function watch(
  what: Watched,
  options: WatchOptions,
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  const { network, json = false, count = Number.POSITIVE_INFINITY } = options;
  const clock = ports.clock ?? systemClock;
  const now = ports.unixTimeMs ?? unixTimeMs;
  const observer = eth({ chain: network.chain, head: headOf(network, now) });
  const server = new Server({
    ...sourcesOf(options),
    nodeKey: generateNodeKey(),
    listen: null,
    maxPeers: options.maxpeers,
    dialRatio: 1, // no node can dial us
    protocols: observer.protocols,
    candidateFilter: candidateFilterOf(network, now),
    logger: pino({ level: 'error' }, terminal.stderr),
    ports,
  });
  const over = new AbortController();
  const end = (): void => over.abort();
  const lines = new Lines(terminal, json);
  const write = (report: WatchReport): void => {
    if (over.signal.aborted) return;
    lines.write(report);
    if (lines.written >= count) end();
  };
  terminal.signal.addEventListener('abort', end);
  try {
    if (terminal.signal.aborted) return INTERRUPTED;
    const feeds = FEEDS[what]({ observer, signal: over.signal }, write);
    await server.start();
    const timer = timerOf(options.for, clock, end);
    if (!over.signal.aborted) await once(over.signal, 'abort');
    clock.clearTimeout(timer);
    const code = await stopInTime(server, {
      ...{ clock, terminal },
      say: (text) => void terminal.stderr.write(`peerchart: ${text}\n`),
    });
    const dropped = (await feeds) + lines.dropped;
    lines.write({ type: 'watch.ended', what, reports: lines.written, dropped });
    return code;
  } finally {
    terminal.signal.removeEventListener('abort', end);
    end();
    await server.stop();
  }
}

const timerOf = (seconds: number | undefined, clock: Clock, end: () => void): unknown =>
  seconds === undefined ? null : clock.setTimeout(end, seconds * 1_000);

/** Where nodes come from. @throws {CommandError} From nowhere. */
function sourcesOf({ network, node = [], discovery }: WatchOptions): Partial<ServerOptions> {
  const { bootnodes, dnsTrees } = network;
  const { versions, isDns } = readDiscovery(discovery);
  const trees = isDns ? dnsTrees : [];
  const isFound = (versions.length > 0 && bootnodes.length > 0) || trees.length > 0;
  if (!isFound && node.length === 0)
    throw new CommandError(
      `${network.name} has nothing to find nodes with: name nodes with --node, or another way with --discovery`,
    );
  return {
    discovery: bootnodes.length > 0 ? versions : 'none',
    ...{ bootnodes, dnsTrees: trees, staticNodes: node },
  };
}

/** Writes reports, and drops what a slow reader does not take. */
class Lines {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  #written = 0;
  #dropped = 0;

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal;
    this.#json = json;
  }

  get written(): number {
    return this.#written;
  }

  get dropped(): number {
    return this.#dropped;
  }

  write(report: WatchReport): void {
    const { stdout } = this.#terminal;
    if (!stdout.writable) return;
    if (stdout.writableLength > MAX_UNREAD_BYTES && report.type !== 'watch.ended') {
      this.#dropped += 1;
      return;
    }
    if (report.type !== 'watch.ended') this.#written += 1;
    const text = this.#json
      ? timedJson(report, this.#terminal)
      : timedLines((paint) => watchLine(report, paint), this.#terminal);
    stdout.write(`${text}\n`);
  }
}
