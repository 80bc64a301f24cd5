/** The command line as commander knows it: words and options to functions, errors to one line and an exit code. */
import { Command, CommanderError, Option } from 'commander';
import type { Ports } from '../api/options.ts';
import { DEFAULTS } from '../api/options.ts';
import { VERSION } from '../api/version.ts';
import type { Enode } from '../io/crypto/enode.ts';
import {
  collectCapability,
  collectEnode,
  readEnode,
  readHost,
  readMaxPeers,
  readName,
  readPort,
  readSeed,
  readSpeed,
  readTimeout,
} from './arguments.ts';
import type { DemoOptions } from './demo.ts';
import { demo } from './demo.ts';
import { isForUser } from './error.ts';
import type { InspectFileOptions } from './inspect.ts';
import { inspectFile } from './inspect.ts';
import type { KeyNewOptions, KeyShowOptions } from './key.ts';
import { keyNew, keyShow } from './key.ts';
import type { PingOptions } from './ping.ts';
import { ping } from './ping.ts';
import type { ReplayOptions } from './replay.ts';
import { replay } from './replay.ts';
import type { RunOptions } from './run.ts';
import { run } from './run.ts';
import type { Terminal } from './terminal.ts';
import type { WhyOptions } from './why.ts';
import { why } from './why.ts';

/** Longest wait of `ping` and `why`, in seconds, unless told otherwise: more than a handshake, less than patience. Ours. */
const PING_TIMEOUT_S = 20;

/** A run that begins well. */
const DEMO_SEED = 1;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** @returns the exit code. What it throws is a mistake of ours. */
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
    if (error instanceof CommanderError) return error.exitCode; // it has said why
    if (!isForUser(error)) throw error;
    terminal.stderr.write(`peerchart: ${error.message}\n`);
    return 1;
  }
}

