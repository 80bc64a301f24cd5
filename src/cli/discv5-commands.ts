/** The commands of `peerchart discv5`, with their arguments and options. */
import type { Command } from 'commander';

import { DEFAULTS, type Ports } from '../api/options.ts';
import type { Node } from '../io/crypto/node.ts';
import {
  collectNode,
  readHost,
  readNode,
  readPort,
  readTimeout,
  readUdpNode,
} from './arguments.ts';
import { FIND_TIMEOUT_S, PING_TIMEOUT_S } from './discv4-commands.ts';
import { type Discv5ListenOptions, discv5Listen } from './discv5-listen.ts';
import { type Discv5TalkOptions, discv5Talk } from './discv5-talk.ts';
import { type FindOptions, nodeLookup, nodeResolve } from './node-find.ts';
import { nodePing, type PingOptions } from './node-ping.ts';
import type { Terminal } from './terminal.ts';

/** @param exit Called with the exit code of the command that ran. */
export function addDiscv5(
  program: Command,
  terminal: Terminal,
  ports: Partial<Ports>,
  exit: (code: number) => void,
): void {
  const discv5 = program
    .command('discv5')
    .description('Find nodes, and speak Node Discovery v5 with them.');
  discv5
    .command('ping')
    .description('Ask a node over UDP whether it is there.')
    .argument('<node>', 'enode://<key>@<address>:<port>, or enr:…', readUdpNode)
    .option('--timeout <seconds>', 'longest wait', readTimeout, PING_TIMEOUT_S)
    .option('--json', 'print one JSON object')
    .action(async (node: Node, options: PingOptions) =>
      exit(await nodePing(node, { ...options, protocol: 'discv5' }, terminal)),
    );
  discv5
    .command('listen')
    .description('Answer pings, and print who sends them, until Ctrl-C.')
    .option('--host <address>', 'address to listen on', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, DEFAULTS.listen.port)
    .option('--nodekey <file>', 'key file, created if missing (default: a new key each time)')
    .option('--allow-readable-key', 'accept a key file readable by others')
    .option('--talk <protocol>', 'answer messages of this protocol with the same bytes')
    .option('--json', 'print one JSON object per line')
    .action(async (options: Discv5ListenOptions) => exit(await discv5Listen(options, terminal)));
  discv5
    .command('lookup')
    .description('Print the nodes on the way to a node, or to a random place.')
    .argument('[node]', 'enode://<key>@<host>:<port>, or enr:…', readNode)
    .option('--bootnodes <node...>', 'nodes to begin with', collectNode)
    .option('--timeout <seconds>', 'longest search', readTimeout, FIND_TIMEOUT_S)
    .option('--host <address>', 'address to send from', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print one JSON object per line')
    .action(async (node: Node | undefined, options: FindOptions) =>
      exit(await nodeLookup(node, { ...options, version: 'v5' }, terminal, ports)),
    );
  discv5
    .command('resolve')
    .description('Print a node as it describes itself now.')
    .argument('<node>', 'enode://<key>@<host>:<port>, or enr:…', readNode)
    .option('--bootnodes <node...>', 'nodes to ask when it does not answer', collectNode)
    .option('--timeout <seconds>', 'longest search', readTimeout, FIND_TIMEOUT_S)
    .option('--host <address>', 'address to send from', readHost, DEFAULTS.listen.host)
    .option('--port <number>', 'UDP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print one JSON object')
    .action(async (node: Node, options: FindOptions) =>
      exit(await nodeResolve(node, { ...options, version: 'v5' }, terminal, ports)),
    );
  discv5
    .command('talk')
    .description('Send a message of another protocol to a node, and print the response.')
    .argument('<node>', 'enode://<key>@<address>:<port>, or enr:…', readUdpNode)
    .argument('<protocol>', 'name of the protocol')
    .argument('[text]', 'the message', '')
    .option('--json', 'print one JSON object')
    .action(async (node: Node, protocol: string, text: string, options: Discv5TalkOptions) =>
      exit(await discv5Talk(node, { protocol, text }, options, terminal)),
    );
}
