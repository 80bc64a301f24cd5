/** go-ethereum as a static and as a trusted peer, there and here. */
import { describe, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import { formatEnode } from '../../src/io/crypto/enode.ts';
import { createNodeKey } from '../../src/io/crypto/node-key.ts';
import { REDIAL_DELAY_MS } from '../../src/machines/dialing/dial-scheduler.ts';
import { StepClock } from '../support/step-clock.ts';
import { type OurServer, startServer } from './our-server.ts';
import { gethPeers, type PeerProcess, startPeer } from './peer-process.ts';

/** Room for one peer, and that one may be inbound. */
const ONE_GUEST = { maxPeers: 1, noDial: true } as const;

/** Keys of callers, so that they can be trusted before they connect. */
const SOME_KEY = 'a1'.repeat(32);
const OTHER_KEY = 'a2'.repeat(32);

describe('go-ethereum as a static node of ours', () => {
  test('is redialled exactly 35 s after the last dial when it drops, not at all once removed, at once when added again', async () => {
    await using geth = await startPeer('geth');
    const { clock, dials, options } = onVirtualTime();
    await using ours = await startServer(options);
    const { server, events } = ours;
    const enode = geth.started.enode!;
    /** No timer of ours fires before the last millisecond: what is dialled is dialled in that very call. */
    const expectDialAfter = (ms: number): void => {
      const before = dials();
      clock.advance(ms - 1);
      expect(dials() - before).toBe(0);
      clock.advance(1);
      expect(dials() - before).toBe(1);
    };
    server.addPeer(enode);
    expect((await events.next('add')).peer).toMatchObject({ direction: 'static' });

    geth.send({ cmd: 'disconnect', reason: 0x04 });
    expect(await events.next('drop')).toMatchObject({ state: 'ending.refused.tooManyPeers' });
    expectDialAfter(REDIAL_DELAY_MS);
    await events.next('add');

    clock.advance(10_000); // a drop does not begin the delay, the dial before it did
    await server.removePeer(enode);
    await events.next('drop');
    clock.advance(10 * REDIAL_DELAY_MS);
    expect(dials()).toBe(2);

    server.addPeer(enode); // forgotten with all its history, so there is nothing to wait for
    expect(dials()).toBe(3);
    const { peer } = await events.next('add');
    clock.advance(10_000);
    peer.disconnect('requested');
    await events.next('drop');
    expectDialAfter(REDIAL_DELAY_MS - 10_000);
    await events.next('add');
  });

  test('is gone when removePeer resolves, and reports the reason', async () => {
    await using geth = await startPeer('geth');
    await using ours = await startServer({ staticNodes: [geth.started.enode!] });
    await ours.events.next('add');
    await geth.next('add');

    await ours.server.removePeer(geth.started.enode!);

    expect(ours.server.peers).toEqual([]);
    expect(await geth.next('drop')).toMatchObject({
      peer: ours.server.self.id,
      code: 0,
      error: 'disconnect requested',
    });
    expect(await ours.events.next('drop')).toMatchObject({ state: 'ending.rejected.requested' });
  });
});

describe('we as a static node of go-ethereum', () => {
  test('are an inbound peer here, and removed in either way', async () => {
    await using geth = await startPeer('geth');
    await using ours = await startServer();
    const enode = ours.server.self.enode;
    geth.send({ cmd: 'dial', enode });
    const { peer } = await ours.events.next('add');
    expect(peer).toMatchObject({ direction: 'inbound', id: geth.started.id });
    await geth.next('add');
    expect(await networkOf(geth)).toMatchObject([{ static: true, inbound: false, trusted: false }]);

    geth.send({ cmd: 'remove', enode });
    expect(await ours.events.next('drop')).toMatchObject({
      ...{ outcome: 'refused', state: 'ending.refused.requested', facts: { code: 0 } },
    });
    expect(await geth.next('drop')).toMatchObject({ code: 0 });
  });

  test('disconnect it by removePeer, although it is no static node of ours', async () => {
    await using geth = await startPeer('geth');
    await using ours = await startServer();
    geth.send({ cmd: 'dial', enode: ours.server.self.enode });
    await ours.events.next('add');
    await geth.next('add');

    await ours.server.removePeer(geth.started.enode!);

    expect(ours.server.peers).toEqual([]);
    expect(await geth.next('drop')).toMatchObject({ code: 0 });
  });
});

describe('when we are full', () => {
  test('go-ethereum is rejected with 0x04, unless we trust it', async () => {
    await using geth = await startPeer('geth');
    await using ours = await startServer({ ...ONE_GUEST, trustedNodes: [geth.started.enode!] });
    await using guest = await call(ours, SOME_KEY);
    await guest.next('hello');
    await ours.events.next('add');

    await using stranger = await call(ours, OTHER_KEY);
    expect(await stranger.next('disconnect')).toMatchObject({ code: 4, beforeHello: true });
    expect(await ours.events.next('ended')).toMatchObject({ state: 'rejected.tooManyPeers' });

    geth.send({ cmd: 'dial', enode: ours.server.self.enode });
    expect((await ours.events.next('add')).peer).toMatchObject({
      ...{ id: geth.started.id, trusted: true, direction: 'inbound' },
    });
    await geth.next('add');
    expect(ours.server.peerCount).toBe(2);
  });

  test('trust that is added or removed while running applies from the next connection on', async () => {
    await using ours = await startServer({ maxPeers: 0 });
    const { server, events } = ours;
    const refuses = async (): Promise<void> => {
      await using stranger = await call(ours, SOME_KEY);
      expect(await stranger.next('disconnect')).toMatchObject({ code: 4 });
      await events.next('ended');
    };
    await refuses();

    server.addTrustedPeer(enodeOf(SOME_KEY));
    await using friend = await call(ours, SOME_KEY);
    await friend.next('hello');
    const { peer } = await events.next('add');
    expect(peer.trusted).toBe(true);

    server.removeTrustedPeer(enodeOf(SOME_KEY));
    expect([peer.trusted, server.peerCount]).toEqual([false, 1]);
    peer.disconnect('requested');
    await events.next('drop');
    await refuses();
  });
});

describe('when go-ethereum is full', () => {
  test('we are refused, unless it trusts us', async () => {
    await using geth = await startPeer('geth', ['--maxpeers', '1', '--nodial']);
    await using guest = await startServer();
    guest.server.addPeer(geth.started.enode!);
    await geth.next('add');
    await using ours = await startServer();
    const { server, events } = ours;
    const refused = async (): Promise<void> => {
      server.addPeer(geth.started.enode!);
      expect(await events.next('ended')).toMatchObject({ state: 'refused.tooManyPeers' });
      await server.removePeer(geth.started.enode!);
    };
    await refused();

    geth.send({ cmd: 'trust', enode: server.self.enode });
    await networkOf(geth); // it has its turn after the trust
    server.addPeer(geth.started.enode!);
    await events.next('add');
    expect(await geth.next('add')).toMatchObject({ peer: server.self.id, trusted: true });

    geth.send({ cmd: 'untrust', enode: server.self.enode });
    await networkOf(geth);
    await server.removePeer(geth.started.enode!);
    await geth.next('drop');
    await refused();
  });
});

const networkOf = async (geth: PeerProcess) =>
  (await gethPeers(geth)).map(({ network }) => network);

/** A connection that go-ethereum's code makes by hand, and that stays. */
const call = ({ server }: OurServer, key: string): Promise<PeerProcess> =>
  startPeer('geth', ['--mode', 'dial', '--to', server.self.enode, '--key', key, '--wait']);

function enodeOf(secret: string): string {
  const { publicKey, id } = createNodeKey(Uint8Array.from(Buffer.from(secret, 'hex')));
  const place = { host: '127.0.0.1', hostKind: 'ipv4', tcpPort: 30303, udpPort: 30303 } as const;
  return formatEnode({ publicKey, id, ...place });
}

/** Sockets are real; only our clock stands still until it is moved. */
function onVirtualTime() {
  const clock = new StepClock();
  let dials = 0;
  const options: Partial<ServerOptions> = {
    ports: { clock },
    inspect: (inspected) => {
      if (inspected.type !== '@xstate.actor') return;
      if (String((inspected.actorRef as { id?: string }).id).startsWith('dial-task:')) dials += 1;
    },
  };
  return { clock, dials: () => dials, options };
}
