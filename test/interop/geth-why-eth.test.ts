/** What `peerchart why` prints about the eth of a go-ethereum full node. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { Chain } from '../../src/io/wire/fork-id.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { scratch } from '../cli/scratch.ts';
import { type PeerProcess, startPeer } from './peer-process.ts';

/** A fork that it does not know. */
const forkAgo = ({ times }: Chain): Partial<Chain> => ({ times: [...times, times.at(-1)! + 60] });

test('a full node accepts our Status', async () => {
  await using geth = await startPeer('full-node');
  const { code, report } = await ask(geth, ['--network', await fileOf(geth)]);
  expect(code).toBe(0);
  expect(report).toMatchObject({
    ...{ isPeer: true, state: 'peer' },
    eth: { protocol: 'eth/72', state: 'active.confirmed', ours: { network: 'chain' } },
    explanation: {
      verdict: expect.stringMatching(/^They are our peer on network 1337 \(chain\): they accept /),
      confidence: 'certain',
    },
  });
  expect(report.eth!.theirs).toEqual(report.eth!.ours);
});

test.each([
  ['wrongNetwork', () => ({ networkId: 4242 }), /^They are on another network: theirs is 1337, /],
  ['wrongGenesis', () => ({ genesisHash: 'ab'.repeat(32) }), /another genesis block/],
  ['forkIdStale', forkAgo, /^Their fork id is too old: /],
  ['forkIdIncompatible', () => ({ times: [] }), /^Their fork id is too new, or of another branch/],
] satisfies [string, (theirs: Chain) => Partial<Chain>, RegExp][])(
  'the verdict is certain for %s',
  async (reason, change, verdict) => {
    await using geth = await startPeer('full-node');
    const file = await fileOf(geth, change(geth.started.chain!));
    const { code, report } = await ask(geth, ['--network', file]);
    expect(code).toBe(1);
    expect(report.eth!.state).toBe(`rejected.${reason}`);
    expect(report.explanation).toMatchObject({
      verdict: expect.stringMatching(verdict),
      confidence: 'certain',
    });
  },
);

test('without --network, our Status is of the chain that theirs names; its forks we do not know', async () => {
  await using geth = await startPeer('full-node');
  const { report } = await ask(geth, []);
  expect(report).toMatchObject({
    eth: {
      state: 'rejected.forkIdIncompatible',
      ours: { networkId: '1337', genesis: geth.started.chain!.genesisHash },
    },
    explanation: {
      verdict: expect.stringMatching(/^Their fork id is too new/),
      remedy: expect.stringMatching(/as a file with --network\.$/),
    },
  });
});

test('it waits 5 s for a Status that does not come', async () => {
  await using geth = await startPeer('full-node');
  const { report } = await ask(geth, ['--offer', 'eth/69', '--stay', '9']);
  expect(report).toMatchObject({
    state: 'ending.refused.readTimeout',
    explanation: { verdict: 'They waited 5 s for our eth Status, and we sent none.' },
  });
});

test('a go-ethereum that sends no Status for 5 s', async () => {
  await using geth = await startPeer('geth', ['--protocols', 'eth/69/18']);
  const { report } = await ask(geth, ['--network', 'hoodi']);
  expect(report).toMatchObject({
    eth: { theirs: null, state: 'rejected.statusTimeout' },
    explanation: { verdict: 'Their Status did not come within 5 s.', confidence: 'likely' },
  });
});

/** Its chain as a file for `--network`, with other facts where they are given. */
async function fileOf({ started }: PeerProcess, other: Partial<Chain> = {}): Promise<string> {
  const { networkId, genesisHash, genesisTime, blocks, times } = started.chain!;
  const chain = { networkId, genesisHash, genesisTime, blocks, times, ...other };
  const path = join(await scratch(), 'chain.json');
  await writeFile(path, JSON.stringify(chain));
  return path;
}

async function ask({ started }: PeerProcess, words: readonly string[]) {
  const terminal = new FakeTerminal();
  const code = await runProgram(['why', started.enode!, '--json', ...words], terminal);
  return { code, report: await terminal.report('why') };
}
