/** The commands of `peerchart enr`. */
import { DEFAULTS } from '../api/options.ts';
import { readHost, readPort, readSequence } from './arguments.ts';
import { allowReadableKey, type CliCommand, type CommandContext } from './cli-command.ts';
import {
  type EnrDecodeOptions,
  type EnrNewOptions,
  type EnrShowOptions,
  enrDecode,
  enrNew,
  enrShow,
} from './enr.ts';

export function addEnr(program: CliCommand, { terminal, exit }: CommandContext): void {
  const enr = program.command('enr').description('Read and sign node records.');
  enr
    .command('decode')
    .description('Check a node record and print what it contains.')
    .argument('<record>', 'enr:…')
    .option('--json', 'print one JSON object')
    .example(
      'enr decode enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8',
    )
    .action((record: string, options: EnrDecodeOptions) =>
      exit(enrDecode(record, options, terminal)),
    );
  enr
    .command('show')
    .description('Print the record that a node with this key would have if it started now.')
    .argument('<path>', 'key file, or the folder of run --datadir')
    .option('--ip <address>', 'IPv4 address (default: 127.0.0.1)', readHost)
    .option('--ip6 <address>', 'IPv6 address', readHost)
    .option('--tcp <port>', `TCP port (default: ${DEFAULTS.listen.port})`, readPort)
    .option('--udp <port>', 'UDP port', readPort)
    .option('--json', 'print one JSON object')
    .addOption(allowReadableKey())
    .example('enr show mynode')
    .action(async (path: string, options: EnrShowOptions) =>
      exit(await enrShow(path, options, terminal)),
    );
  enr
    .command('new')
    .description('Sign a node record with a key and print it.')
    .argument('<file>', 'key file')
    .option('--ip <address>', 'IPv4 address', readHost)
    .option('--ip6 <address>', 'IPv6 address', readHost)
    .option('--tcp <port>', 'TCP port', readPort)
    .option('--udp <port>', 'UDP port', readPort)
    .option('--seq <number>', 'sequence number', readSequence, 1)
    .addOption(allowReadableKey())
    .option('--json', 'print one JSON object')
    .example('enr new nodekey --ip 192.0.2.1 --tcp 30303 --udp 30303')
    .action(async (file: string, options: EnrNewOptions) =>
      exit(await enrNew(file, options, terminal)),
    );
}
