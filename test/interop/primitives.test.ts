/** peerchart with the set of primitives that `PEERCHART_PRIMITIVES` names, and @ethereumjs/devp2p, in both roles. */
import { expect, test } from 'vitest';

import { defaultSet } from '../../src/io/crypto/primitive-sets.ts';
import { startServer } from './our-server.ts';
import { startPeer } from './peer-process.ts';

const SERIES = { count: 60, maxSize: 64 * 1024, seed: 29 };

test.for(['dialled', 'dialling'] as const)(
  '@ethereumjs/devp2p, %s, agrees on the keys and gets 60 messages each way',
  { timeout: 120_000 },
  async (role) => {
    await using theirs = await startPeer('ethereumjs');
    await using ours = await startServer();
    expect(ours.server.self.primitives).toMatchObject({ set: defaultSet(), missing: [] });
    if (role === 'dialled') ours.server.addPeer(theirs.started.enode!);
    else theirs.send({ cmd: 'dial', enode: ours.server.self.enode });
    const { peer } = await ours.events.next('add');
    expect(peer.id).toBe(theirs.started.id);
    await theirs.next('add');

    theirs.send({ cmd: 'send', ...SERIES });
    const [mine, echoed] = await Promise.all([
      ours.talk(peer, SERIES),
      theirs.next('echoed', undefined, 100_000),
    ]);
    expect(mine).toMatchObject({ count: 60, mismatches: 0 });
    expect(echoed).toEqual({ type: 'echoed', ...mine });
  },
);
