/** Over real sockets on the loopback addresses: one server for both families, and one for each alone. */
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';

import { DEFAULTS } from '../../src/api/options.ts';
import { createNodeKey } from '../../src/io/crypto/node-key.ts';
import { echo } from '../../src/protocols/echo.ts';
import { Server } from '../../src/server.ts';

const hasIpv6 = Object.values(networkInterfaces())
  .flatMap((found) => found ?? [])
  .some(({ address }) => address === '::1');

const make = (seed: number, host: string, bootnodes: readonly string[] = []): Server =>
  new Server({
    ...{ nodeKey: createNodeKey(new Uint8Array(32).fill(seed)), protocols: [echo()] },
    ...{ listen: { host, port: 0 }, discovery: 'v4', bootnodes },
  });

/** At the loopback address of this family. */
const enodeAt = ({ self }: Server, host: string): string => {
  const at = new URL(self.enode);
  at.hostname = host;
  return at.href;
};

const connected = async (server: Server, id: string): Promise<string> => {
  const known = server.peers.find((peer) => peer.id === id);
  if (known) return known.remote.host;
  for await (const event of server.events())
    if (event.type === 'add' && event.peer.id === id) return event.peer.remote.host;
  throw new Error('the server stopped');
};

test.skipIf(!hasIpv6)(
  'nodes of either family find a node that listens at every address, and are its peers',
  async () => {
    await using both = make(1, DEFAULTS.listen.host);
    await both.start();
    expect(both.self.address?.host).toBe('::');
    await using ipv4 = make(2, '127.0.0.1', [enodeAt(both, '127.0.0.1')]);
    await using ipv6 = make(3, '::1', [enodeAt(both, '[::1]')]);
    const found = Promise.all([connected(both, ipv4.self.id), connected(both, ipv6.self.id)]);
    await Promise.all([ipv4.start(), ipv6.start()]);
    expect(await found).toEqual(['127.0.0.1', '::1']);
    const table = both.discovery?.nodes().map(({ host }) => host) ?? [];
    expect(table.toSorted()).toEqual(['127.0.0.1', '::1']);
    const looked: string[] = [];
    for await (const node of both.discovery?.lookup(ipv6.self.enode) ?? []) looked.push(node.host);
    expect(looked).toContain('::1');
  },
);
