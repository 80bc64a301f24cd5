/**
 * Every setting of a node that runs: its name in a file and in `NodeOptions`, its flag, and what it does. One table for
 * `run`, `config`, configuration files and docs/cli.md. Longer than 400 lines: it is one table.
 */
import { type Command, Option } from 'commander';
import { ADMIN_HOSTS, DEFAULT_NAMESPACES, NAMESPACES } from '../admin/admin-options.ts';
import { DEFAULTS } from '../api/options.ts';
import { PRIMITIVE_SETS } from '../io/crypto/primitive-sets.ts';
import {
  collectCapability,
  collectNetwork,
  collectNode,
  collectTree,
  readAddress,
  readBoolean,
  readDiscovery,
  readEndpoint,
  readHost,
  readIdentity,
  readInteger,
  readName,
  readNat,
  readNatsUrl,
  readPort,
  readText,
  readWord,
} from './arguments.ts';
import { NETWORK_HELP } from './network-option.ts';
import { DEFAULT_OFFER, offerText } from './offered-protocols.ts';

/** What a file has: a TOML type. */
type Kind = 'text' | 'number' | 'boolean' | 'list';

export type SettingValue = string | number | boolean | readonly string[];

export type Setting<Value extends SettingValue = SettingValue> = {
  readonly kind: Kind;
  /** As commander takes it: `--maxpeers <number>`. */
  readonly flag: string;
  readonly what: string;
  /** Value of the flag without an argument. */
  readonly preset?: Value;
  readonly fallback?: Value;
  /** The default in words, where the node chooses it. */
  readonly otherwise?: string;
  /** Why an empty list is wrong. */
  readonly empty?: string;
  /** Of a list, one item is added to the earlier ones. @throws {InvalidArgumentError} Says what was expected. */
  read(text: string, earlier?: Value): Value;
};

type More<Value extends SettingValue> = Partial<
  Pick<Setting<Value>, 'preset' | 'fallback' | 'otherwise' | 'empty'>
>;

const text = <Rest extends More<string> = object>(
  flag: string,
  what: string,
  check: (text: string) => unknown,
  more?: Rest,
): Setting<string> & Rest =>
  setting(
    'text',
    flag,
    what,
    (given) => {
      check(given);
      return given;
    },
    more,
  );

const number = <Rest extends More<number> = object>(
  flag: string,
  what: string,
  read: (text: string) => number,
  more?: Rest,
): Setting<number> & Rest => setting('number', flag, what, read, more);

const boolean = (flag: string, what: string, fallback = false) =>
  setting('boolean', `${flag} [true|false]`, what, readBoolean, { fallback });

const list = <Rest extends More<readonly string[]> = object>(
  flag: string,
  what: string,
  read: (text: string, earlier?: readonly string[]) => readonly string[],
  more?: Rest,
): Setting<readonly string[]> & Rest => setting('list', flag, what, read, more);

const setting = <Value extends SettingValue, Rest extends More<Value>>(
  kind: Kind,
  flag: string,
  what: string,
  read: Setting<Value>['read'],
  more: Rest = {} as Rest,
): Setting<Value> & Rest => ({ kind, flag, what, read, ...more });

const integer = (min: number, max: number) => (given: string) => readInteger(given, min, max);

const { listen } = DEFAULTS;

/** Fewest bytes of a budget, as the server has it. */
const MIN_BUDGET_BYTES = 32 * 1024 * 1024;

const budget = integer(MIN_BUDGET_BYTES, Number.MAX_SAFE_INTEGER);

const NO_NETWORK = 'Expected at least one network; without the setting every address is accepted.';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const namespaces = (flag: string) =>
  list(
    flag,
    `methods that it offers: ${NAMESPACES.join(', ')}`,
    (given, earlier = []) => [...earlier, readWord(NAMESPACES)(given)],
    { otherwise: DEFAULT_NAMESPACES.join(' ') },
  );

