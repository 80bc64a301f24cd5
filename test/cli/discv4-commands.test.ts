import { describe, expect, test } from 'vitest';

import { runProgram } from '../../src/cli/program.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { keyOf } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';

const enode = `enode://${publicKeyHex(keyOf(3).publicKey)}`;

async function failure(...args: string[]): Promise<string> {
  const terminal = new FakeTerminal();
  expect(await runProgram(['discv4', ...args], terminal)).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  return terminal.errors;
}

describe('a wrong argument is one line:', () => {
  test.for([
    [
      'a host name cannot be pinged',
      ['ping', `${enode}@node.example:1`],
      /IP address and a UDP port/,
    ],
    [
      'a node without a UDP port neither',
      ['ping', `${enode}@192.0.2.1:1?discport=0`],
      /a UDP port/,
    ],
    ['a lookup needs a beginning', ['lookup'], /name them with --bootnodes/],
    ['a crawl too', ['crawl', '/nowhere/file'], /name them with --bootnodes/],
    [
      'a crawl has at least one node',
      ['crawl', 'x', '--nodes', '0'],
      /whole number from 1 to 100000/,
    ],
    ['only nodes are resolved', ['resolve', 'nonsense'], /./],
  ] as const)('%s', async ([, args, expected]) => {
    const errors = await failure(...args);
    expect(errors).toMatch(expected);
    expect(errors.split('\n')).toHaveLength(2);
  });
});

test('a node that does not answer gives the exit code 1', async () => {
  const terminal = new FakeTerminal();
  const args = ['discv4', 'ping', `${enode}@127.0.0.1:9`, '--timeout', '0.1', '--json'];
  expect(await runProgram(args, terminal)).toBe(1);
  expect(JSON.parse(terminal.output)).toMatchObject({ type: 'discv4.noPong', why: 'timedOut' });
});
