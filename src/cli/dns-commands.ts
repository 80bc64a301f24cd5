/** The commands of `peerchart dns`, with their arguments and options. */
import type { TreeLink } from '../io/crypto/dns-tree-entry.ts';
import { readTimeout, readTreeUrl } from './arguments.ts';
import type { CliCommand, CommandContext } from './cli-command.ts';
import { type DnsPrintOptions, type DnsSyncOptions, dnsPrint, dnsSync } from './dns-sync.ts';
import { INTERRUPTED } from './terminal.ts';

/** Default length of a download, in seconds: at three queries a second a large list takes a while. Ours. */
const SYNC_TIMEOUT_S = 3_600;

export function addDns(program: CliCommand, { terminal, ports, exit }: CommandContext): void {
  const dns = program.command('dns').description('Download and print DNS node lists (EIP-1459).');
  dns
    .command('sync')
    .description('Download a whole list, check every entry, and print or write its node records.')
    .argument('<url>', 'enrtree://<key>@<domain>', readTreeUrl)
    .argument('[file]', 'new file for the list as JSON')
    .option('--timeout <seconds>', 'longest download', readTimeout, SYNC_TIMEOUT_S)
    .option('--json', 'print one JSON object')
    .example('dns sync enrtree://…@nodes.example.org list.json')
    .exits({
      0: 'the whole list was read',
      1: 'a part could not be read, or an error',
      [INTERRUPTED]: 'interrupted; what was read until then is written',
    })
    .action(async (link: TreeLink, file: string | undefined, options: DnsSyncOptions) =>
      exit(await dnsSync(link, file, options, terminal, ports)),
    );
  dns
    .command('print')
    .description('Print a list that was downloaded with sync.')
    .argument('<file>', 'a file made by dns sync')
    .option('--json', 'print one JSON object')
    .example('dns print list.json')
    .action(async (file: string, options: DnsPrintOptions) =>
      exit(await dnsPrint(file, options, terminal)),
    );
}
