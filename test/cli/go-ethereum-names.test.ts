import { expect, test } from 'vitest';
import type { FileEntry } from '../../src/cli/config-file.ts';
import { GO_ETHEREUM_NAMES, meaningOf } from '../../src/cli/go-ethereum-names.ts';

function said(
  name: string,
  value: FileEntry['value'],
  others: Record<string, FileEntry['value']> = {},
) {
  const meaning = meaningOf(name);
  if (typeof meaning === 'string') return meaning;
  const all = Object.entries({ [name]: value, ...others }).map(([key, one]) => ({
    ...{ name: key, value: one, line: null },
  }));
  return Object.fromEntries(meaning(value, all));
}

const P2P = 'Node.P2P';

test.for<[string, FileEntry['value'], unknown]>([
  [`${P2P}.MaxPeers`, 7, { 'server.maxPeers': 7 }],
  [`${P2P}.MaxPendingPeers`, 0, {}],
  [`${P2P}.DialRatio`, 0, {}],
  [`${P2P}.DialRatio`, 2, { 'server.dialRatio': 2 }],
  [`${P2P}.ListenAddr`, ':30303', { 'server.listen.host': '::', 'server.listen.port': 30_303 }],
  [`${P2P}.ListenAddr`, '[::1]:0', { 'server.listen.host': '::1', 'server.listen.port': 0 }],
  [`${P2P}.ListenAddr`, '', { 'server.listen.host': 'none' }],
  [`${P2P}.DiscAddr`, ':30301', { 'server.discoveryListen': '[::]:30301' }],
  [`${P2P}.DiscAddr`, '', {}],
  ['Node.DataDir', '', {}],
  ['Node.DataDir', 'x', { datadir: 'x' }],
  ['Eth.NetworkId', 7, { networkId: 7 }],
  ['Node.UserIdent', 'me', { identity: 'me' }],
  ['Node.IPCPath', '', { 'admin.ipc': 'none' }],
  ['Node.IPCPath', 'geth.ipc', { 'admin.ipc': 'geth.ipc' }],
  ['Node.HTTPHost', '', {}],
  ['Node.HTTPHost', '::1', { 'admin.http.host': '::1', 'admin.http.port': 8545 }],
  ['Node.WSHost', '::1', { 'admin.ws.host': '::1', 'admin.ws.port': 8546 }],
  ['Node.HTTPPort', 8545, {}],
  [`${P2P}.NodeDatabase`, 'x', 'ignored'],
  ['Node.HTTPCors', ['*'], 'ignored'],
  ['Ethstats.URL', 'x', 'ignored'],
  [`${P2P}.MaxPeer`, 7, 'unknown'],
  ['Nodes.DataDir', 'x', 'unknown'],
])('%s = %j', ([name, value, expected]) => {
  expect(said(name, value)).toEqual(expected);
});

test('the port of an API counts when its host is given', () => {
  expect(said('Node.HTTPPort', 7, { 'Node.HTTPHost': '::1' })).toEqual({ 'admin.http.port': 7 });
  expect(said('Node.HTTPHost', '::1', { 'Node.HTTPPort': 7 })).toEqual({
    'admin.http.host': '::1',
  });
  expect(said('Node.WSPort', 7, { 'Node.HTTPHost': '::1' })).toEqual({});
});

test.for<[FileEntry['value'], Record<string, boolean>, string]>([
  [false, {}, 'v4'],
  [true, {}, 'none'],
  [true, { [`${P2P}.DiscoveryV4`]: true }, 'none'],
  [false, { [`${P2P}.DiscoveryV5`]: true }, 'v4,v5'],
  [false, { [`${P2P}.DiscoveryV4`]: false, [`${P2P}.DiscoveryV5`]: true }, 'v5'],
  [false, { [`${P2P}.DiscoveryV4`]: false }, 'none'],
])('NoDiscovery = %j with %j finds nodes with %s', ([value, others, ways]) => {
  expect(said(`${P2P}.NoDiscovery`, value, others)).toEqual({ 'server.discovery': ways });
});

test('every field of the P2P table that a file of go-ethereum can have has a meaning', () => {
  // p2p/config.go, without those that are left out of TOML
  const fields = `MaxPeers MaxPendingPeers DialRatio NoDiscovery DiscoveryV4 DiscoveryV5 BootstrapNodes BootstrapNodesV5
    StaticNodes TrustedNodes NetRestrict ListenAddr DiscAddr NAT NoDial EnableMsgEvents`;
  for (const field of fields.split(/\s+/)) expect(GO_ETHEREUM_NAMES).toContain(`${P2P}.${field}`);
});
