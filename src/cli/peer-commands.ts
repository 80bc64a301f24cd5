/** `peerchart ping` and `peerchart why`: connect to one node. */
import type { Node } from '../io/crypto/node.ts';
import { readDialable, readTimeout } from './arguments.ts';
import {
  allowReadableKey,
  type CliCommand,
  type CommandContext,
  offerOption,
} from './cli-command.ts';
import { NETWORK_HELP, readNetwork } from './network-option.ts';
import { type PingOptions, ping } from './ping.ts';
import { type WhyOptions, why } from './why.ts';

/** Default wait of `ping` and `why`, in seconds: more than a handshake takes. Ours. */
const TIMEOUT_S = 20;

export function addPing(program: CliCommand, { terminal, ports, exit }: CommandContext): void {
  program
    .command('ping')
    .description('Connect to a node and print its Hello, or where and why the connection ended.')
    .argument('<node>', 'enode://<key>@<host>:<port>, or enr:…', readDialable)
    .option('--timeout <seconds>', 'longest wait', readTimeout, TIMEOUT_S)
    .option('--json', 'print one JSON object')
    .example('ping enode://…@192.0.2.1:30303')
    .exits({ 0: 'a Hello was received', 1: 'none was, or an error' })
    .action(async (node: Node, options: PingOptions) =>
      exit(await ping(node, options, terminal, ports)),
    );
}

export function addWhy(program: CliCommand, { terminal, ports, exit }: CommandContext): void {
  program
    .command('why')
    .description('Check whether a node would be our peer, and if not, why and what to do.')
    .argument('<node>', 'enode://<key>@<host>:<port>, or enr:…', readDialable)
    .option(
      '--network <name>',
      `network of our eth Status: ${NETWORK_HELP} (default: that of theirs)`,
      readNetwork,
    )
    .addOption(
      offerOption(
        'capabilities in our Hello, in place of eth; their messages are counted, and none is sent',
      ),
    )
    .option('--nodekey <file>', 'our key file (default: a new key)')
    .addOption(allowReadableKey())
    .option('--timeout <seconds>', 'longest wait until we are a peer', readTimeout, TIMEOUT_S)
    .option(
      '--stay <seconds>',
      'seconds we must stay connected (default: 8, or 3 with --offer)',
      readTimeout,
    )
    .option('--json', 'print one JSON object')
    .example(
      'why enode://…@192.0.2.1:30303',
      'why --network sepolia enr:…',
      'why --offer eth/69 --stay 10 enr:…',
    )
    .exits({ 0: 'we stayed connected', 1: 'we did not, or an error' })
    .action(async (node: Node, options: WhyOptions) =>
      exit(await why(node, options, terminal, ports)),
    );
}
