/**
 * The admin API as go-ethereum's own client and types see it: every result is read into its Go type, in which no field
 * may be unknown, and written again without loss.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Admin, openAdminApi } from '../../src/admin/admin-api.ts';
import { RpcClient } from '../../src/admin/rpc-client.ts';
import { systemClock } from '../../src/io/process/clock.ts';
import { type OurServer, startServer } from './our-server.ts';
import { type AdminCommand, type PeerProcess, startPeer } from './peer-process.ts';

const APIS = ['admin', 'debug', 'net', 'peerchart', 'web3'];

let folder: string;
let client: PeerProcess;
let geth: PeerProcess;
let bootnode: PeerProcess;
let ours: OurServer;
let admin: Admin;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peerchart-'));
  [client, geth, bootnode] = await Promise.all([
    startPeer('geth', ['-mode', 'admin']),
    startPeer('geth'),
    startPeer('geth', ['-mode', 'discv4']),
  ]);
  ours = await startServer({
    name: 'our-node/1',
    discovery: 'v4',
    bootnodes: [bootnode.started.record!],
    netRestrict: ['127.0.0.0/8'],
    noDial: false,
    messageEvents: true,
  });
  const options = { ws: { port: 0, apis: APIS } };
  admin = await openAdminApi({ server: ours.server, datadir: folder, networkId: 5 }, options);
});

afterAll(async () => {
  await Promise.all([client, geth, bootnode, ours].map((one) => one[Symbol.asyncDispose]()));
  await rm(folder, { recursive: true });
});

type Call = AdminCommand & { readonly cmd: 'call' };

/** The result; it is the same after go-ethereum has read it. */
async function callAt(
  url: string,
  method: string,
  as: Call['as'],
  params: readonly string[] = [],
): Promise<unknown> {
  client.send({ cmd: 'call', url, method, params, as });
  const { raw, again, error, code } = await client.next('called');
  if (error !== undefined) return { error, code };
  expect(again).toEqual(raw);
  return raw;
}

