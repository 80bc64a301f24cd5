/** A real server behind a router on loopback: what its record says while the router maps, renews, is lost and comes back. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseNode } from '../../src/io/crypto/node.ts';
import type { FindGateway } from '../../src/io/nat/gateway.ts';
import { findNatPmp, PMP_LIMIT_MS } from '../../src/io/nat/nat-pmp.ts';
import { findStun } from '../../src/io/nat/stun.ts';
import { findUpnp } from '../../src/io/nat/upnp.ts';
import { ADDRESS_POLL_MS, REFRESH_MS } from '../../src/machines/discovery/port-mapper.ts';
import { Server } from '../../src/server.ts';
import { fakeIgd } from '../support/fake-igd.ts';
import { fakeNatPmp } from '../support/fake-nat-pmp.ts';
import { fakeStun } from '../support/fake-stun.ts';
import { LOOPBACK } from '../support/loopback.ts';
import { natSurroundings } from '../support/nat-surroundings.ts';
import { StepClock } from '../support/step-clock.ts';
import { keyOf } from '../support/world.ts';

const AT = '93.184.216.34';

async function started(gateway: FindGateway, nat = 'any') {
  const clock = new StepClock();
  const server = new Server({
    ...{ nodeKey: keyOf(1), nat, discovery: 'v4', noDial: true },
    listen: { host: LOOPBACK, port: 0 },
    ports: { clock, gateway },
  });
  onTestFinished(() => server.stop());
  await server.start();
  const bound = server.actor.getSnapshot().context.address!.port;
  const claim = () => {
    const { host, tcpPort, udpPort } = parseNode(server.self.enr!);
    return { host, tcpPort, udpPort };
  };
  const mapperState = () => server.actor.getSnapshot().children.portMapping?.getSnapshot().value;
  return { clock, server, bound, claim, mapperState };
}

describe('behind a router with NAT-PMP', () => {
  test('the record has its address while it answers, and the mappings are renewed and deleted', async () => {
    const router = await fakeNatPmp(AT);
    const { clock: limits, surroundings } = natSurroundings();
    const { host, port } = router.address;
    const { clock, server, bound, claim } = await started(
      findNatPmp({ hosts: [host], port }, surroundings),
    );
    await expect.poll(claim).toEqual({ host: AT, tcpPort: bound, udpPort: bound });
    await expect
      .poll(() => [...router.mappings.keys()].sort())
      .toEqual([`tcp ${bound}`, `udp ${bound}`]);

    const isMapping = ([, opcode = 0]: Uint8Array): boolean => opcode > 0;
    expect(router.received.filter(isMapping)).toHaveLength(2);
    for (let passed = 0; passed < REFRESH_MS; passed += ADDRESS_POLL_MS) {
      const { length } = router.received;
      clock.advance(ADDRESS_POLL_MS);
      await expect.poll(() => router.received.length).toBeGreaterThan(length);
    }
    await expect.poll(() => router.received.filter(isMapping).length).toBe(4);

    router.set({ isSilent: true });
    clock.advance(ADDRESS_POLL_MS);
    await expect
      .poll(() => {
        limits.advance(PMP_LIMIT_MS);
        return claim().host;
      })
      .toBe(LOOPBACK);

    router.set({ isSilent: false, externalHost: '93.184.216.35' });
    await expect
      .poll(() => {
        limits.advance(PMP_LIMIT_MS);
        clock.advance(ADDRESS_POLL_MS);
        return claim().host;
      })
      .toBe('93.184.216.35');

    await server.stop();
    expect([...router.mappings]).toEqual([]);
  });
});

describe('behind a router with UPnP', () => {
  test('the record has the port that the router chose when ours is taken', async () => {
    const router = await fakeIgd();
    const { surroundings } = natSurroundings();
    const { searchAddress } = router;
    const find = findUpnp({ hosts: [LOOPBACK], searchAddress }, surroundings);
    const { server, bound, claim } = await started(async (signal) => {
      const gateway = await find(signal);
      router.set({ taken: [bound] });
      return gateway;
    });
    await expect.poll(() => router.mappings.size).toBe(2);
    await expect.poll(() => claim().host).toBe(AT);
    const { tcpPort, udpPort } = claim();
    expect([...router.mappings.keys()].sort()).toEqual([`TCP ${tcpPort}`, `UDP ${udpPort}`].sort());
    for (const port of [tcpPort, udpPort]) expect(port).not.toBe(bound);
    await server.stop();
    expect(router.mappings.size).toBe(0);
  });
});

test('a server on the internet tells the address, and the ports stay ours', async () => {
  const stun = await fakeStun(() => AT);
  const { surroundings } = natSurroundings();
  const lookUp = async (name: string) => [name];
  const { bound, claim, mapperState } = await started(
    findStun({ servers: [stun.address], lookUp }, surroundings),
  );
  await expect.poll(claim).toEqual({ host: AT, tcpPort: bound, udpPort: bound });
  await expect.poll(mapperState).toEqual({
    serving: { address: 'known', tcp: 'notSupported', udp: 'notSupported' },
  });
});

test('an address that the operator gives needs no gateway, and none is looked for', async () => {
  let searches = 0;
  const find: FindGateway = async () => {
    searches += 1;
    throw new Error('no');
  };
  const { bound, claim, mapperState } = await started(find, `extip:${AT}`);
  expect(claim()).toEqual({ host: AT, tcpPort: bound, udpPort: bound });
  expect([searches, mapperState()]).toEqual([0, undefined]);
});

test('a server whose gateway is not found starts and stops all the same', async () => {
  const { server, claim, mapperState } = await started(async () => {
    throw new Error('no router answered the UPnP search');
  });
  await expect.poll(mapperState).toBe('noGateway');
  expect(claim().host).toBe(LOOPBACK);
  await server.stop();
});
