/** The commands and options of `peerchart`, on commander. User errors become one line and an exit code. */
import { Command, CommanderError, Option } from 'commander';
import type { Ports } from '../api/options.ts';
import { DEFAULTS } from '../api/options.ts';
import { VERSION } from '../api/version.ts';
import type { Node } from '../io/crypto/node.ts';
import { defaultSet, primitivesOf, primitivesText } from '../io/crypto/primitive-sets.ts';
import { isLoopbackAddress } from '../io/wire/ip-address.ts';
import { printable, printableLines } from '../io/wire/printable.ts';
import {
  collectCapability,
  collectNetwork,
  collectNode,
  collectTree,
  type DiscoveryWays,
  readAddress,
  readDialable,
  readDiscovery,
  readHost,
  readMaxPeers,
  readName,
  readNat,
  readPort,
  readSeed,
  readSequence,
  readSpeed,
  readTimeout,
} from './arguments.ts';
import type { DemoOptions } from './demo.ts';
import { demo } from './demo.ts';
import { addDiscv4 } from './discv4-commands.ts';
import { addDiscv5 } from './discv5-commands.ts';
import { addDns } from './dns-commands.ts';
import {
  type EnrDecodeOptions,
  type EnrNewOptions,
  type EnrShowOptions,
  enrDecode,
  enrNew,
  enrShow,
} from './enr.ts';
import { argumentErrorLine, CommandError, errorLine, isUserError } from './error.ts';
import type { InspectFileOptions } from './inspect.ts';
import { inspectFile } from './inspect.ts';
import type { KeyNewOptions, KeyShowOptions } from './key.ts';
import { keyNew, keyShow } from './key.ts';
import { DEFAULT_OFFER, offerText } from './offered-protocols.ts';
import type { PingOptions } from './ping.ts';
import { ping } from './ping.ts';
import type { ReplayOptions } from './replay.ts';
import { replay } from './replay.ts';
import type { RunOptions } from './run.ts';
import { run } from './run.ts';
import type { Terminal } from './terminal.ts';
import type { WhyOptions } from './why.ts';
import { why } from './why.ts';

/** Default wait of `ping` and `why`, in seconds: more than a handshake takes. Ours. */
const PING_TIMEOUT_S = 20;

/** Longest error that is shown, in UTF-16 units. Ours. */
const MAX_ERROR_CHARS = 4_096;

/** The default seed of the demo. */
const DEMO_SEED = 1;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** @returns The exit code. Only internal errors are thrown. */
export async function runProgram(
  args: readonly string[],
  terminal: Terminal,
  ports: Partial<Ports> = {},
): Promise<number> {
  let exitCode = 0;
  const program = createProgram(terminal, ports, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode; // commander has printed the reason
    if (!isUserError(error)) throw error;
    terminal.stderr.write(`${printable(errorLine(error), MAX_ERROR_CHARS)}\n`);
    return 1;
  }
}

function versionLines(): readonly string[] {
  const { inUse } = primitivesOf(defaultSet());
  return [VERSION, `cryptography: ${primitivesText(inUse)}`, ...inUse.missing];
}

