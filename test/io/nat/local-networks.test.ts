import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';

import { localNetworks } from '../../../src/io/nat/local-networks.ts';

const card = (address: string, netmask = '255.255.255.0', family: 'IPv4' | 'IPv6' = 'IPv4') =>
  ({ address, netmask, family, mac: '', internal: false, cidr: null }) as NetworkInterfaceInfo;

test('the router of a private network may be at its first address', () => {
  const cards = {
    lo: [card('127.0.0.1', '255.0.0.0')],
    eth0: [card('192.168.1.77'), card('fd00::1', 'ffff::', 'IPv6'), card('192.168.1.78')],
    eth1: [card('10.1.2.3', '255.255.0.0'), card('93.184.216.34')],
    gone: undefined,
  };
  expect(localNetworks(cards)).toEqual({
    hosts: ['192.168.1.77', '192.168.1.78', '10.1.2.3'],
    routers: ['192.168.1.1', '10.1.0.1'],
  });
});

test('eight addresses are used at most', () => {
  const many = Array.from({ length: 9 }, (_, index) => card(`10.0.${index}.2`));
  expect(localNetworks({ many }).hosts).toHaveLength(8);
});

test('those of this computer are read', () => {
  expect(() => localNetworks()).not.toThrow();
});
