import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import type { Peer } from '../../src/api/peer.ts';
import { ServerNetwork, type ServerNetworkOptions } from '../../src/crawl/server-network.ts';
import { formatEnode } from '../../src/io/crypto/enode.ts';
import { parseNode } from '../../src/io/crypto/node.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { echo } from '../../src/protocols/echo.ts';
import { Server } from '../../src/server.ts';

const HERE = { host: '127.0.0.1', port: 0 };

const { signal } = new AbortController();

async function start(options: Partial<ServerOptions> = {}): Promise<Server> {
  const server = new Server({
    ...{ nodeKey: generateNodeKey(), listen: HERE, name: 'visited', protocols: [echo()] },
    ...options,
  });
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}

async function open(options: Partial<ServerNetworkOptions> = {}): Promise<ServerNetwork> {
  const network = await ServerNetwork.open({ parallel: 10, protocols: [echo()], ...options });
  onTestFinished(() => network.close());
  return network;
}

const textOf = (server: Server) => ({ id: server.self.id, text: server.self.enode! });

describe('the real network of a crawl', () => {
  test('says what a node is when both sides accept each other, and leaves it', async () => {
    const server = await start();
    const network = await open();
    const visit = await network.visit(textOf(server), signal);
    expect(visit).toMatchObject({
      ...{ id: server.self.id, enode: server.self.enode, addressFamily: 'ipv4' },
      ...{ outcome: 'accepted', stage: 'peer', reason: 'accepted' },
      ...{ client: 'visited', capabilities: ['echo/1'] },
      latencyMs: { connect: expect.any(Number), hello: expect.any(Number) },
    });
    expect(network.self.id).not.toBe(server.self.id);
    while (server.peerCount > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test('visits many nodes at once, also more than one from the same subnet', async () => {
    const servers = await Promise.all(Array.from({ length: 6 }, () => start()));
    const network = await open();
    const visits = await Promise.all(servers.map((one) => network.visit(textOf(one), signal)));
    expect(visits.map(({ outcome }) => outcome)).toEqual(servers.map(() => 'accepted'));
  });

  test.each([
    ['rejected', 'rejected.uselessPeer', 3, { protocols: [{ ...echo(), name: 'other' }] }],
    ['refused', 'refused.tooManyPeers', 4, { maxPeers: 0 }],
  ] as const)(
    'says why a node was %s, with the code on the wire',
    async (outcome, reason, wireCode, options) => {
      const network = await open();
      const visit = await network.visit(textOf(await start(options)), signal);
      expect(visit).toMatchObject({ outcome, stage: 'setup', reason, wireCode });
    },
  );

  test('notices a refusal that comes after Hello', async () => {
    const server = await start({ onPeer: (peer) => peer.disconnect('tooManyPeers') });
    const network = await open();
    expect(await network.visit(textOf(server), signal)).toMatchObject({
      ...{ outcome: 'refused', stage: 'peer', reason: 'refused.tooManyPeers', wireCode: 4 },
      client: 'visited',
    });
  });

  test('says why a node was not reached', async () => {
    const server = await start();
    const node = textOf(server);
    await server.stop();
    const network = await open();
    expect(await network.visit(node, signal)).toMatchObject({
      ...{ outcome: 'failed', stage: 'dial', reason: 'connectionRefused', latencyMs: {} },
    });
    const noPort = node.text.replace(/:\d+$/, ':0');
    expect(await network.visit({ ...node, text: noPort }, signal)).toMatchObject({
      reason: 'noTcpPort',
    });
    expect(await network.visit({ ...node, text: 'enode://broken' }, signal)).toMatchObject({
      ...{ outcome: 'failed', reason: 'unreadableNode', addressFamily: 'none' },
    });
  });

  test('says how the enc handshake failed, before which no key is proven', async () => {
    const babbler = createServer((socket) => {
      socket.on('error', () => {}).write(Uint8Array.of(0xff, 0xff));
    });
    onTestFinished(() => void babbler.close());
    await once(babbler.listen(0, '127.0.0.1'), 'listening');
    const { port } = babbler.address() as AddressInfo;
    const { id, publicKey } = generateNodeKey();
    const place = { host: '127.0.0.1', hostKind: 'ipv4', tcpPort: port, udpPort: port } as const;
    const network = await open();
    const visit = await network.visit(
      { id, text: formatEnode({ id, publicKey, ...place }) },
      signal,
    );
    expect(visit).toMatchObject({
      ...{ outcome: 'failed', stage: 'setup', reason: 'failed.handshakeSizeOutOfRange' },
      latencyMs: { connect: expect.any(Number) },
    });
  });

  test('ends a visit with its signal', async () => {
    const server = await start({ onPeer: () => {} });
    const network = await open({ status: { onVerdict: () => () => {} } }); // it never decides
    const ending = new AbortController();
    const visit = network.visit(textOf(server), ending.signal);
    while (server.peerCount === 0) await new Promise((resolve) => setImmediate(resolve));
    ending.abort(new Error('enough'));
    await expect(visit).rejects.toThrow('enough');
    await expect(network.visit(textOf(server), ending.signal)).rejects.toThrow('enough');
  });

  test('waits for the verdict of an observer, which may know more', async () => {
    const server = await start();
    let decide = (_id: string): void => {};
    const observer = { ...echo(), run: async ({ id }: Peer) => decide(id) };
    const network = await open({
      protocols: [observer],
      status: {
        onVerdict: (listener) => {
          decide = (id) =>
            listener(id, {
              end: { outcome: 'rejected', stage: 'eth', reason: 'rejected.wrongNetwork' },
              status: { networkId: 7 },
            });
          return () => {};
        },
      },
    });
    const visit = network.visit(textOf(server), signal);
    expect(await visit).toMatchObject({
      ...{ outcome: 'rejected', stage: 'eth', networkId: 7, client: 'visited' },
      latencyMs: { status: expect.any(Number) },
    });
  });

  test('finds the nodes of its discovery, from a bootnode on', async () => {
    const discovery = { discovery: 'v4', externalIp: '127.0.0.1', noDial: true } as const;
    const first = await start(discovery);
    const others = await Promise.all(
      [1, 2, 3].map(() => start({ ...discovery, bootnodes: [first.self.enr!] })),
    );
    const network = await open({
      ...{ discovery: 'v4', discoveryListen: HERE, externalIp: '127.0.0.1' },
      bootnodes: [first.self.enr!],
    });
    const wanted = new Set([first, ...others].map(({ self }) => self.id));
    const ending = new AbortController();
    for await (const { id, text } of network.found(ending.signal)) {
      expect(parseNode(text).id).toBe(id);
      wanted.delete(id);
      if (wanted.size === 0) ending.abort();
    }
    expect(wanted).toEqual(new Set());
  });

  test('finds nothing without discovery', async () => {
    const network = await open();
    for await (const node of network.found(signal)) expect(node).toBe(null);
  });
});
