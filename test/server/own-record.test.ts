import { describe, expect, test } from 'vitest';

import { parseRecord } from '../../src/io/crypto/node.ts';
import { endpointOf } from '../../src/io/crypto/node-record.ts';
import { ownRecord } from '../../src/server/own-record.ts';
import { World } from '../support/world.ts';

describe('our record', () => {
  test('is there while the server runs', async () => {
    const world = new World();
    const { server } = world.add(1);
    expect([ownRecord(server.actor), server.self.enr, server.nodeInfo().enr]).toEqual([
      null,
      null,
      null,
    ]);
    await server.start();
    const record = ownRecord(server.actor)!;
    expect(record.id).toBe(server.self.id);
    const { host, port } = server.self.address!;
    expect(endpointOf(record)).toMatchObject({ host, tcpPort: port });
    expect(parseRecord(server.self.enr!)).toEqual(record);
    expect(server.nodeInfo().enr).toBe(server.self.enr);
    await world.end();
    expect([ownRecord(server.actor), server.self.enr]).toEqual([null, null]);
  });

  test('is the same one until something changes', async () => {
    const world = new World();
    const { server } = world.add(1);
    await server.start();
    expect(ownRecord(server.actor)).toBe(ownRecord(server.actor));
    await world.end();
  });

  test('has the external address, and what protocols add', async () => {
    const world = new World();
    const protocol = { name: 'eth', length: 1, run: async () => {} };
    const { server } = world.add(1, {
      externalIp: '198.51.100.77',
      protocols: [
        { ...protocol, version: 68, attributes: { eth: [1], snap: [] } },
        { ...protocol, version: 69, attributes: { eth: [2] } },
      ],
    });
    await server.start();
    const { entries } = ownRecord(server.actor)!;
    expect([...entries.keys()]).toEqual(['eth', 'id', 'ip', 'secp256k1', 'snap', 'tcp']);
    expect(entries.get('eth')).toEqual(Uint8Array.of(0xc1, 2));
    expect(server.self.enode).toContain(`@198.51.100.77:${server.self.address!.port}`);
    await world.end();
  });

  test('claims what ten networks see, and other networks read it', async () => {
    const world = new World();
    const { server } = world.add(1);
    await server.start();
    const before = ownRecord(server.actor)!;
    for (let network = 0; network < 10; network += 1)
      server.actor.send({
        type: 'endpoint.stated',
        family: 'ipv4',
        voter: `${network}`,
        endpoint: { host: '203.0.113.9', port: 4_000 },
        at: 0,
      });
    const record = ownRecord(server.actor)!;
    expect(endpointOf(record)).toMatchObject({ host: '203.0.113.9', udpPort: 4_000 });
    expect(record.seq).toBe(before.seq + 1);
    await world.end();
  });
});
