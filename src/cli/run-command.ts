/** `peerchart run` with its options. */
import { Option } from 'commander';
import { DEFAULTS } from '../api/options.ts';
import { isLoopbackAddress } from '../io/wire/ip-address.ts';
import {
  collectNetwork,
  collectNode,
  collectTree,
  type DiscoveryWays,
  readAddress,
  readDiscovery,
  readHost,
  readMaxPeers,
  readName,
  readNat,
  readPort,
} from './arguments.ts';
import {
  allowReadableKey,
  type CliCommand,
  type CommandContext,
  offerOption,
} from './cli-command.ts';
import { CommandError } from './error.ts';
import { type RunOptions, run } from './run.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

export function addRun(program: CliCommand, { terminal, ports, exit }: CommandContext): void {
  const { listen, maxPeers, name } = DEFAULTS;
  program
    .command('run')
    .description('Run a node and print its events, until Ctrl-C.')
    .option('--host <address>', 'address to listen on', readHost, listen.host)
    .option('--port <number>', 'TCP port; 0 lets the system choose', readPort, listen.port)
    .option('--datadir <folder>', 'folder for key and node database, created if missing')
    .option('--nodekey <file>', 'key file, created if missing (default: a new key each time)')
    .addOption(allowReadableKey())
    .option('--external-ip <address>', 'address at which others reach us', readAddress)
    .option(
      '--nat <mechanism>',
      'how others reach us: none, any, upnp, pmp[:router], stun[:host:port], extip:address (default: any, and none on a loopback address)',
      readNat,
    )
    .option('--static <node...>', 'nodes to keep connected', collectNode)
    .option('--trusted <node...>', 'nodes accepted even when full', collectNode)
    .option(
      '--bootnodes <node...>',
      'where finding nodes begins; dialled after 20 s without peers',
      collectNode,
    )
    .addOption(
      new Option(
        '--discovery <ways>',
        'how to find nodes: v4, v5 and dns, with commas between them, or none',
      )
        .argParser(readDiscovery)
        .default(readDiscovery('v4'), 'v4'),
    )
    .option('--dns-tree <url...>', 'DNS node lists to find nodes in', collectTree)
    .option('--netrestrict <cidr...>', 'connect only within these networks', collectNetwork)
    .option('--maxpeers <number>', 'most peers at once', readMaxPeers, maxPeers)
    .option('--nodial', 'never dial')
    .option('--name <text>', 'our name in Hello', readName, name)
    .option('--legacy-handshake', 'also accept and send the handshake from before EIP-8')
    .addOption(offerOption('capabilities in our Hello, besides echo/1 when that is spoken'))
    .option('--echo', 'speak echo/1 and print its messages')
    .option('--say <text>', 'send this text to every peer (implies --echo)')
    .option(
      '--inspect [port]',
      'open the inspector and print its link (default: a free port)',
      readPort,
    )
    .option(
      '--inspect-host <address>',
      'address of the inspector (default: this computer only)',
      readHost,
    )
    .option('--inspect-actions', 'let viewers of the inspector add, remove and disconnect peers')
    .option(
      '--metrics-port <number>',
      'serve Prometheus metrics and /healthz to this computer',
      readPort,
    )
    .option('--json', 'print one JSON object per line')
    .option('--record <file>', 'record every chart into a new file')
    .option('--record-mask', 'replace addresses, host names and ids in the recording')
    .addOption(
      new Option('--log-level <level>', 'minimum log level on stderr')
        .choices(LOG_LEVELS)
        .default('warn'),
    )
    .example(
      'run --port 30303 --datadir mynode --echo',
      'run --port 30304 --say hello --static enode://…@127.0.0.1:30303',
    )
    .action(async (flags: RunFlags) => exit(await run(runOptions(flags), terminal, ports)));
}

function runOptions(flags: RunFlags): RunOptions {
  const { host, port, name, maxpeers: maxPeers, nodial: noDial = false } = flags;
  const inspector = inspectorOptions(flags);
  const { static: staticNodes = [], trusted: trustedNodes = [], legacyHandshake = false } = flags;
  const { bootnodes = [], discovery, dnsTree: dnsTrees } = flags;
  if (discovery.isDns && !dnsTrees)
    throw new CommandError('discovery by DNS needs a node list: name it with --dns-tree');
  const { netrestrict: netRestrict, externalIp } = flags;
  const { nat = isLoopbackAddress(host) ? 'none' : 'any' } = flags;
  return {
    ...flags,
    ...(inspector && { inspector }),
    server: {
      listen: { host, port },
      name,
      maxPeers,
      noDial,
      legacyHandshake,
      staticNodes,
      trustedNodes,
      bootnodes,
      discovery: discovery.versions,
      ...(dnsTrees && { dnsTrees }),
      nat,
      ...(netRestrict && { netRestrict }),
      ...(externalIp !== undefined && { externalIp }),
    },
  };
}

/** Any of the three options opens an inspector. */
function inspectorOptions(flags: RunFlags): RunOptions['inspector'] {
  const { inspect, inspectHost: host, inspectActions: actions = false } = flags;
  if (inspect === undefined && host === undefined && !actions) return undefined;
  const port = typeof inspect === 'number' ? inspect : 0;
  return { port, actions, ...(host !== undefined && { host }) };
}

/** The options of `run` as commander names them. */
type RunFlags = Omit<RunOptions, 'server' | 'inspector'> & {
  readonly host: string;
  readonly port: number;
  readonly static?: readonly string[];
  readonly trusted?: readonly string[];
  readonly bootnodes?: readonly string[];
  readonly discovery: DiscoveryWays;
  readonly dnsTree?: readonly string[];
  readonly netrestrict?: readonly string[];
  readonly externalIp?: string;
  readonly nat?: string;
  readonly maxpeers: number;
  readonly nodial?: boolean;
  readonly name: string;
  readonly legacyHandshake?: boolean;
  /** `true` when no port was given. */
  readonly inspect?: number | true;
  readonly inspectHost?: string;
  readonly inspectActions?: boolean;
};
