/** The eth protocol with a go-ethereum full node: which session begins, which ends and why, on both sides. */
import { expect, test } from 'vitest';

import type { Protocol } from '../../src/api/protocol.ts';
import type { Chain } from '../../src/io/wire/fork-id.ts';
import { chainOf, startEth } from './our-eth.ts';
import { startServer } from './our-server.ts';
import { gethPeers, startPeer } from './peer-process.ts';

test.each([69, 70, 71, 72] as const)(
  'a full node accepts us with eth/%i, and our answer that we have no blocks',
  async (version) => {
    await using geth = await startPeer('full-node', ['--require-block']);
    await using ours = await startEth(chainOf(geth), [version]);
    ours.server.addPeer(geth.started.enode!);
    await geth.next('ethAccepted');
    await ours.reached('active.confirmed');

    expect((await gethPeers(geth))[0]!.protocols).toMatchObject({ eth: { version } });
    const [session] = ours.observer.sessions.values();
    expect(session).toMatchObject({ version });
  },
);

const forkAgo = ({ times }: Chain): Partial<Chain> => ({ times: [...times, times.at(-1)! + 60] });

test.each([
  ['wrongNetwork', () => ({ networkId: 4242 }), /^network ID mismatch: 4242 \(!= 1337\)$/],
  ['wrongGenesis', () => ({ genesisHash: 'ab'.repeat(32) }), /^genesis mismatch: (ab){32} /],
  ['forkIdIncompatible', () => ({ times: [] }), /^fork ID rejected: remote needs update$/],
  ['forkIdStale', forkAgo, /^fork ID rejected: local incompatible or needs update$/],
] satisfies [string, (theirs: Chain) => Partial<Chain>, RegExp][])(
  'the session ends in rejected.%s, and the full node says the same in its words',
  async (reason, change, theirWords) => {
    await using geth = await startPeer('full-node');
    await using ours = await startEth(chainOf(geth, change(chainOf(geth))));
    ours.server.addPeer(geth.started.enode!);
    expect(await geth.next('ethRejected')).toMatchObject({
      error: expect.stringMatching(theirWords),
    });
    await ours.reached(`rejected.${reason}`);
    expect(await ours.events.next('drop')).toMatchObject({
      state: expect.stringMatching(/^ending\.(rejected|refused)\.subprotocolError$/),
    });
  },
);

test('a full node disconnects a peer that sends no Status within 5 s, with read timeout', async () => {
  await using geth = await startPeer('full-node');
  await using ours = await startServer({ protocols: [silentEth] });
  ours.server.addPeer(geth.started.enode!);
  expect(await ours.events.next('drop')).toMatchObject({ state: 'ending.refused.readTimeout' });
  expect(await geth.next('ethRejected')).toMatchObject({ error: 'read timeout' });
});

test('a go-ethereum that sends no Status within 5 s is disconnected with read timeout', async () => {
  await using geth = await startPeer('geth', ['--protocols', 'eth/69/18']);
  await using ours = await startEth(SOME_CHAIN);
  ours.server.addPeer(geth.started.enode!);
  await ours.reached('rejected.statusTimeout');
  expect(await geth.next('drop')).toMatchObject({ error: 'read timeout', code: 0x0b });
});

const SOME_CHAIN: Chain = {
  networkId: 1337,
  genesisHash: 'ab'.repeat(32),
  genesisTime: 0,
  blocks: [],
  times: [],
};

/** eth/69 that reads and says nothing. */
const silentEth: Protocol = {
  name: 'eth',
  version: 69,
  length: 18,
  async run(_peer, port) {
    for await (const _message of port);
  },
};
