import { describe, expect, test } from 'vitest';

import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { keyOf } from '../support/world.ts';
import { tryOut } from './try-out.ts';

const enode = `enode://${publicKeyHex(keyOf(3).publicKey)}`;

describe.for(['discv4', 'discv5'])('%s', (name) => {
  test.for([
    ['a host name cannot be pinged', ['ping', `${enode}@node.example:1`], /IP address and a UDP/],
    ['nor a node without UDP port', ['ping', `${enode}@192.0.2.1:1?discport=0`], /a UDP port/],
    ['a lookup needs a beginning', ['lookup'], /name them with --bootnodes/],
    ['only nodes are resolved', ['resolve', 'nonsense'], /./],
  ] as const)('a wrong argument is one line: %s', async ([, args, expected]) => {
    const { code, errors } = await tryOut([name, ...args]);
    expect(code).toBe(1);
    expect(errors).toMatch(expected);
    expect(errors.split('\n')).toHaveLength(2);
  });

  test('a node that does not answer gives the exit code 1', async () => {
    const to = `${enode}@127.0.0.1:9`;
    const { code, output } = await tryOut([name, 'ping', to, '--timeout', '0.1', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ type: `${name}.noPong`, why: 'timedOut' });
  });
});

test.for([
  ['discv4 crawl /nowhere/file', /name them with --bootnodes/],
  ['discv4 crawl x --nodes 0', /whole number from 1 to 100000/],
  [`discv5 talk ${enode}@127.0.0.1:9`, /protocol/],
] as const)('%s is answered with one line', async ([line, expected]) => {
  const { code, errors } = await tryOut(line.split(' '));
  expect(code).toBe(1);
  expect(errors).toMatch(expected);
  expect(errors.split('\n')).toHaveLength(2);
});
