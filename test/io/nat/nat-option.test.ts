import { describe, expect, test } from 'vitest';

import { type NatMechanism, parseNat } from '../../../src/io/nat/nat-option.ts';

describe('the option', () => {
  test.for<readonly [string, NatMechanism]>([
    ['', { kind: 'none' }],
    ['none', { kind: 'none' }],
    ['off', { kind: 'none' }],
    ['any', { kind: 'any' }],
    ['AUTO', { kind: 'any' }],
    ['on', { kind: 'any' }],
    ['UPnP', { kind: 'upnp' }],
    ['pmp', { kind: 'pmp', router: null }],
    ['NAT-PMP:192.168.1.1', { kind: 'pmp', router: '192.168.1.1' }],
    ['natpmp:10.0.0.1', { kind: 'pmp', router: '10.0.0.1' }],
    ['extip:93.184.216.34', { kind: 'extip', host: '93.184.216.34' }],
    ['ip:2001:db8::1', { kind: 'extip', host: '2001:db8::1' }],
    ['extip:[2001:db8::1]', { kind: 'extip', host: '2001:db8::1' }],
    ['extip:::ffff:93.184.216.34', { kind: 'extip', host: '93.184.216.34' }],
    ['stun', { kind: 'stun', server: null }],
    ['stun:stun.example', { kind: 'stun', server: { host: 'stun.example', port: 3_478 } }],
    ['STUN:192.0.2.1:19302', { kind: 'stun', server: { host: '192.0.2.1', port: 19_302 } }],
    ['stun:[2001:db8::1]:1', { kind: 'stun', server: { host: '2001:db8::1', port: 1 } }],
  ])('"%s" is read', ([text, expected]) => {
    expect(parseNat(text)).toEqual(expected);
  });

  test.for([
    ['natpm', /expected one of none, any, upnp, .*; got "natpm"/],
    ['any:192.168.1.1', /expected nothing after "any"/],
    ['none:', /expected nothing after "none"/],
    ['upnp:192.168.1.1', /expected nothing after "upnp"/],
    ['extip', /expected an address after "extip:"; got "extip"/],
    ['extip:', /expected the IP address of one host/],
    ['extip:example.org', /expected the IP address of one host/],
    ['extip:0.0.0.0', /expected the IP address of one host/],
    ['pmp:router', /expected the IP address of one host/],
    ['stun:', /expected a STUN server as <host>:<port>/],
    ['stun:host:0', /expected a STUN server/],
    ['stun:host:65536', /expected a STUN server/],
    ['stun:2001:db8::1', /expected a STUN server/],
    ['constructor', /expected one of/],
  ] as const)('"%s" is refused with what is wrong', ([text, expected]) => {
    expect(() => parseNat(text)).toThrow(expected);
  });
});