describe.for<[string, () => string]>([
  ['the Unix socket', () => admin.ipc!],
  ['WebSocket', () => admin.ws!],
])('over %s', ([, place]) => {
  const call = (method: string, as: Call['as'], ...params: readonly string[]): Promise<unknown> =>
    callAt(place(), method, as, params);

  test('the console of go-ethereum finds the namespaces', async () => {
    client.send({ cmd: 'modules', url: place() });
    const names = [...APIS, 'rpc'].sort();
    expect((await client.next('called')).raw).toEqual(
      Object.fromEntries(names.map((name) => [name, '1.0'])),
    );
  });

  test('the node is described', async () => {
    const { server } = ours;
    expect(await call('admin_nodeInfo', 'nodeInfo')).toEqual(server.nodeInfo());
    expect(await call('admin_datadir', 'text')).toBe(folder);
    expect(await call('net_version', 'text')).toBe('5');
    expect(await call('net_listening', 'bool')).toBe(true);
    expect(await call('net_peerCount', 'text')).toBe('0x0');
    expect(await call('web3_clientVersion', 'text')).toBe('our-node/1');
  });

  test('peers are added, listed and removed, and the subscription says so', async () => {
    const enode = geth.started.enode!;
    client.send({ cmd: 'subscribe', url: place(), count: 4 });
    await client.next('called');
    expect(await call('admin_addPeer', 'bool', enode)).toBe(true);
    const who = {
      peer: geth.started.id,
      local: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      remote: enode.split('@')[1],
    };
    const add = await client.next('peerEvent');
    expect([add.raw, add.again]).toEqual([{ type: 'add', ...who }, add.raw]);
    await geth.next('add');
    expect(await call('admin_addTrustedPeer', 'bool', enode)).toBe(true);
    expect(await call('admin_peers', 'peers')).toMatchObject([
      {
        enode,
        id: geth.started.id,
        name: 'geth-peer',
        caps: ['echo/1'],
        network: { inbound: false, trusted: true, static: true },
        protocols: { echo: 'unknown' },
      },
    ]);
    expect(await call('admin_removeTrustedPeer', 'bool', enode)).toBe(true);
    expect(await call('net_peerCount', 'text')).toBe('0x1');
    expect(await call('peerchart_connections', 'any')).toMatchObject([
      { chart: 'peer', nodeId: geth.started.id },
    ]);

    geth.send({ cmd: 'send', count: 1, maxSize: 100, seed: 1 });
    for (const type of ['msgrecv', 'msgsend']) {
      const { raw, again } = await client.next('peerEvent');
      expect(raw).toMatchObject({ type, ...who, protocol: 'echo', msg_code: expect.any(Number) });
      expect(again).toEqual(raw);
    }
    expect(await call('admin_removePeer', 'bool', enode)).toBe(true);
    const drop = await client.next('peerEvent');
    const error = 'Asked for by the user of this server.';
    expect([drop.raw, drop.again]).toEqual([{ type: 'drop', ...who, error }, drop.raw]);
    await client.next('unsubscribed');
    await geth.next('drop');
    expect(await call('admin_peers', 'peers')).toEqual([]);
    expect(await call('peerchart_why', 'any', enode)).toContainEqual(
      expect.objectContaining({ id: geth.started.id, state: 'ending.rejected.requested' }),
    );
  });

  test('the table of discovery has the nodes that answered', async () => {
    await expect.poll(() => ours.server.discovery!.nodes().length, { timeout: 10_000 }).toBe(1);
    client.send({ cmd: 'call', url: place(), method: 'debug_discoveryV4Table', as: 'buckets' });
    const { raw, again } = await client.next('called');
    const nodesIn = (buckets: unknown) =>
      (buckets as { node: string; addedToTable: string }[][])
        .flat()
        .map(({ addedToTable, ...node }) => ({
          ...node,
          addedToBucket: '',
          at: Date.parse(addedToTable),
        }));
    expect(nodesIn(again)).toEqual(nodesIn(raw)); // go-ethereum writes a time without zeros at its end
    expect(nodesIn(raw)).toMatchObject([{ node: expect.stringMatching(/^en(r|ode):/) }]);
  });

  test('a batch is answered whole', async () => {
    client.send({ cmd: 'batch', url: place(), method: 'net_listening', count: 1_000 });
    expect((await client.next('called')).raw).toEqual(Array(1_000).fill(true));
    client.send({ cmd: 'batch', url: place(), method: 'net_listening', count: 1_001 });
    const { raw } = await client.next('called');
    expect(raw).toContain('batch too large: 1000 calls at most');
  });

  test('errors have the codes of go-ethereum', async () => {
    expect(await call('admin_addPeer', 'bool', 'enode://x')).toMatchObject({ code: -32_000 });
    expect(await call('admin_addPeer', 'bool')).toMatchObject({ code: -32_602 });
    expect(await call('admin_nodeInfo', 'any', 'x')).toMatchObject({ code: -32_602 });
    expect(await call('admin_startHTTP', 'any')).toEqual({
      code: -32_601,
      error: 'the method admin_startHTTP does not exist/is not available',
    });
  });
});

test('an inbound peer has no record and the port that it called from', async () => {
  geth.send({ cmd: 'dial', enode: ours.server.self.enode });
  await geth.next('add');
  const [peer] = (await callAt(admin.ipc!, 'admin_peers', 'peers')) as {
    enode: string;
    enr?: string;
  }[];
  expect(peer).toMatchObject({ network: { inbound: true, static: false } });
  expect(peer).not.toHaveProperty('enr');
  expect(peer!.enode).not.toBe(geth.started.enode);
  geth.send({ cmd: 'remove', enode: ours.server.self.enode });
  await geth.next('drop');
});

describe('our client', () => {
  const open = async (path: string): Promise<RpcClient> => {
    const ourClient = await RpcClient.open(path, { clock: systemClock });
    onTestFinished(() => ourClient.close());
    return ourClient;
  };

  test('calls our methods', async () => {
    const ourClient = await open(admin.ipc!);
    expect(await ourClient.call('admin_nodeInfo')).toEqual(ours.server.nodeInfo());
  });

  test('calls methods of a server of go-ethereum, and reads its subscriptions', async () => {
    const url = join(folder, 'geth.ipc');
    client.send({ cmd: 'listen', url });
    await client.next('called');
    const ourClient = await open(url);
    expect(await ourClient.call('rpc_modules')).toEqual({ rpc: '1.0', test: '1.0' });
    expect(await ourClient.call('test_echo', ['é"}'])).toBe('é"}');
    await expect(ourClient.call('test_fail')).rejects.toMatchObject({
      code: -32_000,
      message: 'as asked',
    });
    const id = await ourClient.call('test_subscribe', ['count', 'abc']);
    const numbers = ourClient.notifications(id);
    for (const value of [0, 1, 2]) expect(await numbers.next()).toEqual({ done: false, value });
  });
});
