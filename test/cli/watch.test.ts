import { describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { encodeEth } from '../../src/io/wire/eth-message.ts';
import { NETWORKS } from '../../src/protocols/networks.ts';
import { MemoryNetwork } from '../support/memory-network.ts';
import { enodeOf, World } from '../support/world.ts';
import { answerOf, type Cause, NOW_MS } from './asking-why.ts';
import { ethGuest, statusOn } from './eth-guest.ts';
import { FakeTerminal } from './fake-terminal.ts';

const { hoodi, mainnet } = NETWORKS;
const STATUS = statusOn(hoodi.chain);
const hashOf = (digit: number): string => `${digit}`.repeat(64);
const at = { earliest: 3n, latest: 77n, latestHash: hashOf(7) };

const announcing = (...digits: readonly number[]) =>
  [
    0x08,
    encodeEth(69, {
      type: 'newPooledTransactionHashes',
      announcements: digits.map((digit) => ({ hash: hashOf(digit), type: 2, size: 100 + digit })),
    }),
  ] as const;
const range = [0x11, encodeEth(69, { type: 'blockRangeUpdate', ...at })] as const;

/** Runs `watch` with one node, in a world that has nothing left afterwards. */
async function watching(words: string, cause: Cause, then?: (terminal: FakeTerminal) => void) {
  const world = new World(new MemoryNetwork());
  const act = await cause(world);
  const terminal = new FakeTerminal();
  const { clock, network } = world;
  const ports = { clock, dialer: network.dialer, unixTimeMs: () => NOW_MS };
  const args = ['watch', ...words.split(' '), '--discovery', 'none', '--node', enodeOf(2)];
  const done = runProgram(args, terminal, ports);
  await world.settle();
  await act?.();
  await world.settle();
  then?.(terminal);
  const code = await answerOf(world, done);
  await world.settle();
  await world.end();
  return { code, terminal };
}

const reportsOf = ({ output }: FakeTerminal): readonly object[] =>
  output
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('transactions', () => {
  test('are printed as they are announced, each once, until the number is reached', async () => {
    const cause = ethGuest(STATUS, announcing(1, 2), announcing(2, 3));
    const { code, terminal } = await watching('txs --network hoodi --count 3 --json', cause);
    expect(code).toBe(0);
    expect(reportsOf(terminal)).toMatchObject([
      { type: 'tx', hash: hashOf(1), txType: 2, size: 101 },
      { type: 'tx', hash: hashOf(2) },
      { type: 'tx', hash: hashOf(3) },
      { type: 'watch.ended', what: 'txs', reports: 3, dropped: 0 },
    ]);
  });

  test('are lines for people', async () => {
    const { terminal } = await watching(
      'txs --network hoodi --count 1',
      ethGuest(STATUS, announcing(1)),
    );
    expect(terminal.lines[0]).toMatch(
      new RegExp(`${hashOf(1)} type 2, 101 bytes, from [0-9a-f]{8}$`),
    );
    expect(terminal.lines[1]).toMatch(/ 1 in all$/);
  });
});

test('blocks that a node has are printed', async () => {
  const { terminal } = await watching(
    'blocks --network hoodi --count 2 --json',
    ethGuest(STATUS, range),
  );
  expect(reportsOf(terminal)[0]).toMatchObject({ type: 'range', latest: '0' }); // of its Status
  expect(reportsOf(terminal)[1]).toMatchObject({
    ...{ type: 'range', earliest: '3', latest: '77', latestHash: hashOf(7) },
  });
});

describe('peers', () => {
  test('that accept us are printed, and how they end', async () => {
    const cause = ethGuest(STATUS, range, 'tooManyPeers');
    const { terminal } = await watching('peers --network hoodi --for 9 --json', cause);
    expect(reportsOf(terminal).slice(0, 2)).toMatchObject([
      { type: 'peer', protocol: 'eth/69', networkId: '560048', forkId: '23aa1351/0', latest: '0' },
      { type: 'peer.ended', state: 'refused.laterOn', peer: 'ending.refused.tooManyPeers' },
    ]);
  });

  test('of another chain are printed with why they are rejected', async () => {
    const cause = ethGuest(statusOn(mainnet.chain));
    const { terminal } = await watching('peers --network hoodi --for 9 --json', cause);
    expect(reportsOf(terminal)[0]).toMatchObject({
      ...{ type: 'peer.ended', state: 'rejected.wrongNetwork', peer: null },
    });
  });
});

describe('the end', () => {
  test('comes with the time', async () => {
    const { code, terminal } = await watching(
      'txs --network hoodi --for 30 --json',
      ethGuest(STATUS),
    );
    expect(code).toBe(0);
    expect(reportsOf(terminal)).toMatchObject([{ type: 'watch.ended', reports: 0 }]);
  });

  test('comes with Ctrl-C, and everything is stopped', async () => {
    const { code } = await watching('txs --network hoodi', ethGuest(STATUS), (terminal) =>
      terminal.stop(),
    );
    expect(code).toBe(0);
  });
});

test('without a way to find nodes, and without a node, there is nothing to watch', async () => {
  const terminal = new FakeTerminal();
  const args = ['watch', 'txs', '--network', 'hoodi', '--discovery', 'none'];
  expect(await runProgram(args, terminal)).toBe(1);
  expect(terminal.errors).toMatch(/hoodi has nothing to find nodes with: /);
});
