import { describe, expect, test } from 'vitest';
import type { Gateway, MappingRequest } from '../../../src/io/nat/gateway.ts';
import { findNatPmp, PMP_LIMIT_MS } from '../../../src/io/nat/nat-pmp.ts';
import { type FakeNatPmp, fakeNatPmp } from '../../support/fake-nat-pmp.ts';
import { NEVER, natSurroundings } from '../../support/nat-surroundings.ts';

const WISH: MappingRequest = {
  ...{ protocol: 'tcp', host: '0.0.0.0', port: 30_303, externalPort: null },
  lifetimeMs: 600_000,
};

async function found(): Promise<{ fake: FakeNatPmp; router: Gateway }> {
  const fake = await fakeNatPmp();
  const { surroundings } = natSurroundings();
  const { host, port } = fake.address;
  return { fake, router: await findNatPmp({ hosts: [host], port }, surroundings)(NEVER) };
}

describe('a router', () => {
  test('is found, and says its external address', async () => {
    const { fake, router } = await found();
    expect(router).toMatchObject({ name: 'NAT-PMP', host: '127.0.0.1', mapsPorts: true });
    expect(await router.externalHost(NEVER)).toBe('93.184.216.34');
    fake.set({ code: 3 });
    await expect(router.externalHost(NEVER)).rejects.toThrow(
      'the router refused: it has no connection to the internet',
    );
  });

  test('is the first that answers of those that may be there', async () => {
    const fake = await fakeNatPmp();
    const { clock, surroundings } = natSurroundings();
    const hosts = ['127.0.0.77', fake.address.host];
    const router = await findNatPmp({ hosts, port: fake.address.port }, surroundings)(NEVER);
    expect(router.host).toBe('127.0.0.1');
    expect(clock.pending).toBe(0); // the other question is given up
  });

  test('that is silent is waited for 1 s', async () => {
    const fake = await fakeNatPmp();
    fake.set({ isSilent: true });
    const { clock, surroundings } = natSurroundings();
    const { host, port } = fake.address;
    const router = findNatPmp({ hosts: [host], port }, surroundings)(NEVER);
    await fake.arrived(1);
    clock.advance(PMP_LIMIT_MS);
    await expect(router).rejects.toThrow('no answer within 1 s');
  });

  test('is not looked for without a local network', async () => {
    const { surroundings } = natSurroundings();
    await expect(findNatPmp({ hosts: [] }, surroundings)(NEVER)).rejects.toThrow(
      'no network interface has a private IPv4 address',
    );
  });
});

describe('a mapping', () => {
  test('is made, renewed to the same port, and deleted', async () => {
    const { fake, router } = await found();
    expect(await router.map(WISH, NEVER)).toBe(30_303);
    expect(await router.map({ ...WISH, externalPort: 40_404 }, NEVER)).toBe(40_404);
    expect(await router.map({ ...WISH, protocol: 'udp' }, NEVER)).toBe(30_303);
    expect([...fake.mappings]).toEqual([
      ['tcp 30303', 600],
      ['tcp 40404', 600],
      ['udp 30303', 600],
    ]);
    await router.unmap({ protocol: 'tcp', port: 30_303, externalPort: 30_303 }, NEVER);
    expect([...fake.mappings.keys()]).toEqual(['tcp 40404', 'udp 30303']);
  });

  test('that is refused says why', async () => {
    const { fake, router } = await found();
    fake.set({ code: 2 });
    await expect(router.map(WISH, NEVER)).rejects.toThrow(
      'the router refused: it is set to map no ports',
    );
  });

  test.for([
    ['port', [10, 11]],
    ['lifetime', [12, 13, 14, 15]],
  ] as const)('without a %s is none', async ([, places]) => {
    const { fake, router } = await found();
    fake.set({ change: (answer) => places.reduce((bytes, at) => bytes.with(at, 0), answer) });
    await expect(router.map(WISH, NEVER)).rejects.toThrow(
      'the router answered without an external port',
    );
  });
});
