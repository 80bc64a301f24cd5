import { describe, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import { checkOptions } from '../../src/server/config.ts';
import { keyOf } from '../support/world.ts';

const check = (options: object) => checkOptions({ nodeKey: keyOf(1), ...options } as ServerOptions);

describe('the option nat', () => {
  test('names how a gateway is found, or that none is', () => {
    expect(check({}).findGateway).toBeNull();
    expect(check({ nat: 'none' }).findGateway).toBeNull();
    for (const nat of ['any', 'upnp', 'pmp:192.168.1.1', 'stun:192.0.2.1'])
      expect(check({ nat })).toMatchObject({ nat, findGateway: expect.any(Function) });
    expect(() => check({ nat: 'router' })).toThrow('"nat" expected one of none, any');
  });

  test('may be replaced by a port, which none and extip do not use', () => {
    const gateway = async () => Promise.reject(new Error('no'));
    expect(check({ nat: 'any', ports: { gateway } }).findGateway).toBe(gateway);
    expect(check({ ports: { gateway } }).findGateway).toBeNull();
    expect(check({ nat: 'extip:192.0.2.1', ports: { gateway } }).findGateway).toBeNull();
  });

  test('may give the external address, and not another one than externalIp', () => {
    expect(check({ nat: 'extip:192.0.2.1' }).externalHost).toBe('192.0.2.1');
    const both = { nat: 'extip:192.0.2.1', externalIp: '192.0.2.1' };
    expect(check(both).externalHost).toBe('192.0.2.1');
    expect(() => check({ ...both, externalIp: '192.0.2.2' })).toThrow(
      '"externalIp" is 192.0.2.2 and "nat" is extip:192.0.2.1; omit one',
    );
    expect(check({ nat: 'any', externalIp: '192.0.2.1' }).externalHost).toBe('192.0.2.1');
  });
});
