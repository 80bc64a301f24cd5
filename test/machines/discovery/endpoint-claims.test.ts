import { describe, expect, test } from 'vitest';

import {
  type ClaimFacts,
  claimsOf,
  haveSameContent,
  isSameEndpoint,
} from '../../../src/machines/discovery/endpoint-claims.ts';

const facts = (overrides: Partial<ClaimFacts> = {}): ClaimFacts => ({
  externalHosts: { ipv4: null, ipv6: null },
  gatewayHosts: { ipv4: null, ipv6: null },
  mappedPorts: { tcp: null, udp: null },
  predicted: { ipv4: null, ipv6: null },
  fallbackHosts: { ipv4: '127.0.0.1', ipv6: null },
  tcpPort: 30303,
  udpPort: 30304,
  ...overrides,
});
const seen = { host: '203.0.113.9', port: 4000 };
const given = '198.51.100.1';

describe('of one family', () => {
  test('the address of the operator comes first, with the port we are bound to', () => {
    const all = facts({
      externalHosts: { ipv4: given, ipv6: null },
      predicted: { ipv4: seen, ipv6: null },
    });
    expect(claimsOf(all).ipv4).toEqual({ why: 'static', host: given, udpPort: 30304 });
  });

  test('then what the gateway says, with the port that it maps', () => {
    const gatewayHosts = { ipv4: '198.51.100.2', ipv6: '2001:db8::2' };
    const mappedPorts = { tcp: 40_303, udp: 40_304 };
    const all = { gatewayHosts, mappedPorts, predicted: { ipv4: seen, ipv6: null } };
    expect(claimsOf(facts(all))).toEqual({
      ipv4: { why: 'gateway', host: '198.51.100.2', udpPort: 40_304 },
      ipv6: { why: 'gateway', host: '2001:db8::2', udpPort: 30_304 },
      tcpPort: 40_303,
      udpPort: 30_304,
    });
    expect(claimsOf(facts({ ...all, mappedPorts: { tcp: null, udp: null } }))).toMatchObject({
      ipv4: { udpPort: 30_304 },
      tcpPort: 30_303,
    });
  });

  test('a port that is not bound is not claimed, also when it is mapped', () => {
    const mappedPorts = { tcp: 40_303, udp: 40_304 };
    expect(claimsOf(facts({ mappedPorts, tcpPort: 0, udpPort: 0 }))).toMatchObject({
      ipv4: { udpPort: 0 },
      tcpPort: 0,
    });
  });

  test('then what other nodes see, with the port that they see', () => {
    const all = facts({ predicted: { ipv4: seen, ipv6: null } });
    expect(claimsOf(all).ipv4).toEqual({ why: 'predicted', host: seen.host, udpPort: 4000 });
  });

  test('then the fallback', () => {
    expect(claimsOf(facts()).ipv4).toEqual({ why: 'fallback', host: '127.0.0.1', udpPort: 30304 });
  });

  test('and without one, nothing', () => {
    expect(claimsOf(facts()).ipv6).toBeNull();
  });

  test('the other one does not matter', () => {
    const ipv6 = { host: '2001:db8::9', port: 5 };
    const all = facts({
      externalHosts: { ipv4: given, ipv6: null },
      predicted: { ipv4: null, ipv6 },
    });
    expect(claimsOf(all)).toMatchObject({ ipv4: { why: 'static' }, ipv6: { why: 'predicted' } });
  });
});

test.for([
  ['the same facts', facts(), true],
  [
    'another reason for the same endpoint',
    facts({ externalHosts: { ipv4: '127.0.0.1', ipv6: null } }),
    true,
  ],
  ['another address', facts({ externalHosts: { ipv4: given, ipv6: null } }), false],
  [
    'another address of the other family',
    facts({ fallbackHosts: { ipv4: '127.0.0.1', ipv6: '::1' } }),
    false,
  ],
  ['no address', facts({ fallbackHosts: { ipv4: null, ipv6: null } }), false],
  ['another port for connections', facts({ tcpPort: 1 }), false],
  ['another port for datagrams', facts({ udpPort: 1 }), false],
] as const)('%s have the same content: %s', ([, other, same]) => {
  expect(haveSameContent(claimsOf(facts()), claimsOf(other))).toBe(same);
});

test('no claims are not the same as claims', () => {
  expect(haveSameContent(null, claimsOf(facts()))).toBe(false);
});

test('endpoints are the same by host and port', () => {
  expect(isSameEndpoint(seen, { ...seen })).toBe(true);
  expect(isSameEndpoint(null, null)).toBe(true);
  for (const other of [null, { ...seen, port: 1 }, { ...seen, host: given }])
    expect(isSameEndpoint(seen, other)).toBe(false);
});
