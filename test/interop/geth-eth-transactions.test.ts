/** Transactions of a go-ethereum full node, as they are announced, retrieved and sent unasked. */
import { expect, test } from 'vitest';

import { countedOf, scrape } from '../support/metrics.ts';
import { chainOf, type OurEth, startEth } from './our-eth.ts';
import { type PeerProcess, startPeer } from './peer-process.ts';

/** With more bytes go-ethereum only announces a transaction. Source: eth/handler.go, `txMaxBroadcastSize`. */
const MAX_SENT_UNASKED = 4_096;

test('1,000 transactions of a full node arrive, all of them by announcement and by retrieval', async () => {
  await using geth = await startPeer('full-node');
  const submitted = [
    ...(await submit(geth, 700, 0)),
    ...(await submit(geth, 300, MAX_SENT_UNASKED + 1)), // more than fit into one answer of 2 MiB
  ];
  await using ours = await startEth(chainOf(geth));
  const hashes = take(ours.observer.txHashes(), submitted.length, hashOf);
  const transactions = take(ours.observer.transactions(), submitted.length, hashOf);
  ours.server.addPeer(geth.started.enode!);

  expect(await hashes).toEqual(new Set(submitted));
  expect(await transactions).toEqual(new Set(submitted));
  await expectRequestsCounted(ours);
  await expectStillConnected(geth, ours);
});

test('transactions that are sent unasked, and large ones that are announced, arrive while we are connected', async () => {
  await using geth = await startPeer('full-node');
  await using ours = await startEth(chainOf(geth));
  const transactions = take(ours.observer.transactions(), 200, hashOf);
  ours.server.addPeer(geth.started.enode!);
  await geth.next('ethAccepted');
  const submitted: string[] = [];
  for (let round = 0; round < 10; round += 1) {
    submitted.push(...(await submit(geth, 10, 100)));
    submitted.push(...(await submit(geth, 10, MAX_SENT_UNASKED + 1)));
  }
  expect(await transactions).toEqual(new Set(submitted));
  await expectStillConnected(geth, ours);
});

test('a transaction with a blob is retrieved, with eth/71 and, without the blob, with eth/72', async () => {
  await using geth = await startPeer('full-node');
  await using before = await startEth(chainOf(geth), [71]);
  await using since = await startEth(chainOf(geth), [72]);
  const taken = [before, since].map(({ observer }) => take(observer.transactions(), 1, hashOf));
  for (const { server } of [before, since]) {
    server.addPeer(geth.started.enode!);
    await geth.next('ethAccepted');
  }
  geth.send({ cmd: 'submitBlobs', count: 1 });
  const submitted = new Set(await submittedHashes(geth, 60_000)); // the proofs take seconds
  for (const hashes of taken) expect(await hashes).toEqual(submitted);
  await expectStillConnected(geth, before);
  await expectStillConnected(geth, since);
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

/** Of the metrics of go-ethereum's request tracker: each request for transactions was answered once, and in time. */
async function expectRequestsCounted({ server, observer }: OurEth): Promise<void> {
  const scraped = await scrape(server.metrics);
  const { version } = [...observer.sessions.values()][0]!;
  const asked = `eth ${version} 0x09`;
  const requests = scraped[`egress_messages ${asked}`]!;
  expect(requests).toBeGreaterThanOrEqual(4); // of 256 hashes each
  expect(scraped).toMatchObject({
    [`ingress_messages eth ${version} 0x0a`]: requests,
    [`request_wait_seconds ${asked}`]: requests,
    [`requests_tracked ${asked}`]: 0,
  });
  expect(countedOf(scraped, 'requests_lost')).toEqual({});
  expect(countedOf(scraped, 'answers_stale')).toEqual({});
}

/** A message of theirs that comes now shows that they handled all of ours. */
async function expectStillConnected(geth: PeerProcess, ours: OurEth): Promise<void> {
  const feed = ours.observer.txHashes();
  const [last] = await submit(geth, 1, 0);
  for await (const { hash } of feed) if (hash === last) break; // others may be on their way
  expect(ours.states.at(-1)).toMatch(/^active\./);
}
