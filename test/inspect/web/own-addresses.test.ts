import { expect, test } from 'vitest';

import { ownAddresses } from '../../../src/inspect/web/own-addresses.ts';

const info = (address: string, internal: boolean) => ({
  ...{ address, internal, netmask: '', mac: '', cidr: null },
  ...(address.includes(':')
    ? ({ family: 'IPv6', scopeid: 0 } as const)
    : ({ family: 'IPv4' } as const)),
});
const interfaces = () => ({
  lo: [info('127.0.0.1', true), info('::1', true)],
  eth0: [info('192.0.2.7', false), info('fe80::1', false), info('2001:db8::7', false)],
  gone: undefined,
});

test.for(['127.0.0.1', '::1', 'localhost', '192.0.2.7'])('%s is itself', (host, { expect }) => {
  expect(ownAddresses(host, interfaces)).toEqual([host]);
});

test('every address is each of them, reachable ones first', () => {
  expect(ownAddresses('0.0.0.0', interfaces)).toEqual(['192.0.2.7', '127.0.0.1']);
  expect(ownAddresses('::', interfaces)).toEqual(['192.0.2.7', '2001:db8::7', '127.0.0.1', '::1']);
});

test('a machine without interfaces has its loopback address', () => {
  expect(ownAddresses('0.0.0.0', () => ({}))).toEqual(['127.0.0.1']);
});

test('the addresses of this machine are looked up', () => {
  expect(ownAddresses('0.0.0.0')).toContain('127.0.0.1');
});
