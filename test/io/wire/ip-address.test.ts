import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  isCandidateHost,
  isLan,
  isLoopbackAddress,
  kindOfHost,
  parseIp,
  parseNetRestrict,
  plainHost,
  sourceKey,
  subnetOf,
  tableNetworksOf,
  withoutZone,
} from '../../../src/io/wire/ip-address.ts';

test.for([
  ['127.0.0.1', 'loopback'],
  ['127.9.9.9', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['10.1.2.3', 'lan'],
  ['192.168.0.1', 'lan'],
  ['fe80::1%eth0', 'lan'],
  ['fd00::1', 'lan'],
  ['93.184.216.34', 'public'],
  ['2600::1', 'public'],
  ['node.example', null],
  ['', null],
] as const)('the host %s is %s', ([host, kind]) => {
  expect(kindOfHost(host)).toBe(kind);
});

const shown = (text: string): string | undefined => parseIp(text)?.toString();

describe('an address', () => {
  test.for([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::', '::'],
    ['fe80::1%eth0', 'fe80::1'],
    ['fe80::1%eth0.7', 'fe80::1'],
  ] as const)('%s is %s', ([text, address]) => {
    expect(shown(text)).toBe(address);
  });

  test.for(['::ffff:192.0.2.1', '::ffff:c000:201', '0:0:0:0:0:ffff:c000:0201', '::FFFF:192.0.2.1'])(
    'R3: %s, v4-mapped, is the IPv4 address in it',
    (text) => {
      expect(shown(text)).toBe('192.0.2.1');
    },
  );

  test.for([
    '',
    '%',
    'localhost',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '127.0.0.01',
    '256.0.0.1',
    '1.2.3.4.5',
    ' 192.0.2.1',
    '[::1]',
    ':::',
    '1::2::3',
    '2001:db8::1/64',
    '12345::',
    '::ffff:192.0x2.0.1',
    '::ffff:0300.0.2.1',
    'fe80::1.2.3.04',
  ])('"%s" is none', (text) => {
    expect(parseIp(text)).toBeNull();
  });

  test.for([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['::ffff:192.0.2.1%eth0', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['node.example', 'node.example'],
    ['::ffff:999.0.2.1', '::ffff:999.0.2.1'],
    ['', ''],
  ] as const)('%s is shown as %s', ([host, shown]) => {
    expect(plainHost(host)).toBe(shown);
  });

  test('may have a zone, which can be left out', () => {
    const hosts = ['fe80::1%eth0', 'fe80::1%25br-lan', '2001:db8::1', '192.0.2.1', 'a.b'];
    expect(hosts.map(withoutZone)).toEqual(['fe80::1', 'fe80::1', ...hosts.slice(2)]);
  });

  test('of loopback is one in any spelling', () => {
    const hosts = ['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'];
    expect(hosts.filter(isLoopbackAddress)).toEqual(hosts);
    expect(['128.0.0.1', '::', '::2', 'localhost', ''].some(isLoopbackAddress)).toBe(false);
  });

  test('is never a reason to throw', () => {
    const inside = parseNetRestrict(['0.0.0.0/0', '::/0']);
    const pieces = fc.constantFrom('::', ':', '.', '%', '/', 'ffff', '0', '255', '1', '0x', 'g');
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 20 }).map((p) => p.join('')),
    );
    fc.assert(
      fc.property(text, (junk) => {
        const address = parseIp(junk);
        expect(inside(junk)).toBe(address !== null);
        if (address) expect(sourceKey(address) && isLan(address)).toBeTypeOf('boolean');
      }),
    );
  });

  test('in any spelling of the system is one', () => {
    fc.assert(fc.property(fc.ipV4(), (text) => parseIp(text) !== null));
    fc.assert(fc.property(fc.ipV6(), (text) => parseIp(text) !== null));
  });
});

describe('LAN', () => {
  test.for([
    '127.0.0.1',
    '127.255.0.9',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.0.1',
    '::1',
    'fe80::1%eth0',
    'fc00::1',
    'fdff::1',
    '::ffff:10.0.0.1',
  ])('%s is in it', (text) => {
    expect(isLan(parseIp(text)!)).toBe(true);
  });

  test.for([
    '0.0.0.0',
    '8.8.8.8',
    '11.0.0.1',
    '100.64.0.1',
    '172.15.255.255',
    '172.32.0.1',
    '192.0.2.1',
    '224.0.0.1',
    '::',
    '2001:db8::1',
    'fec0::1',
    'ff02::1',
    '::ffff:8.8.8.8',
  ])('%s is not', (text) => {
    expect(isLan(parseIp(text)!)).toBe(false);
  });
});

