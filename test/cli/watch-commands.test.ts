import { expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { FakeTerminal } from './fake-terminal.ts';

test.for<[readonly string[], RegExp]>([
  [['txs'], /required option '--network <name>' not specified/],
  [['blocks', '--network', 'Sepolia'], /there is no network Sepolia: expected mainnet, sepolia, /],
  [['peers', '--network', 'hoodi', '--count', '0'], /expected a whole number from 1/],
  [['peers', '--network', 'hoodi', '--for', '-1'], /expected seconds, more than 0/],
  [['peers', '--network', 'hoodi', '--maxpeers', '0'], /expected a whole number from 1 to 1000/],
  [['peers', '--network', 'hoodi', '--discovery', 'v6'], /expected v4, v5 and dns/],
  [['txs', '--network', 'hoodi', '--node', 'enode:'], /enode URL expected .* \(--node\)/],
])('%j is refused', async ([words, message]) => {
  const terminal = new FakeTerminal();
  expect(await runProgram(['watch', ...words], terminal)).toBe(1);
  expect(terminal.errors).toMatch(message);
  expect(terminal.output).toBe('');
});

test('each thing to watch is named with its options', async () => {
  const terminal = new FakeTerminal();
  expect(await runProgram(['watch', 'txs', '--help'], terminal)).toBe(0);
  for (const option of ['--network', '--node', '--for', '--count', '--json'])
    expect(terminal.output).toContain(option);
});
