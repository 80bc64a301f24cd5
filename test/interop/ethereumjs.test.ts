/** peerchart and @ethereumjs/devp2p, in both directions. */
import { describe, expect, test } from 'vitest';

import { startServer } from './our-server.ts';
import { startPeer } from './peer-process.ts';

const SERIES = { count: 1_000, maxSize: 1024 * 1024, seed: 23 };

/** Its frames are slow: about a minute for a series each way. */
const PATIENCE_MS = 600_000;

describe('@ethereumjs/devp2p', () => {
  test('is dialled: 1,000 messages of 0 B to 1 MiB each way come back equal, then it leaves with a reason', {
    timeout: PATIENCE_MS,
  }, async () => {
    await using theirs = await startPeer('ethereumjs');
    await using ours = await startServer();
    ours.server.addPeer(theirs.started.enode!);
    const { peer } = await ours.events.next('add');
    expect(peer).toMatchObject({ id: theirs.started.id, protocols: ['echo/1'] });
    await theirs.next('add');

    theirs.send({ cmd: 'send', ...SERIES });
    const [mine, echoed] = await Promise.all([
      ours.talk(peer, SERIES),
      theirs.next('echoed', undefined, PATIENCE_MS),
    ]);
    expect(mine).toMatchObject({ count: 1_000, mismatches: 0 });
    expect(echoed).toEqual({ type: 'echoed', ...mine });

    // it never compresses a Disconnect, and sends a bare byte
    theirs.send({ cmd: 'disconnect', reason: 0x03 });
    expect(await ours.events.next('drop')).toMatchObject({
      outcome: 'refused',
      state: 'ending.refused.uselessPeer',
      facts: { code: 3 },
    });
  });

  test('dials: the same messages, then we leave with a reason', {
    timeout: PATIENCE_MS,
  }, async () => {
    await using theirs = await startPeer('ethereumjs');
    await using ours = await startServer();
    theirs.send({ cmd: 'dial', enode: ours.server.self.enode });
    const { peer } = await ours.events.next('add');
    expect(peer).toMatchObject({ id: theirs.started.id, direction: 'inbound' });
    await theirs.next('add');

    theirs.send({ cmd: 'send', ...SERIES });
    const [mine, echoed] = await Promise.all([
      ours.talk(peer, SERIES),
      theirs.next('echoed', undefined, PATIENCE_MS),
    ]);
    expect(mine).toMatchObject({ count: 1_000, mismatches: 0 });
    expect(echoed).toEqual({ type: 'echoed', ...mine });

    peer.disconnect('tooManyPeers');
    expect(await theirs.next('drop')).toMatchObject({ code: 4, by: 'them' });
    expect(await ours.events.next('drop')).toMatchObject({ state: 'ending.rejected.tooManyPeers' });
  });

  test('is rejected without room', async () => {
    await using theirs = await startPeer('ethereumjs');
    await using ours = await startServer({ maxPeers: 0 });
    theirs.send({ cmd: 'dial', enode: ours.server.self.enode });
    expect(await theirs.next('refused')).toMatchObject({ code: 4, by: 'them' });
    expect(await ours.events.next('ended')).toMatchObject({ state: 'rejected.tooManyPeers' });
  });
});
