import { describe, expect, test } from 'vitest';

import { parseUrl, readLocation, SEARCHES } from '../../../src/io/nat/ssdp.ts';

const ROUTER = '192.168.1.1';

const answer = (location: string, status = 'HTTP/1.1 200 OK'): Uint8Array =>
  new TextEncoder().encode(`${status}\r\nST: x\r\nLocation: ${location}\r\nUSN: y\r\n\r\n`);

test('both versions of a router are searched for', () => {
  const [one = '', two = ''] = SEARCHES.map((bytes) => new TextDecoder().decode(bytes));
  expect(one).toContain('ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n');
  expect(two).toContain('ST: urn:schemas-upnp-org:device:InternetGatewayDevice:2\r\n');
  expect(one).toMatch(/^M-SEARCH \* HTTP\/1\.1\r\n[\s\S]*\r\n\r\n$/);
});

describe('K21: the place of a description', () => {
  test.for([
    ['http://192.168.1.1:5000/root.xml', ROUTER],
    ['http://192.168.1.254/x?y', ROUTER],
    ['http://127.0.0.1:8080/', '127.0.0.1'],
  ] as const)('%s is followed', ([location, from]) => {
    expect(readLocation(answer(location), from)?.href).toBe(location);
  });

  test.for([
    ['of another network', 'http://192.168.2.1/', ROUTER],
    ['of the internet', 'http://93.184.216.34/', ROUTER],
    ['of this computer', 'http://127.0.0.1:8080/', ROUTER],
    ['that is a name', 'http://router.example/', ROUTER],
    ['that is IPv6', 'http://[::1]/', ROUTER],
    ['of another protocol', 'https://192.168.1.1/', ROUTER],
    ['in a file', 'file:///etc/passwd', ROUTER],
    ['with a user name', 'http://root@192.168.1.1/', ROUTER],
    ['with a password', 'http://:x@192.168.1.1/', ROUTER],
    ['that is none', 'root.xml', ROUTER],
    ['from outside of the LAN', 'http://93.184.216.34/', '93.184.216.34'],
    ['from an IPv6 address', 'http://192.168.1.1/', 'fe80::1'],
    ['written as one number', 'http://3232235777/', '10.0.0.1'],
  ] as const)('%s is not followed', ([, location, from]) => {
    expect(readLocation(answer(location), from)).toBeNull();
  });

  test('in an answer that is none, has none or is too long is not followed', () => {
    const location = 'http://192.168.1.1/';
    expect(readLocation(answer(location, 'NOTIFY * HTTP/1.1'), ROUTER)).toBeNull();
    expect(readLocation(answer(location, 'HTTP/1.1 404 No'), ROUTER)).toBeNull();
    expect(readLocation(new TextEncoder().encode('HTTP/1.1 200 OK\r\n\r\n'), ROUTER)).toBeNull();
    expect(readLocation(new Uint8Array(), ROUTER)).toBeNull();
    expect(readLocation(answer(`${location}${'a'.repeat(4_096)}`), ROUTER)).toBeNull();
  });
});

test('a URL may stand relative to another one', () => {
  expect(parseUrl('/b', new URL('http://192.168.1.1/a'))?.href).toBe('http://192.168.1.1/b');
  expect(parseUrl('/b')).toBeNull();
});
