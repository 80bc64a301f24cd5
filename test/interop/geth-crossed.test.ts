/** go-ethereum and we dial each other at the same moment: exactly one session is left. */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';

import type { Peer } from '../../src/api/peer.ts';
import { type OurServer, startServer } from './our-server.ts';
import { gethPeers, type PeerProcess, startPeer } from './peer-process.ts';

const ROUNDS = 30;

/** Longest time from the dials to the one session, in ms. Redialling would take 35 s. */
const SETTLE_MS = 10_000;

const LOOK_EVERY_MS = 20;

/** Few and small: only to see that messages pass both ways. */
const SERIES = { count: 20, maxSize: 1_000, seed: 5 };

test(`crossed dials, ${ROUNDS} times: one session each, the same on both sides, and it works`, async () => {
  await using geth = await startPeer('geth', ['--maxpeers', '200']);
  const failures: string[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await using ours = await startServer();
    geth.send({ cmd: 'dial', enode: ours.server.self.enode });
    ours.server.addPeer(geth.started.enode!);
    const outcome = await settled(ours, geth);
    if (outcome !== 'one session') failures.push(`round ${round}: ${outcome}`);
    geth.send({ cmd: 'remove', enode: ours.server.self.enode }); // or it would dial one that is gone
  }
  expect(failures).toEqual([]);
});

/** `one session` when both sides have the same one, messages pass over it, and it is still that one; or what there was. */
async function settled(ours: OurServer, geth: PeerProcess): Promise<string> {
  const deadline = performance.now() + SETTLE_MS;
  while (performance.now() < deadline) {
    const peer = await sharedSession(ours, geth);
    const said = peer && (await ours.talk(peer, SERIES).catch(() => null)); // it may give way to another one
    if (said?.mismatches === 0 && (await sharedSession(ours, geth)) === peer) return 'one session';
    await wait(LOOK_EVERY_MS);
  }
  return ours.events.untaken.map((event) => ('state' in event ? event.state : event.type)).join();
}

/** Our only peer, if it is the other end of go-ethereum's only session with us. */
async function sharedSession({ server }: OurServer, geth: PeerProcess): Promise<Peer | null> {
  const sessions = (await gethPeers(geth)).filter(({ id }) => id === server.self.id);
  const [peer, ...others] = server.peers;
  if (!peer || others.length > 0 || sessions.length !== 1) return null;
  const [{ network }] = sessions as [(typeof sessions)[0]];
  return network.localAddress === `127.0.0.1:${peer.remote.port}` ? peer : null;
}
