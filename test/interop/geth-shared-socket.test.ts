/** Node Discovery v4 and v5 on one UDP socket, ours and go-ethereum's, with both versions on each side. */
import { expect, onTestFinished, test, vi } from 'vitest';

import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { startPeer } from './peer-process.ts';

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

const VERSIONS = ['v4', 'v5'] as const;

const startGeth = (...bootnodes: string[]) =>
  startPeer('geth', ['--mode', 'discovery', '--bootnodes', bootnodes.join(',')]);

/** Without TCP, which go-ethereum's nodes here do not have either. */
async function startOurs(bootnodes: readonly string[] = []) {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: null,
    noDial: true,
    discovery: VERSIONS,
    discoveryListen: { host: '127.0.0.1', port: 0 },
    externalIp: '127.0.0.1',
    bootnodes,
  });
  onTestFinished(() => server.stop());
  await server.start();
  return server;
}

test('go-ethereum asks us in both versions at one port, and we are in both of its tables', async () => {
  const ours = await startOurs();
  const enr = ours.self.enr!;
  await using geth = await startGeth(enr);
  for (const version of VERSIONS) {
    const common = { version, enode: enr } as const;
    geth.send({ cmd: 'ping', ...common });
    await geth.next('pong');
    geth.send({ cmd: 'enr', ...common });
    expect((await geth.next('record')).record).toBe(ours.self.enr);
    geth.send({ cmd: 'lookup', ...common });
    expect((await geth.next('found')).nodes).toContain(ours.self.id);
    geth.send({ cmd: 'table', version });
    expect((await geth.next('table')).nodes).toContain(ours.self.id);
  }
  ours.discoveryV5!.handleTalk('interop', ({ payload }) =>
    utf8.encode(`ours:${fromUtf8.decode(payload)}`),
  );
  geth.send({ cmd: 'talk', version: 'v5', enode: enr, protocol: 'interop', text: 'hello' });
  expect((await geth.next('talked')).text).toBe('ours:hello');
});

test('we ask go-ethereum in both versions from one socket, and find by it a node that it knows', async () => {
  await using other = await startGeth();
  await using geth = await startGeth(other.started.record!);
  const bootnode = geth.started.record!;
  const ours = await startOurs([bootnode]);
  for (const table of [ours.discovery!, ours.discoveryV5!]) {
    const ids = new Set<string>();
    while (!ids.has(other.started.id))
      for await (const { id } of table.lookup(other.started.record!)) ids.add(id);
    await vi.waitFor(
      () => expect(table.nodes().map(({ id }) => id)).toContain(geth.started.id),
      10_000,
    );
    expect((await table.resolve(bootnode))?.text).toBe(bootnode);
  }
  const response = await ours.discoveryV5!.talk(bootnode, 'interop', utf8.encode('hello'));
  expect(fromUtf8.decode(response)).toBe('geth:hello');
});
