/** What `run` runs, from its settings. */
import { basename, join } from 'node:path';
import type { AdminOptions, AdminWebOptions } from '../admin/admin-options.ts';
import type { ServerOptions } from '../api/options.ts';
import { isLoopbackAddress } from '../io/wire/ip-address.ts';
import type { Network } from '../protocols/networks.ts';
import { readDiscovery, readEndpoint } from './arguments.ts';
import { defined } from './defined.ts';
import { CommandError } from './error.ts';
import { networkNamed } from './network-option.ts';
import type { RunOptions } from './run.ts';
import { type EffectiveSettings, offersOf } from './settings.ts';

/** @throws {CommandError} Settings do not go together. */
export function runOptionsOf(settings: EffectiveSettings): RunOptions {
  const { datadir, nodeKeyFile: nodekey, allowReadableKey, echo, identity, publish } = settings;
  const network = networkIn(settings);
  const networkId = settings.networkId ?? network?.chain.networkId;
  return {
    ...{ allowReadableKey, echo, logLevel: settings['log.level'] },
    ...{ server: serverOf(settings, network), admin: adminOf(settings) },
    ...defined({ datadir, nodekey, identity, network, networkId, publish }),
    ...defined({ metricsPort: settings['metrics.port'] }),
    ...defined({ offer: settings.offer && offersOf(settings.offer) }),
    ...defined({ inspector: inspectorOf(settings) }),
  };
}

/** @throws {CommandError} The settings name two networks. */
function networkIn({ network: name, networkId }: EffectiveSettings): Network | undefined {
  if (name === undefined) return undefined;
  const network = networkNamed(name);
  const { chain } = network;
  if (networkId !== undefined && networkId !== chain.networkId)
    throw new CommandError(
      `the network id of ${network.name} is ${chain.networkId}, and --network-id says ${networkId}: omit one`,
    );
  return network;
}

const PREFIX = 'server.';

function serverOf(settings: EffectiveSettings, network: Network | undefined): RunOptions['server'] {
  const same = Object.entries(settings)
    .filter(([name]) => name.startsWith(PREFIX) && !name.startsWith('server.listen.'))
    .map(([name, value]) => [name.slice(PREFIX.length), value]);
  const host = settings['server.listen.host'];
  const { versions, isDns } = readDiscovery(settings['server.discovery']);
  if (isDns && !settings['server.dnsTrees'] && !network)
    throw new CommandError(
      'discovery by DNS needs a node list: name it with --dns-tree (server.dnsTrees), or a network',
    );
  return {
    ...defined({ bootnodes: network?.bootnodes, dnsTrees: isDns ? network?.dnsTrees : undefined }),
    ...(Object.fromEntries(same) as Omit<ServerOptions, 'nodeKey'>),
    listen: host === 'none' ? null : { host, port: settings['server.listen.port'] },
    nat: settings['server.nat'] ?? (isLoopbackAddress(host) ? 'none' : 'any'),
    discovery: versions,
    ...defined({
      discoveryListen: addressIn(settings['server.discoveryListen']),
      discv5Listen: addressIn(settings['server.discv5Listen']),
    }),
  };
}

const addressIn = (text: string | undefined) =>
  text === undefined ? undefined : readEndpoint(text);

/** Any of the three settings opens an inspector. */
function inspectorOf(settings: EffectiveSettings): RunOptions['inspector'] {
  const host = settings['inspect.host'];
  const actions = settings['inspect.actions'];
  const port = settings['inspect.port'];
  if (port === undefined && host === undefined && !actions) return undefined;
  return { port: port ?? 0, actions, ...defined({ host }) };
}

const adminOf = (settings: EffectiveSettings): AdminOptions => ({
  ...ipcOf(settings),
  ...defined({ http: webOf('http', settings), ws: webOf('ws', settings) }),
});

/** A name without a slash is one in the data directory, as in go-ethereum. */
function ipcOf({ 'admin.ipc': path, datadir }: EffectiveSettings): Pick<AdminOptions, 'ipc'> {
  if (path === undefined) return {};
  if (path === 'none') return { ipc: null };
  return { ipc: datadir !== undefined && basename(path) === path ? join(datadir, path) : path };
}

function webOf(kind: 'http' | 'ws', settings: EffectiveSettings): AdminWebOptions | undefined {
  const port = settings[`admin.${kind}.port`];
  const host = settings[`admin.${kind}.host`];
  const apis = settings[`admin.${kind}.apis`];
  if (port !== undefined) return { port, ...defined({ host, apis }) };
  if (host !== undefined || apis)
    throw new CommandError(`the admin API has no port: give it one with --${kind}-port`);
  return undefined;
}
