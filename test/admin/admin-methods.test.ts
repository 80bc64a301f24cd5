import { describe, expect, onTestFinished, test } from 'vitest';
import { adminTable } from '../../src/admin/admin-methods.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { LOOPBACK } from '../support/loopback.ts';
import { enodeOf } from '../support/world.ts';

type Extra = Partial<Parameters<typeof adminTable>[0]>;

async function someNode({ start = true, ...extra }: Extra & { readonly start?: boolean } = {}) {
  const server = new Server({
    nodeKey: generateNodeKey(),
    name: 'some-node/1',
    listen: { host: LOOPBACK, port: 0 },
    noDial: true,
  });
  onTestFinished(() => server.stop());
  if (start) await server.start();
  const { methods } = adminTable({
    ...{ server, datadir: '/data', networkId: 7, endingsOf: () => [] },
    ...{ buckets: () => null, openMs: () => 5, ownLimits: () => ({ of: 'api' }) },
    ...extra,
  });
  const ask = async (name: string, ...params: string[]): Promise<unknown> =>
    methods.get(name)!.run(...params);
  return { server, ask, methods };
}

test('the methods are those of go-ethereum that concern a node, and ours', async () => {
  const { methods } = await someNode();
  expect([...methods].map(([name, { params }]) => [name, ...params])).toEqual([
    ['admin_addPeer', 1, 1],
    ['admin_removePeer', 1, 1],
    ['admin_addTrustedPeer', 1, 1],
    ['admin_removeTrustedPeer', 1, 1],
    ['admin_peers', 0, 0],
    ['admin_nodeInfo', 0, 0],
    ['admin_datadir', 0, 0],
    ['net_peerCount', 0, 0],
    ['net_listening', 0, 0],
    ['net_version', 0, 0],
    ['web3_clientVersion', 0, 0],
    ['debug_discoveryV4Table', 0, 0],
    ['peerchart_connections', 0, 0],
    ['peerchart_why', 0, 1],
    ['peerchart_discovery', 0, 0],
    ['peerchart_facts', 0, 0],
    ['peerchart_limits', 0, 0],
  ]);
});

test('static and trusted nodes are added and removed', async () => {
  const { server, ask } = await someNode();
  const node = enodeOf(1);
  for (const method of ['addPeer', 'addTrustedPeer', 'removeTrustedPeer', 'removePeer'])
    expect(await ask(`admin_${method}`, node)).toBe(true);
  expect(await ask('admin_removePeer', server.self.enode)).toBe(true); // no peer, as in go-ethereum
});

test.for(['addPeer', 'removePeer', 'addTrustedPeer', 'removeTrustedPeer'])(
  'a text that names no node is refused: %s',
  async (method, { expect }) => {
    const { ask } = await someNode();
    await expect(ask(`admin_${method}`, 'http://x')).rejects.toMatchObject({ code: -32_000 });
  },
);

test('a node cannot be its own peer', async () => {
  const { server, ask } = await someNode();
  await expect(ask('admin_addPeer', server.self.enode)).rejects.toMatchObject({
    code: -32_000,
    message: 'this node cannot be its own peer',
  });
});

test('a server that does not run says so', async () => {
  const { ask } = await someNode({ start: false });
  await expect(ask('admin_addPeer', enodeOf(1))).rejects.toMatchObject({ code: 'notRunning' });
  expect(await ask('net_listening')).toBe(false);
  expect(await ask('admin_nodeInfo')).toMatchObject({ enr: '' }); // a text in go-ethereum
});

test('the facts that doctor judges are those of this server', async () => {
  const { server, ask } = await someNode();
  const facts = { observedMs: 5, peers: 0, listening: server.self.address, isDialling: false };
  expect(await ask('peerchart_facts')).toMatchObject(facts);
});

test('facts about the node are those of its server', async () => {
  const { server, ask } = await someNode();
  expect(await ask('admin_nodeInfo')).toEqual(server.nodeInfo());
  expect(await ask('admin_peers')).toEqual([]);
  expect(await ask('admin_datadir')).toBe('/data');
  expect(await ask('net_peerCount')).toBe('0x0');
  expect(await ask('net_listening')).toBe(true);
  expect(await ask('net_version')).toBe('7');
  expect(await ask('web3_clientVersion')).toBe('some-node/1');
  expect(await ask('debug_discoveryV4Table')).toBe(null);
  expect(await ask('peerchart_connections')).toEqual([]);
  expect(await ask('peerchart_discovery')).toEqual({ v4: null, v5: null, dnsTrees: [] });
  expect(await ask('peerchart_limits')).toEqual({
    server: {
      maxPeers: 50,
      maxInbound: 50,
      maxDialed: 0,
      maxPeersPerSubnet: 3,
      maxInboundHandshakes: 50,
      maxDials: 0,
    },
    admin: { of: 'api' },
  });
});

test('what is not configured is not invented', async () => {
  const { ask } = await someNode({ datadir: null, networkId: null });
  expect(await ask('admin_datadir')).toBe('');
  await expect(ask('net_version')).rejects.toMatchObject({ code: -32_000 });
});

describe('why', () => {
  const asked: (string | null)[] = [];
  const endingsOf = (id: string | null) => {
    asked.push(id);
    return [];
  };

  test('is asked of all nodes, or of one by its id or its URL', async () => {
    const { server, ask } = await someNode({ endingsOf });
    const { id, enode } = server.self;
    await ask('peerchart_why');
    await ask('peerchart_why', id.toUpperCase());
    await ask('peerchart_why', enode);
    expect(asked).toEqual([null, id, id]);
    await expect(ask('peerchart_why', 'x')).rejects.toMatchObject({ code: -32_000 });
  });
});
