/** `peerchart crawl` with its options. */
import { DEFAULTS } from '../api/options.ts';
import {
  collectNode,
  collectTree,
  readDiscovery,
  readHost,
  readInteger,
  readNatsUrl,
  readPort,
  readTimeout,
} from './arguments.ts';
import type { CliCommand, CommandContext } from './cli-command.ts';
import { type CrawlCommandOptions, crawl } from './crawl.ts';
import { crawlCollect } from './crawl-collect.ts';
import { NETWORK_HELP } from './network-option.ts';
import { INTERRUPTED } from './terminal.ts';

/** Defaults. Ours: polite, and gentle with a router at home. */
const PARALLEL = 50;
const PER_SECOND = 25;
const IDLE_S = 60;
const TIMEOUT_S = 3_600;

/** Most visits at once, and in one second: a server keeps 1,000 static nodes. */
const MAX_PARALLEL = 500;

/** Threads. Ours: more than a machine has cores for. */
const MAX_WORKERS = 64;

type CrawlFlags = Omit<CrawlCommandOptions, 'udp' | 'dnsTrees'> & {
  readonly collect?: boolean;
  readonly dnsTree?: readonly string[];
  readonly host: string;
  readonly port: number;
};

export function addCrawl(program: CliCommand, { terminal, ports, exit }: CommandContext): void {
  program
    .command('crawl')
    .description(
      'Visit every node that discovery finds, once a day, and write a record of each: client, capabilities, or why there was no connection.',
    )
    .option(
      '--out <file>',
      'file for the records, one JSON object per line; a crawl goes on where it ended',
    )
    .option('--db <url>', 'a database that gets the records too: sqlite:<file> or postgres://…')
    .option(
      '--queue <url>',
      'share the nodes to visit with crawlers on other machines, over NATS: nats://<host>:<port>; it gets the records too',
      readNatsUrl,
    )
    .option(
      '--collect',
      'visit nothing: write the records of all crawlers of --queue, until Ctrl-C',
    )
    .option('--network <name>', NETWORK_HELP)
    .option('--discovery <ways>', 'v4, v5 and dns, with commas', checkedWays, 'v4,v5')
    .option('--bootnodes <node...>', 'nodes that discovery begins with', collectNode)
    .option('--dns-tree <url...>', 'DNS node lists: enrtree://<key>@<domain>', collectTree)
    .option('--parallel <number>', 'most visits at once', readParallel, PARALLEL)
    .option('--workers <number>', 'threads, each with a part of the visits', readWorkers, 1)
    .option('--rate <number>', 'most visits that begin in one second', readParallel, PER_SECOND)
    .option('--idle <seconds>', 'finished after this time without a new node', readTimeout, IDLE_S)
    .option('--timeout <seconds>', 'longest crawl', readTimeout, TIMEOUT_S)
    .option('--host <address>', 'address to send datagrams from', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print progress and summary as one JSON object per line')
    .example(
      'crawl --network sepolia --discovery v4,v5,dns --out sepolia.ndjson',
      'crawl --bootnodes enode://…@192.0.2.1:30303 --discovery v4 --parallel 200 --out nodes.ndjson',
      'crawl --network mainnet --queue nats://192.0.2.1:4222 --workers 4',
      'crawl --queue nats://192.0.2.1:4222 --collect --db postgres://crawl@192.0.2.2/nodes',
    )
    .exits({
      0: 'no node was left, or the time was over',
      1: 'an error, in one line on stderr',
      [INTERRUPTED]: 'interrupted; the same command continues',
    })
    .action(async ({ dnsTree: dnsTrees, host, port, collect = false, ...flags }: CrawlFlags) =>
      exit(
        collect
          ? await crawlCollect(flags, terminal)
          : await crawl(
              { ...flags, ...(dnsTrees && { dnsTrees }), udp: { host, port } },
              terminal,
              ports,
            ),
      ),
    );
}

const readWorkers = (text: string): number => readInteger(text, 1, MAX_WORKERS);

const readParallel = (text: string): number => readInteger(text, 1, MAX_PARALLEL);

function checkedWays(text: string): string {
  readDiscovery(text);
  return text;
}