/** In the order of the help. Names have at most one dot for each table of a file. */
export const SETTINGS = {
  datadir: text(
    '--datadir <folder>',
    'folder for the key, the database of known nodes and the admin socket, created so that only you can read it; one node uses it at a time',
    readText,
    { otherwise: 'a new key each time, nodes in memory' },
  ),
  nodeKeyFile: text(
    '--nodekey <file>',
    'key file, also in place of the one of --datadir; created if missing',
    readText,
    { otherwise: 'nodekey in --datadir, or a new key each time' },
  ),
  allowReadableKey: boolean(
    '--allow-readable-key',
    'accept a key file that others can read, or that belongs to another user',
  ),
  identity: text(
    '--identity <text>',
    'a word of yours in our name in Hello, after "peerchart"',
    readIdentity,
  ),
  network: text(
    '--network <name>',
    `network of Ethereum: its bootnodes, DNS node lists and network id, and no dials to nodes of other chains; ${NETWORK_HELP}`,
    readText,
  ),
  networkId: number(
    '--network-id <number>',
    'network id that the admin API names',
    integer(0, Number.MAX_SAFE_INTEGER),
    { otherwise: 'that of --network' },
  ),
  'server.name': text('--name <text>', 'our whole name in Hello', readName, {
    otherwise: 'peerchart, its version and the platform',
  }),
  'server.listen.host': text(
    '--host <address>',
    'address to listen on, or none: do not listen',
    readHost,
    { fallback: listen.host },
  ),
  'server.listen.port': number('--port <number>', 'TCP port; 0 lets the system choose', readPort, {
    fallback: listen.port,
  }),
  'server.externalIp': text(
    '--external-ip <address>',
    'address at which others reach us, for our node record',
    readAddress,
    { otherwise: 'what other nodes see' },
  ),
  'server.nat': text(
    '--nat <mechanism>',
    'how others reach us: none, any, upnp, pmp[:router], stun[:host:port], extip:address',
    readNat,
    { otherwise: 'any, and none on a loopback address' },
  ),
  'server.staticNodes': list(
    '--static <node...>',
    'nodes to keep connected; our own enode among them is left out',
    collectNode,
  ),
  'server.trustedNodes': list(
    '--trusted <node...>',
    'nodes accepted even when --maxpeers is reached',
    collectNode,
  ),
  'server.bootnodes': list(
    '--bootnodes <node...>',
    'where finding nodes begins; dialled after 20 s without peers',
    collectNode,
    { otherwise: 'those of --network' },
  ),
  'server.bootnodesV5': list(
    '--bootnodes-v5 <node...>',
    'where Node Discovery v5 begins',
    collectNode,
    { otherwise: 'those of --bootnodes' },
  ),
  'server.discovery': text(
    '--discovery <ways>',
    'how to find nodes: v4, v5 and dns, with commas between them, or none',
    readDiscovery,
    { fallback: 'v4' },
  ),
  'server.discoveryListen': text(
    '--discovery-listen <host:port>',
    'UDP address of discovery',
    readEndpoint,
    { otherwise: 'that of --host and --port' },
  ),
  'server.discv5Listen': text(
    '--discv5-listen <host:port>',
    'UDP address of Node Discovery v5 alone',
    readEndpoint,
    { otherwise: 'that of v4' },
  ),
  'server.dnsTrees': list(
    '--dns-tree <url...>',
    'DNS node lists to find nodes in, enrtree://<key>@<domain>',
    collectTree,
    { otherwise: 'those of --network, with dns in --discovery' },
  ),
  'server.candidateWaitMs': number(
    '--candidate-wait <ms>',
    'longest turn of one of several sources of nodes',
    integer(0, 60_000),
    { fallback: DEFAULTS.candidateWaitMs },
  ),
  'server.netRestrict': list(
    '--netrestrict <cidr...>',
    'connect, and accept connections, only within these networks',
    collectNetwork,
    { otherwise: 'every network', empty: NO_NETWORK },
  ),
  'server.maxPeers': number('--maxpeers <number>', 'most peers at once', integer(0, 100_000), {
    fallback: DEFAULTS.maxPeers,
  }),
  'server.maxPeersPerSubnet': number(
    '--maxpeers-per-subnet <number>',
    'most peers from one IPv4 /24 or IPv6 /48',
    integer(1, 100_000),
    { fallback: DEFAULTS.maxPeersPerSubnet },
  ),
  'server.maxPendingPeers': number(
    '--maxpendpeers <number>',
    'most inbound handshakes at once, and most dials at once',
    integer(1, 10_000),
    { fallback: DEFAULTS.maxPendingPeers },
  ),
  'server.dialRatio': number(
    '--dial-ratio <number>',
    'one in this many peers may be dialled by us',
    integer(1, 1_000),
    { fallback: DEFAULTS.dialRatio },
  ),
  'server.dialShare': text(
    '--dial-share <rule>',
    'share of dialled peers: ratio, or legacyHalf as in go-ethereum up to 1.7',
    readWord(['ratio', 'legacyHalf']),
    { fallback: DEFAULTS.dialShare },
  ),
  'server.staticExempt': boolean(
    '--static-exempt',
    'dial and admit static nodes beyond --maxpeers, as go-ethereum did up to 1.7',
  ),
  'server.redialBackOff': boolean(
    '--redial-back-off',
    'leave a node alone after its end, for a time that depends on the reason; false: 35 s, as go-ethereum',
    DEFAULTS.redialBackOff,
  ),
  'server.churn': boolean(
    '--churn',
    'disconnect a random peer every 3 to 7 minutes when all places are taken, as go-ethereum',
  ),
  'server.noDial': boolean('--nodial', 'never dial'),
  'server.legacyHandshake': boolean(
    '--legacy-handshake',
    'also accept and send the handshake from before EIP-8',
  ),
  'server.receiveBudgetBytes': number(
    '--receive-budget <bytes>',
    'most received bytes that wait, over all peers',
    budget,
    { fallback: DEFAULTS.receiveBudgetBytes },
  ),
  'server.sendBudgetBytes': number(
    '--send-budget <bytes>',
    'most bytes that wait to be sent, over all peers',
    budget,
    { fallback: DEFAULTS.sendBudgetBytes },
  ),
  'server.messageEvents': boolean(
    '--message-events',
    'report each message to subscribers of the admin API',
  ),
  'server.primitives': text(
    '--primitives <set>',
    'who does the cryptography: default, node or portable',
    readWord(PRIMITIVE_SETS),
    { otherwise: 'PEERCHART_PRIMITIVES of the environment, or default' },
  ),
  offer: list(
    '--offer <capability...>',
    'capabilities in our Hello, besides echo/1 when that is spoken; their messages are read, and none is sent',
    collectOffer,
    { otherwise: offerText(DEFAULT_OFFER) },
  ),
  echo: boolean('--echo', 'speak echo/1 and print its messages'),
  'inspect.port': number(
    '--inspect [port]',
    'open the inspector and print its link; without a port the system chooses one',
    readPort,
    { preset: 0 },
  ),
  'inspect.host': text('--inspect-host <address>', 'address of the inspector', readHost, {
    otherwise: 'this computer only',
  }),
  'inspect.actions': boolean(
    '--inspect-actions',
    'let viewers of the inspector add, remove and disconnect peers',
  ),
  'metrics.port': number(
    '--metrics-port <number>',
    'serve Prometheus metrics and /healthz to this computer',
    readPort,
  ),
  publish: text(
    '--publish <url>',
    'send the events of the node to a stream of this NATS server, nats://<host>:<port>',
    readNatsUrl,
  ),
  'admin.ipc': text(
    '--ipc <path>',
    'socket of the admin API, or none; a name without a slash is one in --datadir',
    readText,
    { otherwise: 'peerchart.ipc in --datadir, or none without one' },
  ),
  'admin.http.port': number(
    '--http-port <number>',
    'offer methods of the admin API over HTTP to this computer',
    readPort,
  ),
  'admin.http.host': text('--http-host <address>', 'where', readWord(ADMIN_HOSTS), {
    otherwise: ADMIN_HOSTS[0],
  }),
  'admin.http.apis': namespaces('--http-api <namespace...>'),
  'admin.ws.port': number(
    '--ws-port <number>',
    'the same over WebSocket; with the port of HTTP both share it',
    readPort,
  ),
  'admin.ws.host': text('--ws-host <address>', 'where', readWord(ADMIN_HOSTS), {
    otherwise: ADMIN_HOSTS[0],
  }),
  'admin.ws.apis': namespaces('--ws-api <namespace...>'),
  'log.level': text(
    '--log-level <level>',
    `log lines below this level are left out; the log goes to stderr: ${LOG_LEVELS.join(', ')}`,
    readWord(LOG_LEVELS),
    { fallback: 'warn' },
  ),
} satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;

