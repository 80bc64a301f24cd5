/** go-ethereum's names in a configuration file, as the settings that say the same. Source: go-ethereum node/config.go, p2p/config.go. */
import { readEndpoint } from './arguments.ts';
import type { FileEntry } from './config-file.ts';
import type { SettingName } from './settings.ts';
import { booleanIn, textIn } from './toml-value.ts';

type Value = FileEntry['value'];

/** What an entry says. @throws {InvalidArgumentError} The value is of another type. */
type Meaning = (
  value: Value,
  all: readonly FileEntry[],
) => readonly (readonly [SettingName, Value])[];

/** `unset`: the value that leaves the default in go-ethereum. */
const as =
  (setting: SettingName, unset?: Value): Meaning =>
  (value) =>
    value === unset ? [] : [[setting, value]];

const P2P = 'Node.P2P';

const MEANINGS: Readonly<Record<string, Meaning>> = {
  'Eth.NetworkId': as('networkId'),
  'Node.DataDir': as('datadir', ''),
  'Node.UserIdent': as('identity', ''),
  'Node.IPCPath': (value) => [['admin.ipc', value === '' ? 'none' : value]],
  'Node.HTTPHost': hostOf('HTTP', 'admin.http', 8545),
  'Node.HTTPPort': portOf('HTTP', 'admin.http'),
  'Node.WSHost': hostOf('WS', 'admin.ws', 8546),
  'Node.WSPort': portOf('WS', 'admin.ws'),
  [`${P2P}.MaxPeers`]: as('server.maxPeers'),
  [`${P2P}.MaxPendingPeers`]: as('server.maxPendingPeers', 0),
  [`${P2P}.DialRatio`]: as('server.dialRatio', 0),
  [`${P2P}.NoDial`]: as('server.noDial'),
  [`${P2P}.BootstrapNodes`]: as('server.bootnodes'),
  [`${P2P}.BootstrapNodesV5`]: as('server.bootnodesV5'),
  [`${P2P}.StaticNodes`]: as('server.staticNodes'),
  [`${P2P}.TrustedNodes`]: as('server.trustedNodes'),
  [`${P2P}.NetRestrict`]: as('server.netRestrict'),
  [`${P2P}.NAT`]: as('server.nat', ''),
  [`${P2P}.EnableMsgEvents`]: as('server.messageEvents'),
  [`${P2P}.ListenAddr`]: listenOf,
  [`${P2P}.DiscAddr`]: (value) => {
    const address = textIn(value);
    return address === '' ? [] : [['server.discoveryListen', withHost(address)]];
  },
  [`${P2P}.NoDiscovery`]: discoveryOf,
  [`${P2P}.DiscoveryV4`]: discoveryOf,
  [`${P2P}.DiscoveryV5`]: discoveryOf,
};

/** Of the P2P table, what `--datadir` replaces. Every other name there must be known. */
const IGNORED_P2P = `${P2P}.NodeDatabase`;

/** Tables of go-ethereum. What is not named above is of no use to a devp2p server. */
const TABLES = /^(?:Eth|Node|Ethstats|Metrics)(?:\.|$)/;

/** What an entry with a name of go-ethereum says; `ignored` when that is nothing for us, `unknown` when it is no such name. */
export function meaningOf(name: string): Meaning | 'ignored' | 'unknown' {
  const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
  if (meaning !== undefined) return meaning;
  if (name === IGNORED_P2P || name === P2P) return 'ignored';
  return TABLES.test(name) && !name.startsWith(`${P2P}.`) ? 'ignored' : 'unknown';
}

export const GO_ETHEREUM_NAMES: readonly string[] = Object.keys(MEANINGS);

/** `host:port`; without a host, every address; an empty text does not listen. */
function listenOf(value: Value): ReturnType<Meaning> {
  const address = textIn(value);
  if (address === '') return [['server.listen.host', 'none']];
  const { host, port } = readEndpoint(withHost(address));
  return [
    ['server.listen.host', host],
    ['server.listen.port', port],
  ];
}

/** Without a host it is every address. */
const withHost = (address: string): string => address.replace(/^:/, '[::]:');

/** Without a host there is no such API; go-ethereum has a default for the port. */
function hostOf(kind: 'HTTP' | 'WS', table: 'admin.http' | 'admin.ws', port: number): Meaning {
  return (value, all) => {
    if (value === '') return [];
    const hasPort = all.some(({ name }) => name === `Node.${kind}Port`);
    return [[`${table}.host`, value], ...(hasPort ? [] : [[`${table}.port`, port] as const])];
  };
}

function portOf(kind: 'HTTP' | 'WS', table: 'admin.http' | 'admin.ws'): Meaning {
  return (value, all) => {
    const host = all.find(({ name }) => name === `Node.${kind}Host`)?.value ?? '';
    return host === '' ? [] : [[`${table}.port`, value]];
  };
}

/** Three entries say one thing. What the file leaves out is as by default here: v4. */
function discoveryOf(value: Value, all: readonly FileEntry[]): ReturnType<Meaning> {
  booleanIn(value);
  const given = (key: string): Value | undefined =>
    all.find(({ name }) => name === `${P2P}.${key}`)?.value;
  const versions = given('DiscoveryV4') === false ? [] : ['v4'];
  if (given('DiscoveryV5') === true) versions.push('v5');
  const none = given('NoDiscovery') === true || versions.length === 0;
  return [['server.discovery', none ? 'none' : versions.join(',')]];
}
