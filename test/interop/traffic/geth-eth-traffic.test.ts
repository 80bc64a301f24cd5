/** Ten minutes of eth with a go-ethereum full node. The time is real: pings, timeouts and limits of both sides are as they are. */
import { expect, test } from 'vitest';

import { chainOf, startEth } from '../our-eth.ts';
import { gethPeers, startPeer } from '../peer-process.ts';

/** Time that the session must last, in ms. */
const TRAFFIC_MS = Number(process.env['TRAFFIC_MS'] ?? 600_000);

/** What the end of the traffic may take, in ms; the machine may be busy. */
const GRACE_MS = 60_000;

test('a full node keeps us for ten minutes of transactions and announced blocks, and none is lost', async () => {
  await using geth = await startPeer('full-node', ['--require-block']);
  await using ours = await startEth(chainOf(geth));
  const hashes = new Set<string>();
  const ranges: bigint[] = [];
  const reading = new AbortController();
  const transactions = ours.observer.transactions(reading);
  const blockRanges = ours.observer.blockRanges(reading);
  const readTransactions = each(transactions, ({ hash }) => hashes.add(hash));
  const readRanges = each(blockRanges, ({ latest }) => ranges.push(latest));
  ours.server.addPeer(geth.started.enode!);
  await geth.next('ethAccepted');

  geth.send({ cmd: 'traffic', ms: TRAFFIC_MS });
  const ended = await geth.next('trafficEnded', () => true, TRAFFIC_MS + GRACE_MS);
  geth.send({ cmd: 'submit', count: 1, size: 0 });
  const {
    hashes: [last],
  } = await geth.next('submitted', ({ hashes }) => hashes.length === 1);
  await expect.poll(() => hashes.has(last!.slice(2)), { timeout: GRACE_MS }).toBe(true);

  await expect.poll(() => hashes.size, { timeout: GRACE_MS }).toBe(ended.transactions + 1);
  expect(ranges).toHaveLength(1 + ended.announcements); // the first is that of their Status
  expect(ended.announcements).toBeGreaterThanOrEqual(Math.floor(TRAFFIC_MS / 4_000));
  expect((await gethPeers(geth))[0]!.protocols).toMatchObject({ eth: { version: 72 } });
  expect(ours.states).toEqual(['awaitingStatus', 'active.unconfirmed', 'active.confirmed']);
  expect(ours.events.untaken.map(({ type }) => type)).not.toContain('drop');

  reading.abort();
  await Promise.all([readTransactions, readRanges]);
});

async function each<T>(feed: AsyncIterable<T>, take: (item: T) => unknown): Promise<void> {
  for await (const item of feed) take(item);
}
