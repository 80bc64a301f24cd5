/** The commands of `peerchart discv4`, with their arguments and options. */
import type { Command } from 'commander';

import { DEFAULTS, type Ports } from '../api/options.ts';
import type { Node } from '../io/crypto/node.ts';
import {
  collectNode,
  readHost,
  readNode,
  readNodeCount,
  readPort,
  readTimeout,
  readUdpNode,
} from './arguments.ts';
import { MAX_CRAWLED } from './crawler.ts';
import { type Discv4CrawlOptions, discv4Crawl } from './discv4-crawl.ts';
import { type Discv4ListenOptions, discv4Listen } from './discv4-listen.ts';
import { type FindOptions, nodeLookup, nodeResolve } from './node-find.ts';
import { nodePing, type PingOptions } from './node-ping.ts';
import type { Terminal } from './terminal.ts';

/** Default wait of `ping`, in seconds: some pings may be lost. Ours. */
export const PING_TIMEOUT_S = 5;

/** Default length of a search for nodes, in seconds: as a lookup has. Ours. */
export const FIND_TIMEOUT_S = 60;

/** Default length of a crawl, in seconds. Ours. */
const CRAWL_TIMEOUT_S = 600;

/** @param exit Called with the exit code of the command that ran. */
export function addDiscv4(
  program: Command,
  terminal: Terminal,
  ports: Partial<Ports>,
  exit: (code: number) => void,
): void {
  const discv4 = program
    .command('discv4')
    .description('Find nodes, and speak Node Discovery v4 with them.');
  discv4
    .command('ping')
    .description('Ask a node over UDP whether it is there.')
    .argument('<node>', 'enode://<key>@<address>:<port>, or enr:…', readUdpNode)
    .option('--timeout <seconds>', 'longest wait', readTimeout, PING_TIMEOUT_S)
    .option('--json', 'print one JSON object')
    .action(async (node: Node, options: PingOptions) =>
      exit(await nodePing(node, { ...options, protocol: 'discv4' }, terminal)),
    );
  discv4
    .command('listen')
    .description('Answer pings, and print who sends them, until Ctrl-C.')
    .option('--host <address>', 'address to listen on', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, DEFAULTS.listen.port)
    .option('--nodekey <file>', 'key file, created if missing (default: a new key each time)')
    .option('--allow-readable-key', 'accept a key file readable by others')
    .option('--json', 'print one JSON object per line')
    .action(async (options: Discv4ListenOptions) => exit(await discv4Listen(options, terminal)));
  discv4
    .command('lookup')
    .description('Print the nodes on the way to a node, or to a random place.')
    .argument('[node]', 'enode://<key>@<host>:<port>, or enr:…', readNode)
    .option('--bootnodes <node...>', 'nodes to begin with', collectNode)
    .option('--timeout <seconds>', 'longest search', readTimeout, FIND_TIMEOUT_S)
    .option('--host <address>', 'address to send from', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print one JSON object per line')
    .action(async (node: Node | undefined, options: FindOptions) =>
      exit(await nodeLookup(node, { ...options, version: 'v4' }, terminal, ports)),
    );
  discv4
    .command('resolve')
    .description('Print a node as it describes itself now.')
    .argument('<node>', 'enode://<key>@<host>:<port>, or enr:…', readNode)
    .option('--bootnodes <node...>', 'nodes to ask when it does not answer', collectNode)
    .option('--timeout <seconds>', 'longest search', readTimeout, FIND_TIMEOUT_S)
    .option('--host <address>', 'address to send from', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print one JSON object')
    .action(async (node: Node, options: FindOptions) =>
      exit(await nodeResolve(node, { ...options, version: 'v4' }, terminal, ports)),
    );
  discv4
    .command('crawl')
    .description('Ask every node that can be found for those it knows, and write all into a file.')
    .argument('<file>', 'new file, one JSON object per line')
    .option('--bootnodes <node...>', 'nodes to begin with', collectNode)
    .option('--nodes <number>', 'most nodes', readNodeCount, MAX_CRAWLED)
    .option('--timeout <seconds>', 'longest crawl', readTimeout, CRAWL_TIMEOUT_S)
    .option('--host <address>', 'address to send from', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print progress as one JSON object per line')
    .action(async (file: string, options: Discv4CrawlOptions) =>
      exit(await discv4Crawl(file, options, terminal)),
    );
}
