/** Transactions of a go-ethereum full node, as they are announced, retrieved and sent unasked. */
import { expect, test } from 'vitest';

import { chainOf, type OurEth, startEth } from './our-eth.ts';
import { type PeerProcess, startPeer } from './peer-process.ts';

/** With more bytes go-ethereum only announces a transaction. Source: eth/handler.go, `txMaxBroadcastSize`. */
const MAX_SENT_UNASKED = 4_096;

test('1,000 transactions of a full node arrive by announcement, all of them', async () => {
  await using geth = await startPeer('full-node');
  const submitted = [
    ...(await submit(geth, 700, 0)),
    ...(await submit(geth, 300, MAX_SENT_UNASKED + 1)),
  ];
  await using ours = await startEth(chainOf(geth));
  const hashes = take(ours.observer.txHashes(), submitted.length, hashOf);
  ours.server.addPeer(geth.started.enode!);
  expect(await hashes).toEqual(new Set(submitted));
  await expectStillConnected(geth, ours);
});

test('transactions that are sent unasked, and large ones that are announced, arrive while we are connected', async () => {
  await using geth = await startPeer('full-node');
  await using ours = await startEth(chainOf(geth));
  const hashes = take(ours.observer.txHashes(), 200, hashOf);
  ours.server.addPeer(geth.started.enode!);
  await geth.next('ethAccepted');
  const submitted: string[] = [];
  for (let round = 0; round < 10; round += 1) {
    submitted.push(...(await submit(geth, 10, 100)));
    submitted.push(...(await submit(geth, 10, MAX_SENT_UNASKED + 1)));
  }
  expect(await hashes).toEqual(new Set(submitted));
  await expectStillConnected(geth, ours);
});

async function submit(geth: PeerProcess, count: number, size: number): Promise<readonly string[]> {
  geth.send({ cmd: 'submit', count, size });
  return submittedHashes(geth);
}

async function submittedHashes(geth: PeerProcess, withinMs?: number) {
  const { hashes } = await geth.next('submitted', () => true, withinMs);
  return hashes.map((hash) => hash.slice(2));
}

const hashOf = ({ hash }: { readonly hash: string }): string => hash;

/** Ends when so many different ones have come. */
async function take<T>(
  feed: AsyncIterable<T>,
  count: number,
  keyOf: (item: T) => string,
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const item of feed) {
    keys.add(keyOf(item));
    if (keys.size === count) break;
  }
  return keys;
}

/** A message of theirs that comes now shows that they handled all of ours. */
async function expectStillConnected(geth: PeerProcess, ours: OurEth): Promise<void> {
  const next = take(ours.observer.txHashes(), 1, hashOf);
  const [hash] = await submit(geth, 1, 0);
  expect(await next).toEqual(new Set([hash]));
  expect(ours.states.at(-1)).toMatch(/^active\./);
}
