import { get } from 'node:http';
import { describe, expect, test } from 'vitest';
import { HTTP_LIMIT_MS } from '../../../src/io/nat/bounded-http.ts';
import type { Gateway, MappingRequest } from '../../../src/io/nat/gateway.ts';
import { findUpnp, SEARCH_WINDOW_MS } from '../../../src/io/nat/upnp.ts';
import { fakeIgd } from '../../support/fake-igd.ts';
import { LOOPBACK } from '../../support/loopback.ts';
import { NEVER, natSurroundings } from '../../support/nat-surroundings.ts';
import { udpServer } from '../../support/udp-server.ts';

const WISH: MappingRequest = {
  ...{ protocol: 'tcp', host: '0.0.0.0', port: 30_303, externalPort: null },
  lifetimeMs: 600_000,
};
const MAPPED = { client: LOOPBACK, port: 30_303, lifetime: 600 };

type Manner = Parameters<typeof fakeIgd>[0];

async function search(manner?: Manner, hosts: readonly string[] = [LOOPBACK], signal = NEVER) {
  const igd = await fakeIgd(manner);
  const { clock, surroundings } = natSurroundings();
  const { searchAddress } = igd;
  const router = findUpnp({ hosts, searchAddress }, surroundings)(signal);
  router.catch(() => {}); // it may fail before the test looks at it
  return { igd, clock, router };
}

async function found(manner?: Manner) {
  const { router, ...rest } = await search(manner);
  return { ...rest, router: await router };
}

describe('the search', () => {
  test.for([
    ['ip1', 'UPnP IGDv1'],
    ['ip2', 'UPnP IGDv2'],
    ['ppp', 'UPnP IGDv1'],
  ] as const)('finds a router with the service %s', async ([service, name]) => {
    const { clock, router } = await found({ service });
    expect(router).toMatchObject({ name, host: LOOPBACK, mapsPorts: true });
    expect(await router.externalHost(NEVER)).toBe('93.184.216.34');
    expect(clock.pending).toBe(0);
  });

  test('is repeated after 500 ms, and ends after 3 s', async () => {
    const silent = await udpServer(() => []);
    const { clock, surroundings } = natSurroundings();
    const options = { hosts: [LOOPBACK], searchAddress: silent.address };
    const router = findUpnp(options, surroundings)(NEVER).catch((error: Error) => error.message);
    await silent.arrived(2);
    clock.advance(500);
    await silent.arrived(4);
    clock.advance(SEARCH_WINDOW_MS - 500);
    expect(await router).toBe('no router answered the UPnP search');
  });

  test.for([
    [
      'without a service for it',
      { control: 'http://192.0.2.1' },
      'the router has no service that maps ports',
    ],
    ['without NAT', { hasNat: false }, 'the router says that it has no NAT'],
    ['that refuses', { refusals: { GetNATRSIPStatus: 401 } }, 'the router refused with 401 (no)'],
  ] as const)('does not take a router %s', async ([, manner, why]) => {
    const { igd, clock, router } = await search(manner);
    await igd.requested('control' in manner ? 1 : 2);
    const failure = router.catch((error: Error) => error.message);
    // its answer may still be on the way when the window ends
    for (let time = 0; time < 20; time += 1) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(SEARCH_WINDOW_MS);
    expect(await failure).toBe(why);
  });

  test('waits for a router that answered the search, but not longer than 3 s', async () => {
    const { igd, clock, router } = await search({ answer: () => true });
    const failure = router.catch((error: Error) => error.message);
    await igd.requested(1);
    clock.advance(SEARCH_WINDOW_MS);
    clock.advance(HTTP_LIMIT_MS);
    expect(await failure).toBe('no whole answer within 3 s');
  });

  test.for([
    ['a large description', '<a>'.repeat(30_000), 'the answer has more than 65536 bytes'],
    [
      'entities',
      '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
      'the XML declares a type or an entity',
    ],
  ] as const)('does not take a router with %s', async ([, body, why]) => {
    const { igd, clock, router } = await search({
      answer: (_, response) => {
        response.end(body);
        return true;
      },
    });
    const failure = router.catch((error: Error) => error.message);
    await igd.requested(1);
    for (let time = 0; time < 20; time += 1) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(SEARCH_WINDOW_MS);
    expect(await failure).toBe(why);
  });

  test('follows no answer that points outside of the network of the router', async () => {
    const { igd, clock, router } = await search({ location: 'http://192.0.2.1:80/root.xml' });
    const failure = router.catch((error: Error) => error.message);
    for (let time = 0; time < 20; time += 1) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(SEARCH_WINDOW_MS);
    expect([await failure, igd.requests]).toEqual(['no router answered the UPnP search', []]);
  });

  test('fetches eight descriptions at most, each once', async () => {
    const igd = await fakeIgd({ answer: () => true });
    const answers = Array.from({ length: 20 }, (_, index) =>
      Buffer.from(
        `HTTP/1.1 200 OK\r\nLocation: http://${LOOPBACK}:${igd.port}/${index >> 1}.xml\r\n\r\n`,
      ),
    );
    const many = await udpServer(() => answers);
    const { clock, surroundings } = natSurroundings();
    let arrived = 0;
    const bind: typeof surroundings.bind = (at, { onDatagram, ...rest }) =>
      surroundings.bind(at, {
        ...rest,
        onDatagram: (datagram) => {
          onDatagram(datagram);
          arrived += 1;
        },
      });
    const cancelled = new AbortController();
    const options = { hosts: [LOOPBACK], searchAddress: many.address };
    const router = findUpnp(options, { ...surroundings, bind })(cancelled.signal);
    router.catch(() => {});
    while (arrived < 2 * answers.length) await new Promise((resolve) => setImmediate(resolve));
    const last = get({ host: LOOPBACK, port: igd.port, path: '/last' });
    last.on('error', () => {}); // it is never answered
    await igd.requested(9);
    expect(igd.requests.toSorted()).toEqual([
      ...Array.from({ length: 8 }, (_, index) => `/${index}.xml`),
      '/last',
    ]);
    last.destroy();
    cancelled.abort();
    await expect(router).rejects.toThrow('cancelled');
    expect(clock.pending).toBe(0);
  });

  test('without a local network, or with one that cannot be used, fails', async () => {
    await expect((await search({}, [])).router).rejects.toThrow(
      'no network interface has a private IPv4 address',
    );
    const { clock, router } = await search({}, ['192.0.2.1']);
    const failure = router.catch((error: Error) => error.message);
    await new Promise((resolve) => setTimeout(resolve, 0));
    clock.advance(SEARCH_WINDOW_MS);
    expect(await failure).toMatch(/EADDRNOTAVAIL/);
    const { router: cancelled } = await search({}, [LOOPBACK], AbortSignal.abort());
    await expect(cancelled).rejects.toThrow('cancelled');
  });
});