function createProgram(
  terminal: Terminal,
  ports: Partial<Ports>,
  exit: (code: number) => void,
): Command {
  const program = new Command('peerchart')
    .description('A devp2p server whose every lifecycle is a statechart.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    });
  addRun(program, async (options) => exit(await run(options, terminal, ports)));
  program
    .command('ping')
    .description('Connect to a node and print its Hello, or where and why it ended.')
    .argument('<enode>', 'enode://<key>@<host>:<port>', readEnode)
    .option('--timeout <seconds>', 'longest wait', readTimeout, PING_TIMEOUT_S)
    .option('--json', 'print one JSON object')
    .action(async (enode: Enode, options: PingOptions) =>
      exit(await ping(enode, options, terminal, ports)),
    );
  program
    .command('why')
    .description('Say whether a node would be our peer, and if not, why and what to do.')
    .argument('<enode>', 'enode://<key>@<host>:<port>', readEnode)
    .option('--offer <capability...>', 'what our Hello offers (default: eth)', collectCapability)
    .option('--nodekey <file>', 'who we are (default: a new key)')
    .addOption(allowReadableKey())
    .option('--timeout <seconds>', 'longest wait to be a peer', readTimeout, PING_TIMEOUT_S)
    .option('--stay <seconds>', 'how long they have to keep us (default: 3)', readTimeout)
    .option('--json', 'print one JSON object')
    .action(async (enode: Enode, options: WhyOptions) =>
      exit(await why(enode, options, terminal, ports)),
    );
  program
    .command('demo')
    .description('Show a simulated network, in which everything happens that can, until Ctrl-C.')
    .option('--port <number>', 'where to show it; 0 lets the system choose', readPort, 0)
    .option('--seed <number>', 'the same seed is the same run', readSeed, DEMO_SEED)
    .option('--speed <number>', 'seconds that pass there in one of ours', readSpeed, 1)
    .option('--json', 'print one JSON object per line')
    .action(async (options: DemoOptions) => exit(await demo(options, terminal, ports.clock)));
  addRecordings(program, terminal, exit);
  addKey(program, terminal, exit);
  return program;
}

function addRecordings(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  program
    .command('replay')
    .description('Live through a recording again; 0 if all went the same way, 1 if not.')
    .argument('<file>', 'made by run --record')
    .option('--json', 'print one JSON object')
    .action(async (file: string, options: ReplayOptions) =>
      exit(await replay(file, options, terminal)),
    );
  program
    .command('inspect')
    .description('Show a recording in a browser, until Ctrl-C.')
    .argument('<file>', 'made by run --record')
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
    .description('Listen, connect, and tell what happens until Ctrl-C.')
    .option('--host <address>', 'address to listen on', readHost, listen.host)
    .option('--port <number>', 'TCP port; 0 lets the system choose', readPort, listen.port)
    .option('--nodekey <file>', 'key file, made if it is not there (default: a new key each time)')
    .addOption(allowReadableKey())
    .option('--static <enode...>', 'nodes to keep connected', collectEnode)
    .option('--trusted <enode...>', 'nodes let in even when full', collectEnode)
    .option('--maxpeers <number>', 'peers at once', readMaxPeers, maxPeers)
    .option('--nodial', 'never dial')
    .option('--name <text>', 'our name in Hello', readName, name)
    .option('--legacy-handshake', 'speak the handshake from before EIP-8 as well')
    .option('--echo', 'speak echo/1 and show its messages')
    .option('--say <text>', 'say this to every peer (implies --echo)')
    .option('--inspect [port]', 'show it live in a browser; the system chooses a port', readPort)
    .option('--inspect-host <address>', 'address for that (default: this machine only)', readHost)
    .option('--inspect-actions', 'let viewers add, remove and disconnect peers')
    .option('--json', 'print one JSON object per line')
    .option('--record <file>', 'record every chart into a new file')
    .option('--record-mask', 'without addresses and ids')
    .addOption(
      new Option('--log-level <level>', 'least level logged to stderr')
        .choices(LOG_LEVELS)
        .default('warn'),
    )
    .action((words: RunWords) => act(runOptions(words)));
}

function runOptions(words: RunWords): RunOptions {
  const { host, port, name, maxpeers: maxPeers, nodial: noDial = false } = words;
  const inspector = inspectorOptions(words);
  const { static: staticNodes = [], trusted: trustedNodes = [], legacyHandshake = false } = words;
  return {
    ...words,
    ...(inspector && { inspector }),
    server: {
      listen: { host, port },
      name,
      maxPeers,
      noDial,
      legacyHandshake,
      staticNodes,
      trustedNodes,
    },
  };
}

/** Each of the three asks for an inspector. */
function inspectorOptions(words: RunWords): RunOptions['inspector'] {
  const { inspect, inspectHost: host, inspectActions: actions = false } = words;
  if (inspect === undefined && host === undefined && !actions) return undefined;
  const port = typeof inspect === 'number' ? inspect : 0;
  return { port, actions, ...(host !== undefined && { host }) };
}

/** The options of `run` under the names people type. */
type RunWords = Omit<RunOptions, 'server' | 'inspector'> & {
  readonly host: string;
  readonly port: number;
  readonly static?: readonly string[];
  readonly trusted?: readonly string[];
  readonly maxpeers: number;
  readonly nodial?: boolean;
  readonly name: string;
  readonly legacyHandshake?: boolean;
  /** True without a port. */
  readonly inspect?: number | true;
  readonly inspectHost?: string;
  readonly inspectActions?: boolean;
};

function addKey(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  const key = program.command('key').description('Make and look at node keys.');
  key
    .command('new')
    .description('Make a key and write it to a file that only you can read.')
    .argument('[file]', 'where to; nothing is overwritten')
    .option('--stdout', 'print the secret instead')
    .action(async (file: string | undefined, options: KeyNewOptions) =>
      exit(await keyNew(file, options, terminal)),
    );
  key
    .command('show')
    .description('Print the node id and the enode URL of a key. Never the secret.')
    .argument('<file>', 'key file')
    .option('--host <address>', 'host in the URL', readHost, '127.0.0.1')
    .option('--port <number>', 'port in the URL', readPort, DEFAULTS.listen.port)
    .addOption(allowReadableKey())
    .action(async (file: string, options: KeyShowOptions) =>
      exit(await keyShow(file, options, terminal)),
    );
}

const allowReadableKey = (): Option =>
  new Option('--allow-readable-key', 'take a key file that others can read');
