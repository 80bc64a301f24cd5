import { describe, expect, test } from 'vitest';

import {
  encodeAttributes,
  type RecordClaims,
  recordEntries,
} from '../../../src/io/crypto/local-record.ts';
import { endpointOf, recordValue, signRecord } from '../../../src/io/crypto/node-record.ts';
import { alice } from '../../support/handshake.ts';

const NOTHING: RecordClaims = { ipv4: null, ipv6: null, tcpPort: 0, udpPort: 0 };
const v4 = { why: 'fallback', host: '198.51.100.4', udpPort: 30_301 } as const;
const v6 = { why: 'predicted', host: '2001:db8::4', udpPort: 30_302 } as const;

const entriesOf = (claims: Partial<RecordClaims>) => {
  const entries = recordEntries({ ...NOTHING, ...claims }, new Map());
  return Object.fromEntries(
    [...entries].map(([key, value]) => [key, Buffer.from(value).toString('hex')]),
  );
};

describe('entries', () => {
  test('of nothing are none', () => expect(entriesOf({})).toEqual({}));

  test('of both families have a port of each, when they differ', () => {
    expect(entriesOf({ ipv4: v4, ipv6: v6, tcpPort: 30_303, udpPort: 30_301 })).toEqual({
      ip: '84c6336404',
      ip6: '9020010db8000000000000000000000004',
      tcp: '82765f',
      udp: '82765d',
      udp6: '82765e',
    });
  });

  test('have one port when it is the same', () => {
    const { udp, udp6 } = entriesOf({ ipv4: v4, ipv6: { ...v6, udpPort: 30_301 } });
    expect([udp, udp6]).toEqual(['82765d', undefined]);
  });

  test('without an IPv4 address have the port that we are bound to', () => {
    expect(entriesOf({ ipv6: v6, udpPort: 30_301 })).toMatchObject({
      udp: '82765d',
      udp6: '82765e',
    });
    expect(entriesOf({ udpPort: 30_301 })).toEqual({ udp: '82765d' });
  });

  test('can be read back by others, with what protocols add', () => {
    const attributes = encodeAttributes({ eth: [[new Uint8Array(4), 9]] });
    const entries = recordEntries({ ...NOTHING, ipv4: v4, tcpPort: 30_303 }, attributes);
    const record = signRecord({ seq: 1, entries }, alice);
    expect(endpointOf(record)).toMatchObject({ host: v4.host, tcpPort: 30_303, udpPort: 30_301 });
    expect(record.entries.get('eth')).toEqual(recordValue([[new Uint8Array(4), 9]]));
  });
});

describe('attributes', () => {
  test.for([
    'id',
    'secp256k1',
    'ip',
    'ip6',
    'tcp',
    'tcp6',
    'udp',
    'udp6',
    'quic',
    'quic6',
    '',
    'a b',
    'ü',
    'x'.repeat(33),
  ])('must not have the key %j', (key) =>
    expect(() => encodeAttributes({ [key]: 1 })).toThrow(TypeError),
  );

  test.for([-1, 1.5, Number.NaN, 2 ** 53, [1, [Number.NaN]], {} as never])(
    'must not have the value %s',
    (value) => {
      expect(() => encodeAttributes({ eth: value })).toThrow(/"eth" cannot be encoded as RLP/);
    },
  );

  test('fit beside the longest endpoint, or are refused', () => {
    const longest = Array.from({ length: 300 }, (_, bytes) => bytes)
      .filter((bytes) => {
        try {
          return encodeAttributes({ x: new Uint8Array(bytes).fill(1) }).size === 1;
        } catch {
          return false;
        }
      })
      .at(-1)!;
    expect(() => encodeAttributes({ x: new Uint8Array(longest + 1) })).toThrow(
      /do not fit into a node record of 300 bytes/,
    );
    const entries = recordEntries(
      {
        ipv4: { why: 'static', host: '255.255.255.255', udpPort: 65_535 },
        ipv6: { why: 'static', host: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', udpPort: 65_534 },
        tcpPort: 65_535,
        udpPort: 65_535,
      },
      encodeAttributes({ x: new Uint8Array(longest).fill(1) }),
    );
    const { bytes } = signRecord({ seq: Number.MAX_SAFE_INTEGER, entries }, alice);
    expect(bytes.length).toBe(300);
  });
});