type ValueOf<Name extends SettingName> =
  (typeof SETTINGS)[Name] extends Setting<infer Value> ? Value : never;

/** Those that were given. */
export type Settings = { readonly [Name in SettingName]?: ValueOf<Name> };

type WithFallback = {
  [Name in SettingName]: (typeof SETTINGS)[Name] extends { fallback: SettingValue } ? Name : never;
}[SettingName];

/** With the defaults. */
export type EffectiveSettings = Settings & { readonly [Name in WithFallback]: ValueOf<Name> };

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

export const settingNamed = (name: SettingName): Setting => SETTINGS[name];

/** The option of commander for a setting. It has no default there: a file may give the value. */
export function optionOf(name: SettingName): Option {
  const { flag, what, fallback, otherwise, read } = settingNamed(name);
  const shown = fallback ?? otherwise ?? false;
  const text = shown === false ? what : `${what} (default: ${shown})`;
  return new Option(flag, text).argParser(read);
}

/** What the flags of a command that has `optionOf` each setting give. */
export function flagSettings(command: Command): Settings {
  const given = SETTING_NAMES.flatMap((name) => {
    const value = command.getOptionValue(optionOf(name).attributeName());
    if (value === undefined) return [];
    return [[name, value === true ? (settingNamed(name).preset ?? true) : value]];
  });
  return Object.fromEntries(given);
}

/** Capabilities as texts, each once. */
function collectOffer(given: string, earlier: readonly string[] = []): readonly string[] {
  const texts = [...earlier, given];
  offersOf(texts);
  return texts;
}

export const offersOf = (texts: readonly string[]) =>
  texts.reduce<ReturnType<typeof collectCapability>>(
    (offers, one) => collectCapability(one, offers),
    [],
  );
