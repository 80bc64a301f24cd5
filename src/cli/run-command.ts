/** `peerchart run`, `config` and `doctor` with their options, which are those of the settings. */
import { printable } from '../io/wire/printable.ts';
import { collectEndpoint, readTimeout } from './arguments.ts';
import type { CliCommand, CommandContext } from './cli-command.ts';
import { type ConfigOptions, config } from './config.ts';
import { type Configuration, configurationOf } from './configuration.ts';
import { type DoctorOptions, doctor, OBSERVED_S } from './doctor.ts';
import { type RunOptions, run } from './run.ts';
import { runOptionsOf } from './run-options.ts';
import { flagSettings, optionOf, SETTING_NAMES } from './settings.ts';
import type { Terminal } from './terminal.ts';

/** Longest note that is shown, in UTF-16 units. */
const MAX_NOTE_CHARS = 2_000;

/** What a command has besides the settings: it is of one run. */
type RunFlags = Pick<RunOptions, 'say' | 'json' | 'record' | 'recordMask'> & ConfigFlag;

type ConfigFlag = { readonly config?: string };

export function addRun(program: CliCommand, { terminal, ports, exit }: CommandContext): void {
  const command = program
    .command('run')
    .description('Run a node and print its events, until Ctrl-C.');
  addSettings(command)
    .option('--say <text>', 'send this text to every peer (implies --echo)')
    .option('--json', 'print one JSON object per line')
    .option('--record <file>', 'record every chart into a new file')
    .option('--record-mask', 'replace addresses, host names and ids in the recording')
    .example(
      'run --datadir mynode --echo',
      'run --port 30304 --say hello --static enode://…@127.0.0.1:30303',
      'run --config node.toml --maxpeers 25',
    )
    .action(async (flags: RunFlags) => {
      const { settings } = await configurationWith(command, flags, terminal);
      exit(await run({ ...flags, ...runOptionsOf(settings) }, terminal, ports));
    });
}

export function addConfig(program: CliCommand, { terminal, exit }: CommandContext): void {
  const command = program
    .command('config')
    .description('Print the configuration that run would use, and where each value comes from.');
  addSettings(command)
    .option('--json', 'print one JSON object')
    .example('config --config node.toml --port 30304', 'config > node.toml')
    .action(async (flags: ConfigOptions & ConfigFlag) => {
      const configuration = await configurationWith(command, flags, terminal);
      runOptionsOf(configuration.settings); // says what does not go together
      exit(config(configuration, flags, terminal));
    });
}

export function addDoctor(program: CliCommand, { terminal, ports, exit }: CommandContext): void {
  const command = program
    .command('doctor')
    .description('Look for what keeps a node from working, on this machine and in its network.');
  addSettings(command)
    .option('--seconds <number>', 'how long it looks at most', readTimeout, OBSERVED_S)
    .option(
      '--time-server <address...>',
      'host:port of a time server to ask (default: known ones)',
      collectEndpoint,
    )
    .option(
      '--stun-server <address...>',
      'host:port of a STUN server to ask for our public address (default: known ones)',
      collectEndpoint,
    )
    .option('--json', 'print one JSON object')
    .example('doctor --datadir mynode', 'doctor --config node.toml --seconds 60')
    .exits({
      0: 'nothing keeps the node from working; there may be warnings',
      1: 'something does, or an error',
    })
    .action(async (flags: DoctorFlags) => {
      const { settings } = await configurationWith(command, flags, terminal);
      const { timeServer: timeServers, stunServer: stunServers, seconds, json = false } = flags;
      const servers = { ...(timeServers && { timeServers }), ...(stunServers && { stunServers }) };
      const options = { ...runOptionsOf(settings), seconds, json, ...servers };
      exit(await doctor(options, terminal, ports));
    });
}

type DoctorFlags = ConfigFlag & {
  readonly seconds: number;
  readonly timeServer?: DoctorOptions['timeServers'] & {};
  readonly stunServer?: DoctorOptions['stunServers'] & {};
  readonly json?: boolean;
};

function addSettings(command: CliCommand): CliCommand {
  command.option('--config <file>', 'TOML file with settings; flags come before it');
  for (const name of SETTING_NAMES) command.addOption(optionOf(name));
  return command;
}

/** What of a file is ignored is one line on stderr. */
async function configurationWith(
  command: CliCommand,
  { config: path }: ConfigFlag,
  { stderr }: Terminal,
): Promise<Configuration> {
  const configuration = await configurationOf(flagSettings(command), path);
  const { note } = configuration;
  if (note !== null) stderr.write(`peerchart: ${printable(note, MAX_NOTE_CHARS)}\n`);
  return configuration;
}
