import { expect, test } from 'vitest';
import {
  interleaved,
  isLoopbackName,
  namesToTry,
  parseHosts,
} from '../../../src/io/adapters/host-names.ts';

test('a hosts file names every address of a name, whatever its case', () => {
  const text =
    '# 10.0.0.1 node\n127.0.0.1\tlocalhost Node # a comment\r\n::1 node.\nnonsense node\n';
  expect(parseHosts(text, 'NODE.')).toEqual(['127.0.0.1', '::1']);
  expect(parseHosts(text, 'other')).toEqual([]);
});

test('localhost and its subdomains are this machine', () => {
  const names = ['localhost', 'LOCALHOST.', 'a.localhost', 'notlocalhost', 'localhost.example'];
  expect(names.map(isLoopbackName)).toEqual([true, true, true, false, false]);
});

test('search domains are tried as resolv.conf says', () => {
  const file = 'nameserver 192.0.2.1\nsearch a.example b.example.\noptions timeout:1 ndots:2\n';
  expect(namesToTry('node', '')).toEqual(['node']);
  expect(namesToTry('node', file)).toEqual(['node.a.example', 'node.b.example', 'node']);
  expect(namesToTry('x.y.z', file)).toEqual(['x.y.z', 'x.y.z.a.example', 'x.y.z.b.example']);
  expect(namesToTry('node.', file)).toEqual(['node']);
  expect(namesToTry('node', 'search .\n')).toEqual(['node']);
});

test('families take turns, IPv4 first, each address once', () => {
  expect(interleaved(['::1', '::2', '192.0.2.1', '::1'])).toEqual(['192.0.2.1', '::1', '::2']);
  expect(interleaved(['::ffff:192.0.2.1', '::1', '192.0.2.1'])).toEqual(['192.0.2.1', '::1']);
});
