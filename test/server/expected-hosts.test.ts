import { expect, test } from 'vitest';
import { ExpectedHosts } from '../../src/server/expected-hosts.ts';

const node = (id: string, host: string) => ({ id, host });

test('the addresses of trusted and static nodes are expected, and no others', () => {
  const hosts = new ExpectedHosts({
    trusted: [node('a', '192.0.2.1')],
    static: [node('b', '2001:db8::1')],
  });
  for (const host of ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8:0::1'])
    expect(hosts.has(host)).toBe(true);
  for (const host of ['192.0.2.2', '2001:db8::2', 'node.example', ''])
    expect(hosts.has(host)).toBe(false);
});

test('a node with a name has no address that is expected', () => {
  const hosts = new ExpectedHosts({ trusted: [node('a', 'node.example')], static: [] });
  expect(hosts.has('node.example')).toBe(false);
  hosts.add('trusted', node('a', '192.0.2.1'));
  hosts.add('trusted', node('a', 'node.example'));
  expect(hosts.has('192.0.2.1')).toBe(false);
});

test('an address is expected as long as one role of one node has it', () => {
  const hosts = new ExpectedHosts({ trusted: [], static: [] });
  hosts.add('trusted', node('a', '192.0.2.1'));
  hosts.add('static', node('a', '192.0.2.1'));
  hosts.remove('static', 'a');
  expect(hosts.has('192.0.2.1')).toBe(true);
  hosts.remove('trusted', 'a');
  expect(hosts.has('192.0.2.1')).toBe(false);
});
