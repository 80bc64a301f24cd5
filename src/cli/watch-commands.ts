/** `peerchart watch txs`, `blocks` and `peers`. */
import { collectNode, readDiscovery, readInteger, readTimeout } from './arguments.ts';
import type { CliCommand, CommandContext } from './cli-command.ts';
import { NETWORK_HELP, readNetwork } from './network-option.ts';
import { INTERRUPTED } from './terminal.ts';
import { type WatchOptions, watch } from './watch.ts';
import { WATCHED, type Watched } from './watch-report.ts';

/** Default number of peers: enough to hear of most transactions within a second. Ours. */
const MAX_PEERS = 25;

const DESCRIPTIONS = {
  txs: 'Print the hash of each transaction that nodes of a network announce.',
  blocks: 'Print the blocks that nodes of a network announce, and which blocks they have.',
  peers:
    'Print the nodes of a network that accept us and what their Status says, and how they end.',
} as const satisfies Record<Watched, string>;

export function addWatch(program: CliCommand, { terminal, ports, exit }: CommandContext): void {
  const group = program.command('watch').description('See what nodes of a network tell.');
  for (const what of WATCHED)
    group
      .command(what)
      .description(DESCRIPTIONS[what])
      .requiredOption('--network <name>', `network: ${NETWORK_HELP}`, readNetwork)
      .option('--node <node...>', 'nodes to keep connected', collectNode)
      .option(
        '--discovery <ways>',
        'how to find nodes: v4, v5 and dns, with commas between them, or none',
        checked(readDiscovery),
        'v4,dns',
      )
      .option('--maxpeers <number>', 'most peers at once', integer(1, 1_000), MAX_PEERS)
      .option('--for <seconds>', 'end after this time (default: at Ctrl-C)', readTimeout)
      .option('--count <number>', 'end after so many lines', integer(1, Number.MAX_SAFE_INTEGER))
      .option('--json', 'print one JSON object per line')
      .example(
        `watch ${what} --network sepolia`,
        `watch ${what} --network own.json --discovery none --node enode://…@192.0.2.1:30303 --for 60`,
      )
      .exits({
        0: 'the time or the number was reached, or Ctrl-C',
        1: 'an error',
        [INTERRUPTED]: 'Ctrl-C before it had started',
      })
      .action(async (options: WatchOptions) => exit(await watch(what, options, terminal, ports)));
}

const integer = (min: number, max: number) => (text: string) => readInteger(text, min, max);

const checked =
  (check: (text: string) => unknown) =>
  (text: string): string => {
    check(text);
    return text;
  };
