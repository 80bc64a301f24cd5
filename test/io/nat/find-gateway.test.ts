import { describe, expect, test } from 'vitest';

import { findGatewayOf, firstOf } from '../../../src/io/nat/find-gateway.ts';
import type { FindGateway, Gateway } from '../../../src/io/nat/gateway.ts';
import { fakeStun } from '../../support/fake-stun.ts';
import { NEVER, natSurroundings } from '../../support/nat-surroundings.ts';

const gateway = (name: string) => ({ name }) as Gateway;
const fails =
  (why: string): FindGateway =>
  () =>
    Promise.reject(new Error(why));

describe('of several mechanisms', () => {
  test('the first that finds one is used, and the others are given up', async () => {
    const signals: AbortSignal[] = [];
    const never: FindGateway = (signal) => {
      signals.push(signal);
      return new Promise(() => {});
    };
    const find = firstOf([never, fails('no'), async () => gateway('b')]);
    expect(await find(NEVER)).toEqual(gateway('b'));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('all say why there is none', async () => {
    await expect(firstOf([fails('no UPnP'), fails('no PMP')])(NEVER)).rejects.toThrow(
      'no UPnP; no PMP',
    );
  });
});

describe('by the option', () => {
  const parts = () => ({
    ...natSurroundings().surroundings,
    lookUp: async (name: string) => [name],
  });

  test('none and extip have nothing to find', () => {
    expect(findGatewayOf({ kind: 'none' }, parts())).toBeNull();
    expect(findGatewayOf({ kind: 'extip', host: '93.184.216.34' }, parts())).toBeNull();
  });

  test('stun asks the server that is given', async () => {
    const server = await fakeStun(() => '93.184.216.34');
    const found = await findGatewayOf({ kind: 'stun', server: server.address }, parts())!(NEVER);
    expect(await found.externalHost(NEVER)).toBe('93.184.216.34');
    const listed = await findGatewayOf({ kind: 'stun', server: null }, parts())!(NEVER);
    expect(listed.name).toBe('STUN');
  });

  test.for(['any', 'upnp', 'pmp'] as const)(
    '%s looks for a router, and can be cancelled',
    async (kind) => {
      const mechanism = kind === 'pmp' ? { kind, router: '127.0.0.1' } : { kind };
      const find = findGatewayOf(mechanism, parts())!;
      await expect(find(AbortSignal.abort())).rejects.toThrow();
    },
  );
});
