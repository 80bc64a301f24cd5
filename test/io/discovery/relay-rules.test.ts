import { expect, test } from 'vitest';

import { mayRelay } from '../../../src/io/discovery/relay-rules.ts';

const cases: [sentence: string, host: string, other: string, expected: boolean][] = [
  ['a public address is for all', '46.0.0.1', '45.0.0.1', true],
  ['a public address is for a LAN too', '46.0.0.1', '10.0.0.1', true],
  ['a public IPv6 address too', '2a00::1', '45.0.0.1', true],
  ['an address behind the NAT of a carrier too, as in go-ethereum', '100.64.0.1', '45.0.0.1', true],
  ['a LAN address is not for the internet', '10.0.0.1', '45.0.0.1', false],
  ['a LAN address is for a LAN', '10.0.0.1', '192.168.0.1', true],
  ['a LAN address is for this machine', '10.0.0.1', '127.0.0.1', true],
  ['a local IPv6 address is not for the internet', 'fe80::1', '2a00::1', false],
  ['a unique local IPv6 address is for a LAN', 'fd00::1', 'fe80::1', true],
  ['the address of this machine is not for a LAN', '127.0.0.1', '10.0.0.1', false],
  ['the address of this machine is for this machine', '127.0.0.1', '127.0.0.2', true],
  ['an address inside IPv6 is that address', '::ffff:10.0.0.1', '45.0.0.1', false],
  ['no address is for none', '0.0.0.0', '127.0.0.1', false],
  ['an address of examples is for none', '203.0.113.1', '127.0.0.1', false],
  ['an IPv6 address of examples is for none', '2001:db8::1', '::1', false],
  ['a group is for none', '224.0.0.1', '127.0.0.1', false],
  ['all at once are for none', '255.255.255.255', '127.0.0.1', false],
  ['a name is for none', 'node.example', '127.0.0.1', false],
  ['a node without an address is told nothing', '46.0.0.1', '', false],
];

test.for(cases)('%s', ([, host, other, expected]) => {
  expect(mayRelay(host, other)).toBe(expected);
});
