/** The eth protocol with a go-ethereum full node: which session begins, which ends and why, on both sides. */
import { expect, test } from 'vitest';

import type { Protocol } from '../../src/api/protocol.ts';
import { startServer } from './our-server.ts';
import { startPeer } from './peer-process.ts';

test('a full node disconnects a peer that sends no Status within 5 s, with read timeout', async () => {
  await using geth = await startPeer('full-node');
  await using ours = await startServer({ protocols: [silentEth] });
  ours.server.addPeer(geth.started.enode!);
  expect(await ours.events.next('drop')).toMatchObject({ state: 'ending.refused.readTimeout' });
  expect(await geth.next('ethRejected')).toMatchObject({ error: 'read timeout' });
});

/** eth/69 that reads and says nothing. */
const silentEth: Protocol = {
  name: 'eth',
  version: 69,
  length: 18,
  async run(_peer, port) {
    for await (const _message of port);
  },
};