describe('a mapping', () => {
  test('leads to our address in the network of the router, and is deleted', async () => {
    const { igd, router } = await found();
    expect(await router.map(WISH, NEVER)).toBe(30_303);
    expect(await router.map({ ...WISH, externalPort: 40_404, protocol: 'udp' }, NEVER)).toBe(
      40_404,
    );
    expect([...igd.mappings]).toEqual([
      ['TCP 30303', MAPPED],
      ['UDP 40404', MAPPED],
    ]);
    await router.unmap({ protocol: 'udp', port: 30_303, externalPort: 40_404 }, NEVER);
    expect([...igd.mappings.keys()]).toEqual(['TCP 30303']);
  });

  test('of a server that listens on one address leads to that address', async () => {
    const { igd, router } = await found();
    await router.map({ ...WISH, host: '192.168.1.7' }, NEVER);
    await router.map({ ...WISH, host: '::', externalPort: 1 }, NEVER);
    expect([...igd.mappings.values()].map(({ client }) => client)).toEqual([
      '192.168.1.7',
      LOOPBACK,
    ]);
  });

  test('by a router of version 2 may have any port', async () => {
    const { igd, router } = await found({ service: 'ip2' });
    expect(await router.map(WISH, NEVER)).toBe(30_303);
    expect(igd.requests.at(-1)).toBe('AddAnyPortMapping');
  });

  test.for(['0', '65536', 'x', ''])(
    'by a router of version 2 with the port "%s" is none',
    async (port) => {
      const { igd, router } = await found({ service: 'ip2' });
      igd.set({
        answer: (_, response) => {
          response.end(
            `<R><AddAnyPortMappingResponse><NewReservedPort>${port}</NewReservedPort></AddAnyPortMappingResponse></R>`,
          );
          return true;
        },
      });
      await expect(router.map(WISH, NEVER)).rejects.toThrow('without an external port');
    },
  );

  test('whose port is taken gets a random one, and the taken one is tried once', async () => {
    const { igd, router } = await found({ taken: [30_303] });
    const port = await router.map(WISH, NEVER);
    expect(port).toBeGreaterThanOrEqual(10_000);
    expect(igd.requests.slice(2)).toEqual(['AddPortMapping', 'AddPortMapping']);
    expect([...igd.mappings.keys()]).toEqual([`TCP ${port}`]);
  });

  test.for(['ip1', 'ip2'] as const)(
    'gets a permanent mapping from a router that has no others, and asks for one at once the next time (%s)',
    async (service) => {
      const { igd, router } = await found({ isPermanentOnly: true, service });
      expect(await router.map(WISH, NEVER)).toBe(30_303);
      expect(igd.mappings.get('TCP 30303')).toMatchObject({ lifetime: 0 });
      expect(igd.requests).toHaveLength(4);
      expect(await router.map({ ...WISH, externalPort: 30_303 }, NEVER)).toBe(30_303);
      expect(igd.requests).toHaveLength(5);
      await router.unmap({ protocol: 'tcp', port: 30_303, externalPort: 30_303 }, NEVER);
      expect(igd.mappings.size).toBe(0);
    },
  );

  test('whose port is taken gets another one from a router with permanent mappings only', async () => {
    const { igd, router } = await found({ isPermanentOnly: true, taken: [30_303] });
    const port = await router.map(WISH, NEVER);
    expect([...igd.mappings]).toMatchObject([[`TCP ${port}`, { lifetime: 0 }]]);
    expect(igd.requests.slice(2)).toHaveLength(3);
  });

  test('that is refused is tried four times, and then with three other ports', async () => {
    const { igd, router } = await found({ refusals: { AddPortMapping: 501 } });
    await expect(router.map(WISH, NEVER)).rejects.toThrow('the router refused with 501 (no)');
    expect(igd.requests.slice(2)).toHaveLength(7);
  });

  test('that is cancelled is not tried again', async () => {
    const { igd, router } = await found({ refusals: { AddPortMapping: 501 } });
    const cancelled = new AbortController();
    const mapping = router.map(WISH, cancelled.signal);
    await igd.requested(3);
    cancelled.abort();
    await expect(mapping).rejects.toThrow('cancelled');
  });
});

test.for(['', 'router', '1.2.3'])('"%s" is no external address', async (externalHost) => {
  const { router } = await found({ externalHost });
  await expect((router as Gateway).externalHost(NEVER)).rejects.toThrow(
    'without an external address',
  );
});