describe('R10: a host found by discovery', () => {
  const OPEN = ['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'];
  const NEAR = ['127.0.0.1', '10.0.0.1', '172.16.0.1', '192.168.0.1', '169.254.1.1', '100.64.0.1'];
  const NEAR6 = [
    '::1',
    'fe80::1',
    'fc00::1',
    '::ffff:10.0.0.1',
    '2001:db8::1',
    '2002::1',
    '64:ff9b::1',
  ];
  const ODD = ['192.0.2.1', '198.51.100.1', '240.0.0.1', '192.88.99.1'];
  const NEVER = ['0.0.0.0', '255.255.255.255', '224.0.0.1', '::', 'ff02::1', '', 'node.example'];

  test.for(OPEN)('%s is dialled', (host) => {
    expect([isCandidateHost(host, false), isCandidateHost(host, true)]).toEqual([true, true]);
  });

  test.for([...NEAR, ...NEAR6, ...ODD])('%s is dialled only where networks are named', (host) => {
    expect([isCandidateHost(host, false), isCandidateHost(host, true)]).toEqual([false, true]);
  });

  test.for(NEVER)('"%s" is never dialled', (host) => {
    expect([isCandidateHost(host, false), isCandidateHost(host, true)]).toEqual([false, false]);
  });
});

describe('R3: a source', () => {
  test.for([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['::1', '0:0:0:0::/64'],
  ] as const)('of %s is %s', ([text, source]) => {
    expect(sourceKey(parseIp(text)!)).toBe(source);
  });
});

describe('P8: the subnet', () => {
  test.for<[host: string, subnet: string | null]>([
    ['198.51.100.7', '198.51.100.0/24'],
    ['::ffff:198.51.100.7', '198.51.100.0/24'],
    ['2001:4860:1:2::1', '2001:4860:1::/48'],
    ['2001:4860:1:ffff::1', '2001:4860:1::/48'],
    ['2001:4860:2::1', '2001:4860:2::/48'],
    ['127.0.0.1', null],
    ['192.168.1.1', null],
    ['fe80::1%eth0', null],
    ['pipe', null],
  ])('of %s is %s', ([host, subnet]) => expect(subnetOf(host)).toBe(subnet));
});

describe('NetRestrict', () => {
  test.for<[list: string[], host: string, isInside: boolean]>([
    [['192.0.2.0/24'], '192.0.2.255', true],
    [['192.0.2.0/24'], '192.0.3.0', false],
    [['192.0.2.77/24'], '192.0.2.1', true],
    [['192.0.2.1/32'], '192.0.2.1', true],
    [['192.0.2.1/32'], '192.0.2.2', false],
    [['192.0.2.128/25'], '192.0.2.127', false],
    [['192.0.2.0/24'], '::ffff:192.0.2.9', true],
    [['::ffff:192.0.2.0/120'], '192.0.2.9', true],
    [['::ffff:192.0.2.0/120'], '192.0.3.9', false],
    [['2001:db8::/32'], '2001:db8:ffff::1', true],
    [['2001:db8::/32'], '2001:db9::', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['0.0.0.0/0'], '198.51.100.7', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['::/0'], '198.51.100.7', false],
    [['::/0'], '::ffff:198.51.100.7', false],
    [['10.0.0.0/8', '2001:db8::/32'], '2001:db8::1', true],
    [['10.0.0.0/8', '2001:db8::/32'], '10.1.2.3', true],
    [['0.0.0.0/0', '::/0'], 'node.example', false],
    [['0.0.0.0/0', '::/0'], '', false],
  ])('%j and %s: %s', ([list, host, isInside]) => {
    expect(parseNetRestrict(list)(host)).toBe(isInside);
  });

  test.for([
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8 ',
    ' 10.0.0.0/8',
    '10/8',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '2001:db8::/129',
    '::ffff:10.0.0.0/8',
    'fe80::%eth0/10',
    'localhost/8',
  ])('"%s" is no CIDR', (entry) => {
    expect(() => parseNetRestrict(['10.0.0.0/8', entry])).toThrow(
      new TypeError(
        `"netRestrict[1]" expected a CIDR such as 192.0.2.0/24 or 2001:db8::/32, got "${entry}"`,
      ),
    );
  });

  test('an empty list throws: it would reject every address', () => {
    expect(() => parseNetRestrict([])).toThrow(/^"netRestrict" is an empty list.*omit the option/);
  });
});

test.each([
  ['198.51.100.7', '198.51.100.0/24', '198.51.100.0/24'],
  ['::ffff:198.51.100.7', '198.51.100.0/24', '198.51.100.0/24'],
  ['2001:db8:1:2::7', '2001:db8:1::/48', '2001:db8::/32'],
  ['2600::7', '2600:0:0::/48', '2600:0::/32'],
])(
  'nodes at %s count for the networks %s in a bucket and %s in the table',
  (host, bucket, table) => {
    expect(tableNetworksOf(host)).toEqual({ bucket, table });
  },
);

test.each(['192.168.1.1', 'fe80::1', 'node.example', ''])(
  'nodes at "%s" count for no network',
  (host) => {
    expect(tableNetworksOf(host)).toBeNull();
  },
);
