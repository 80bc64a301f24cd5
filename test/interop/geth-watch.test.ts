/** `peerchart watch` with a go-ethereum full node. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { WatchReport } from '../../src/cli/watch-report.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { scratch } from '../cli/scratch.ts';
import { type PeerProcess, startPeer } from './peer-process.ts';

const COUNT = 20;

test('prints the transactions that a full node announces, and the node itself', async () => {
  await using geth = await startPeer('full-node');
  const transactions = await begin(geth, 'txs', '--count', `${COUNT}`);
  const peers = await begin(geth, 'peers', '--count', '1');
  await geth.next('ethAccepted');
  await geth.next('ethAccepted');
  geth.send({ cmd: 'submit', count: COUNT, size: 10 });
  const { hashes } = await geth.next('submitted');

  expect(await transactions.code).toBe(0);
  const seen = reportsOf(transactions.terminal).filter(({ type }) => type === 'tx');
  expect(seen.map((report) => `0x${(report as { readonly hash: string }).hash}`).sort()).toEqual(
    [...hashes].sort(),
  );
  expect(await peers.code).toBe(0);
  expect(reportsOf(peers.terminal)[0]).toMatchObject({
    ...{ type: 'peer', protocol: 'eth/72', networkId: `${geth.started.chain!.networkId}` },
  });
});

async function begin({ started }: PeerProcess, ...words: readonly string[]) {
  const { networkId, genesisHash, genesisTime, blocks, times } = started.chain!;
  const path = join(await scratch(), 'chain.json');
  await writeFile(path, JSON.stringify({ networkId, genesisHash, genesisTime, blocks, times }));
  const terminal = new FakeTerminal();
  const where = ['--network', path, '--discovery', 'none', '--node', started.enode!];
  return { terminal, code: runProgram(['watch', ...words, ...where, '--json'], terminal) };
}

const reportsOf = ({ lines }: FakeTerminal): readonly WatchReport[] =>
  lines.map((line) => JSON.parse(line) as WatchReport);
