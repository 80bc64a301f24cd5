import { expect, test } from 'vitest';

import { runProgram } from '../../src/cli/program.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import { keyOf } from '../support/world.ts';
import { FakeTerminal } from './fake-terminal.ts';

const enode = `enode://${publicKeyHex(keyOf(3).publicKey)}`;

async function run(...args: string[]) {
  const terminal = new FakeTerminal();
  const code = await runProgram(['discv5', ...args], terminal);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, terminal };
}

test.for([
  ['a host name cannot be pinged', ['ping', `${enode}@node.example:1`], /IP address and a UDP/],
  ['a lookup needs a beginning', ['lookup'], /name them with --bootnodes/],
  ['only nodes are resolved', ['resolve', 'nonsense'], /./],
  ['a message has a protocol', ['talk', `${enode}@127.0.0.1:9`], /protocol/],
] as const)('a wrong argument is one line: %s', async ([, args, expected]) => {
  const { code, terminal } = await run(...args);
  expect(code).toBe(1);
  expect(terminal.errors).toMatch(expected);
  expect(terminal.errors.split('\n')).toHaveLength(2);
});

test('a node that does not answer gives the exit code 1', async () => {
  const to = `${enode}@127.0.0.1:9`;
  const { code, terminal } = await run('ping', to, '--timeout', '0.1', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(terminal.output)).toMatchObject({ type: 'discv5.noPong', why: 'timedOut' });
});
