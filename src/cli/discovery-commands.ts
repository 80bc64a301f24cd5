/** The commands of `peerchart discv4` and `peerchart discv5`: one description of those that both have. */
import { DEFAULTS } from '../api/options.ts';
import type { Node } from '../io/crypto/node.ts';
import type { DiscoveryVersionName } from '../machines/discovery/table-maintenance.ts';
import {
  collectNode,
  readHost,
  readNode,
  readNodeCount,
  readPort,
  readTimeout,
  readUdpNode,
} from './arguments.ts';
import {
  allowReadableKey,
  type CliCommand,
  type CommandContext,
  type ExitCodes,
} from './cli-command.ts';
import { MAX_CRAWLED } from './crawler.ts';
import { type Discv4CrawlOptions, discv4Crawl } from './discv4-crawl.ts';
import { discv4Listen } from './discv4-listen.ts';
import { type Discv5ListenOptions, discv5Listen } from './discv5-listen.ts';
import { type Discv5TalkOptions, discv5Talk } from './discv5-talk.ts';
import { type FindOptions, nodeLookup, nodeResolve } from './node-find.ts';
import { nodePing, type PingOptions } from './node-ping.ts';
import { INTERRUPTED } from './terminal.ts';

/** Default wait of `ping`, in seconds: some pings may be lost. Ours. */
const PING_TIMEOUT_S = 5;

/** Default length of a search for nodes, in seconds: as a lookup has. Ours. */
const FIND_TIMEOUT_S = 60;

/** Default length of a crawl, in seconds. Ours. */
const CRAWL_TIMEOUT_S = 600;

const FIND_EXITS: ExitCodes = {
  0: 'a node was found',
  1: 'none was, or an error',
  [INTERRUPTED]: 'interrupted',
};

const UDP_NODE = 'enode://<key>@<address>:<port>, or enr:…';
const NODE = 'enode://<key>@<host>:<port>, or enr:…';

export function addDiscv4(program: CliCommand, context: CommandContext): void {
  const { terminal, exit } = context;
  const { group } = addCommon(program, 'v4', context);
  group
    .command('crawl')
    .description('Ask every node that can be found for those it knows, and write all into a file.')
    .argument('<file>', 'new file, one JSON object per line')
    .option('--bootnodes <node...>', 'nodes to begin with', collectNode)
    .option('--nodes <number>', 'most nodes that are asked', readNodeCount, MAX_CRAWLED)
    .option('--timeout <seconds>', 'longest crawl', readTimeout, CRAWL_TIMEOUT_S)
    .option('--host <address>', 'address to send from', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print progress as one JSON object per line')
    .example('discv4 crawl nodes.jsonl --bootnodes enode://…@192.0.2.1:30303')
    .exits({ 0: 'a node answered', 1: 'none did, or an error', [INTERRUPTED]: 'interrupted' })
    .action(async (file: string, options: Discv4CrawlOptions) =>
      exit(await discv4Crawl(file, options, terminal)),
    );
}

export function addDiscv5(program: CliCommand, context: CommandContext): void {
  const { terminal, exit } = context;
  const { group, listen } = addCommon(program, 'v5', context);
  listen
    .option('--talk <protocol>', 'answer messages of this protocol with the same bytes')
    .example('discv5 listen --talk echo');
  group
    .command('talk')
    .description('Send a message of another protocol to a node, and print the response.')
    .argument('<node>', UDP_NODE, readUdpNode)
    .argument('<protocol>', 'name of the protocol')
    .argument('[text]', 'the message', '')
    .option('--json', 'print one JSON object')
    .example('discv5 talk enr:… echo hello')
    .exits({
      0: 'there was a response; it is empty when the node does not speak the protocol',
      1: 'there was none, or an error',
      [INTERRUPTED]: 'interrupted',
    })
    .action(async (node: Node, protocol: string, text: string, options: Discv5TalkOptions) =>
      exit(await discv5Talk(node, { protocol, text }, options, terminal)),
    );
}

type Common = { readonly group: CliCommand; readonly listen: CliCommand };

/** What both versions have. */
function addCommon(
  program: CliCommand,
  version: DiscoveryVersionName,
  { terminal, ports, exit }: CommandContext,
): Common {
  const name = `disc${version}` as const;
  const node = version === 'v4' ? 'enode://…@192.0.2.1:30303' : 'enr:…';
  const group = program
    .command(name)
    .description(`Find nodes, and speak Node Discovery ${version} with them.`);
  group
    .command('ping')
    .description('Ask a node over UDP whether it is there.')
    .argument('<node>', UDP_NODE, readUdpNode)
    .option('--timeout <seconds>', 'longest wait', readTimeout, PING_TIMEOUT_S)
    .option('--json', 'print one JSON object')
    .example(`${name} ping ${node}`)
    .exits({ 0: 'the node answered', 1: 'it did not, or an error' })
    .action(async (to: Node, options: PingOptions) =>
      exit(await nodePing(to, { ...options, protocol: name }, terminal)),
    );
  const listen = group
    .command('listen')
    .description('Answer pings, and print who sends them, until Ctrl-C.')
    .option('--host <address>', 'address to listen on', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, DEFAULTS.listen.port)
    .option('--nodekey <file>', 'key file, created if missing (default: a new key each time)')
    .addOption(allowReadableKey())
    .option('--json', 'print one JSON object per line')
    .example(`${name} listen --port 30303`)
    .action(async (options: Discv5ListenOptions) =>
      exit(await (version === 'v4' ? discv4Listen : discv5Listen)(options, terminal)),
    );
  group
    .command('lookup')
    .description('Print the nodes on the way to a node, or to a random place.')
    .argument('[node]', NODE, readNode)
    .option('--bootnodes <node...>', 'nodes to begin with', collectNode)
    .option('--timeout <seconds>', 'longest search', readTimeout, FIND_TIMEOUT_S)
    .option('--host <address>', 'address to send from', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print one JSON object per line')
    .example(`${name} lookup --bootnodes ${node}`)
    .exits(FIND_EXITS)
    .action(async (to: Node | undefined, options: FindOptions) =>
      exit(await nodeLookup(to, { ...options, version }, terminal, ports)),
    );
  group
    .command('resolve')
    .description('Print a node as it describes itself now.')
    .argument('<node>', NODE, readNode)
    .option('--bootnodes <node...>', 'nodes to ask when it does not answer', collectNode)
    .option('--timeout <seconds>', 'longest search', readTimeout, FIND_TIMEOUT_S)
    .option('--host <address>', 'address to send from', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print one JSON object')
    .example(`${name} resolve ${node} --bootnodes ${node}`)
    .exits(FIND_EXITS)
    .action(async (to: Node, options: FindOptions) =>
      exit(await nodeResolve(to, { ...options, version }, terminal, ports)),
    );
  return { group, listen };
}
