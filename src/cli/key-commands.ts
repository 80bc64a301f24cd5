/** The commands of `peerchart key`. */
import { DEFAULTS } from '../api/options.ts';
import { readHost, readPort } from './arguments.ts';
import { allowReadableKey, type CliCommand, type CommandContext } from './cli-command.ts';
import { type KeyNewOptions, type KeyShowOptions, keyNew, keyShow } from './key.ts';

export function addKey(program: CliCommand, { terminal, exit }: CommandContext): void {
  const key = program.command('key').description('Create and show node keys.');
  key
    .command('new')
    .description('Create a key in a new file that only you can read.')
    .argument('[file]', 'new file; an existing one is not overwritten')
    .option('--stdout', 'print the secret instead of writing a file')
    .option('--json', 'print one JSON object')
    .example('key new nodekey')
    .action(async (file: string | undefined, options: KeyNewOptions) =>
      exit(await keyNew(file, options, terminal)),
    );
  key
    .command('show')
    .description('Print the node id and the enode URL of a key, never the secret.')
    .argument('<file>', 'key file')
    .option('--host <address>', 'host in the URL', readHost, '127.0.0.1')
    .option('--port <number>', 'port in the URL', readPort, DEFAULTS.listen.port)
    .addOption(allowReadableKey())
    .option('--json', 'print one JSON object')
    .example('key show nodekey --host 192.0.2.1')
    .action(async (file: string, options: KeyShowOptions) =>
      exit(await keyShow(file, options, terminal)),
    );
}