function createProgram(
  terminal: Terminal,
  ports: Partial<Ports>,
  exit: (code: number) => void,
): Command {
  const program = new Command('peerchart')
    .description('A devp2p server in which every lifecycle is a statechart.')
    .option('-V, --version', 'print the version, and what does the cryptography')
    .on('option:version', () => {
      terminal.stdout.write(
        `${versionLines()
          .map((line) => printable(line))
          .join('\n')}\n`,
      );
      throw new CommanderError(0, 'commander.version', VERSION);
    })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(printableLines(text)),
      writeErr: (text) => void terminal.stderr.write(printableLines(text)),
      outputError: (text, write) => write(argumentErrorLine(text)),
    });
  addRun(program, async (options) => exit(await run(options, terminal, ports)));
  program
    .command('ping')
    .description('Connect to a node and print its Hello, or where and why the connection ended.')
    .argument('<node>', 'enode://<key>@<host>:<port>, or enr:…', readDialable)
    .option('--timeout <seconds>', 'longest wait', readTimeout, PING_TIMEOUT_S)
    .option('--json', 'print one JSON object')
    .action(async (node: Node, options: PingOptions) =>
      exit(await ping(node, options, terminal, ports)),
    );
  program
    .command('why')
    .description('Check whether a node would be our peer, and if not, why and what to do.')
    .argument('<node>', 'enode://<key>@<host>:<port>, or enr:…', readDialable)
    .addOption(offerOption('capabilities in our Hello'))
    .option('--nodekey <file>', 'our key file (default: a new key)')
    .addOption(allowReadableKey())
    .option('--timeout <seconds>', 'longest wait until we are a peer', readTimeout, PING_TIMEOUT_S)
    .option('--stay <seconds>', 'seconds we must stay connected (default: 3)', readTimeout)
    .option('--json', 'print one JSON object')
    .action(async (node: Node, options: WhyOptions) =>
      exit(await why(node, options, terminal, ports)),
    );
  program
    .command('demo')
    .description('Show a simulated network with every kind of failure in a browser, until Ctrl-C.')
    .option('--port <number>', 'TCP port of the page; 0 lets the system choose', readPort, 0)
    .option('--seed <number>', 'the same seed repeats the same run', readSeed, DEMO_SEED)
    .option('--speed <number>', 'simulated seconds per real second', readSpeed, 1)
    .option('--json', 'print one JSON object per line')
    .action(async (options: DemoOptions) => exit(await demo(options, terminal, ports.clock)));
  addRecordings(program, terminal, exit);
  addKey(program, terminal, exit);
  addEnr(program, terminal, exit);
  addDiscv4(program, terminal, ports, exit);
  addDiscv5(program, terminal, ports, exit);
  addDns(program, terminal, ports, exit);
  return program;
}

function addRecordings(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  program
    .command('replay')
    .description(
      'Replay a recording; exits with 0 if everything is identical, 1 if not, 2 if unreadable.',
    )
    .argument('<file>', 'a file made by run --record')
    .option('--json', 'print one JSON object')
    .action(async (file: string, options: ReplayOptions) =>
      exit(await replay(file, options, terminal)),
    );
  program
    .command('inspect')
    .description('Show a recording in a browser, until Ctrl-C.')
    .argument('<file>', 'a file made by run --record')
    .option('--port <number>', 'TCP port; 0 lets the system choose', readPort, 0)
    .option('--json', 'print links as JSON')
    .action(async (file: string, options: InspectFileOptions) =>
      exit(await inspectFile(file, options, terminal)),
    );
}

function addRun(program: Command, act: (options: RunOptions) => Promise<void>): void {
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
    .option('--metrics-port <number>', 'serve Prometheus metrics to this computer', readPort)
    .option('--json', 'print one JSON object per line')
    .option('--record <file>', 'record every chart into a new file')
    .option('--record-mask', 'replace addresses, host names and ids in the recording')
    .addOption(
      new Option('--log-level <level>', 'minimum log level on stderr')
        .choices(LOG_LEVELS)
        .default('warn'),
    )
    .action((flags: RunFlags) => act(runOptions(flags)));
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

function addKey(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const key = program.command('key').description('Create and show node keys.');
  key
    .command('new')
    .description('Create a key in a new file that only you can read.')
    .argument('[file]', 'new file; an existing one is not overwritten')
    .option('--stdout', 'print the secret instead of writing a file')
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
    .action(async (file: string, options: KeyShowOptions) =>
      exit(await keyShow(file, options, terminal)),
    );
}

function addEnr(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const enr = program.command('enr').description('Read and sign node records.');
  enr
    .command('decode')
    .description('Check a node record and print what it contains.')
    .argument('<record>', 'enr:…')
    .option('--json', 'print one JSON object')
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
    .action(async (file: string, options: EnrNewOptions) =>
      exit(await enrNew(file, options, terminal)),
    );
}

/** The offered protocols are not spoken: their messages are read, and none is sent. */
const offerOption = (what: string): Option =>
  new Option('--offer <capability...>', `${what} (default: ${offerText(DEFAULT_OFFER)})`).argParser(
    collectCapability,
  );

const allowReadableKey = (): Option =>
  new Option('--allow-readable-key', 'accept a key file readable by others');
