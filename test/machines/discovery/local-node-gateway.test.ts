import { describe, expect, test } from 'vitest';

import {
  OUTSIDE,
  OUTSIDE_V6,
  runLocalNode,
  runLocalNodeToServing,
} from '../../support/local-node-run.ts';

describe('the gateway', () => {
  const gateway = (ipv4: string | null, ipv6: string | null = null) =>
    ({ type: 'external.changed', hosts: { ipv4, ipv6 } }) as const;

  test('has the address that is claimed, with its ports, until it says otherwise', () => {
    const run = runLocalNodeToServing();
    run.send({ type: 'udp.bound', port: 30_303 });
    run.send(gateway('198.51.100.7'), { type: 'port.mapped', protocol: 'tcp', port: 40_303 });
    run.send({ type: 'port.mapped', protocol: 'udp', port: 40_304 });
    run.record();
    expect(run.regions()).toMatchObject({ ipv4: 'gateway', ipv6: 'unknown' });
    expect(run.claims()).toEqual({
      ipv4: { why: 'gateway', host: '198.51.100.7', udpPort: 40_304 },
      ipv6: null,
      tcpPort: 40_303,
      udpPort: 30_303,
    });
    run.send(gateway(null), { type: 'port.mapped', protocol: 'tcp', port: null });
    run.record();
    expect(run.regions()).toMatchObject({ ipv4: 'fallback' });
    expect(run.claims()).toMatchObject({
      ipv4: { why: 'fallback', udpPort: 40_304 },
      tcpPort: 30_303,
    });
  });

  test('may have an IPv6 address, and lose it', () => {
    const run = runLocalNodeToServing();
    run.send(gateway(null, '2001:db8::7'));
    expect(run.regions()).toMatchObject({ ipv4: 'fallback', ipv6: 'gateway' });
    run.send(gateway('198.51.100.7'));
    expect(run.regions()).toMatchObject({ ipv4: 'gateway', ipv6: 'unknown' });
  });

  test('comes after the operator, and before other nodes', () => {
    const given = runLocalNodeToServing({ externalHosts: { ipv4: '198.51.100.1', ipv6: null } });
    given.send(gateway('198.51.100.7'));
    expect(given.regions()).toMatchObject({ ipv4: 'static' });
    const run = runLocalNodeToServing();
    run.vote(10);
    expect(run.regions()).toMatchObject({ ipv4: 'predicted' });
    run.send(gateway('198.51.100.7'));
    expect(run.regions()).toMatchObject({ ipv4: 'gateway' });
    run.send(gateway(null));
    expect(run.regions()).toMatchObject({ ipv4: 'predicted' });
  });

  test.for([
    ['ipv4', '127.0.0.1', OUTSIDE, '198.51.100.7'],
    ['ipv6', '::1', OUTSIDE_V6, '2001:db8::7'],
  ] as const)('gives way to each other reason, over %s', ([family, fallback, seen, host]) => {
    const known = { ipv4: null, ipv6: null, [family]: host };
    const from = (fallbackHost: string | null, votes: number) => {
      const run = runLocalNodeToServing({
        fallbackHosts: { ipv4: null, ipv6: null, [family]: fallbackHost },
      });
      run.vote(votes, seen);
      const before = run.regions()[family];
      run.send({ type: 'external.changed', hosts: known });
      const during = run.regions()[family];
      run.send(gateway(null));
      return [before, during, run.regions()[family]];
    };
    expect(from(null, 0)).toEqual(['unknown', 'gateway', 'unknown']);
    expect(from(fallback, 0)).toEqual(['fallback', 'gateway', 'fallback']);
    expect(from(fallback, 10)).toEqual(['predicted', 'gateway', 'predicted']);
  });

  test('keeps other nodes from changing the record', () => {
    const run = runLocalNodeToServing();
    run.send(gateway('198.51.100.7'));
    run.vote(20);
    expect(run.regions()).toMatchObject({ ipv4: 'gateway', predictions: 'awaited' });
  });

  test('is not listened to before the store is open', () => {
    const run = runLocalNode();
    run.send(gateway('198.51.100.7'), { type: 'port.mapped', protocol: 'tcp', port: 1 });
    expect(run.state()).toBe('preparing');
  });
});
