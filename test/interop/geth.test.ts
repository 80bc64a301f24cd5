/** peerchart and go-ethereum's own p2p server, in both directions. */
import { describe, expect, test } from 'vitest';

import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { startServer } from './our-server.ts';
import { startPeer } from './peer-process.ts';

const SERIES = { count: 1_000, maxSize: 1024 * 1024, seed: 11 };

describe('go-ethereum', () => {
  test('is dialled: 1,000 messages of 0 B to 1 MiB each way come back equal, then it leaves with a reason', async () => {
    await using geth = await startPeer('geth');
    await using ours = await startServer();
    ours.server.addPeer(geth.started.enode!);
    const { peer } = await ours.events.next('add');
    expect(peer).toMatchObject({ id: geth.started.id, direction: 'static', protocols: ['echo/1'] });
    expect(await geth.next('add')).toMatchObject({ peer: ours.server.self.id, inbound: true });

    geth.send({ cmd: 'send', ...SERIES });
    const [mine, theirs] = await Promise.all([
      ours.talk(peer, SERIES),
      geth.next('echoed', undefined, 100_000),
    ]);
    expect(mine).toMatchObject({ count: 1_000, mismatches: 0 });
    expect(theirs).toEqual({ type: 'echoed', ...mine });

    geth.send({ cmd: 'disconnect', reason: 0x04 });
    expect(await ours.events.next('drop')).toMatchObject({
      outcome: 'refused',
      state: 'ending.refused.tooManyPeers',
      facts: { code: 4 },
      abandoned: [],
    });
  });

  test('dials: the same messages, then we leave with a reason', async () => {
    await using geth = await startPeer('geth');
    await using ours = await startServer();
    geth.send({ cmd: 'dial', enode: ours.server.self.enode });
    const { peer } = await ours.events.next('add');
    expect(peer).toMatchObject({ id: geth.started.id, direction: 'inbound' });
    await geth.next('add');

    geth.send({ cmd: 'send', ...SERIES });
    const [mine, theirs] = await Promise.all([
      ours.talk(peer, SERIES),
      geth.next('echoed', undefined, 100_000),
    ]);
    expect(theirs).toEqual({ type: 'echoed', ...mine });

    peer.disconnect('uselessPeer');
    expect(await geth.next('drop')).toMatchObject({ code: 3 });
    expect(await ours.events.next('drop')).toMatchObject({
      outcome: 'rejected',
      state: 'ending.rejected.uselessPeer',
    });
  });

  test('sends plain frames to a peer of base protocol 4, and so do we', async () => {
    await using ours = await startServer();
    const to = ours.server.self.enode;
    await using call = await startPeer('geth', [
      ...['--mode', 'dial', '--to', to, '--hello-version', '4'],
      ...['--echo', '50', '--max-size', '100000', '--wait'],
    ]);
    expect(await call.next('hello')).toMatchObject({ version: 5, caps: ['echo/1'] });
    expect(await call.next('echoed')).toMatchObject({ count: 50, mismatches: 0 });
    const { peer } = await ours.events.next('add');
    peer.disconnect('requested');
    expect(await call.next('disconnect')).toMatchObject({ code: 0, compressed: false });
  });
});

describe('what go-ethereum sees when we turn it away', () => {
  test('too many peers: at the first checkpoint, before any Hello', async () => {
    await using ours = await startServer({ maxPeers: 0 });
    await using call = await startPeer('geth', ['--mode', 'dial', '--to', ours.server.self.enode]);
    expect(await call.next('disconnect')).toMatchObject({
      code: 4,
      form: 'list',
      compressed: false,
      beforeHello: true,
    });
    expect(await ours.events.next('ended')).toMatchObject({
      state: 'rejected.tooManyPeers',
      direction: 'inbound',
    });
  });

  test('already connected', async () => {
    const key = 'aa'.repeat(32);
    await using ours = await startServer();
    const args = ['--mode', 'dial', '--to', ours.server.self.enode, '--key', key];
    await using first = await startPeer('geth', [...args, '--wait']);
    await first.next('hello');
    await ours.events.next('add');
    await using second = await startPeer('geth', [...args, '--wait']);
    expect(await second.next('disconnect')).toMatchObject({ code: 5, beforeHello: true });
    expect(await ours.events.next('ended')).toMatchObject({ state: 'rejected.alreadyConnected' });
  });

  test('useless peer', async () => {
    await using ours = await startServer();
    const args = ['--mode', 'dial', '--to', ours.server.self.enode, '--caps', 'other/1'];
    await using call = await startPeer('geth', [...args, '--wait']);
    expect(await call.next('disconnect')).toMatchObject({ code: 3, compressed: true });
    expect(await ours.events.next('ended')).toMatchObject({
      state: 'rejected.uselessPeer',
      facts: { ours: 'echo/1', theirs: 'other/1' },
    });
  });

  test('self: the same key on both sides', async () => {
    const key = 'bb'.repeat(32);
    await using ours = await startServer({ nodeKey: Uint8Array.from(Buffer.from(key, 'hex')) });
    const args = ['--mode', 'dial', '--to', ours.server.self.enode, '--key', key];
    await using call = await startPeer('geth', [...args, '--wait']);
    expect(await call.next('disconnect')).toMatchObject({ code: 0x0a, beforeHello: true });
    expect(await ours.events.next('ended')).toMatchObject({ state: 'rejected.self' });
  });

  test('unexpected identity: a Hello that claims another key', async () => {
    await using ours = await startServer();
    const args = ['--mode', 'dial', '--to', ours.server.self.enode, '--hello-id', 'cc'.repeat(64)];
    await using call = await startPeer('geth', [...args, '--wait']);
    expect(await call.next('disconnect')).toMatchObject({ code: 9, compressed: true });
    expect(await ours.events.next('ended')).toMatchObject({ state: 'rejected.unexpectedIdentity' });
  });

  test.for([
    [
      'invalid identity: a Hello with a zero key',
      ['--hello-id', '00'.repeat(64)],
      7,
      'invalidIdentity',
    ],
    ['a Hello over 2048 bytes', ['--hello-size', '2049'], 2, 'oversizedHello'],
    ['a ping before Hello', ['--first', 'ping'], 2, 'unexpectedMessage'],
    ['a subprotocol message before Hello', ['--first', 'subprotocol'], 2, 'unexpectedMessage'],
  ] as const)('%s', async ([, oddity, code, state]) => {
    await using ours = await startServer();
    const args = ['--mode', 'dial', '--to', ours.server.self.enode, ...oddity];
    await using call = await startPeer('geth', [...args, '--wait']);
    expect(await call.next('disconnect')).toMatchObject({ code });
    expect(await ours.events.next('ended')).toMatchObject({ state: `rejected.${state}` });
  });

  test('no Hello at all: after 5 s, with the reason', async () => {
    await using ours = await startServer();
    const args = ['--mode', 'dial', '--to', ours.server.self.enode, '--first', 'none'];
    await using call = await startPeer('geth', [...args, '--wait']);
    const disconnect = await call.next('disconnect');
    expect(disconnect).toMatchObject({ code: 0x0b });
    expect(disconnect.afterMs).toBeGreaterThan(4_500);
    expect(disconnect.afterMs).toBeLessThan(7_000);
    expect(await ours.events.next('ended')).toMatchObject({ state: 'rejected.helloTimeout' });
  });

  test('client quitting, when the server stops', async () => {
    await using ours = await startServer();
    await using geth = await startPeer('geth');
    geth.send({ cmd: 'dial', enode: ours.server.self.enode });
    await ours.events.next('add');
    await geth.next('add');
    await ours.server.stop();
    expect(await geth.next('drop')).toMatchObject({ code: 8 });
    expect(await ours.events.next('drop')).toMatchObject({
      state: 'ending.rejected.clientQuitting',
    });
  });
});

describe('what we see when go-ethereum turns us away', () => {
  test('too many peers, before any Hello', async () => {
    await using geth = await startPeer('geth', ['--maxpeers', '1']);
    await using ours = await startServer();
    ours.server.addPeer(geth.started.enode!);
    expect(await ours.events.next('ended')).toMatchObject({
      state: 'refused.tooManyPeers',
      trail: expect.arrayContaining(['protoHandshake', 'refused.tooManyPeers']),
    });
    expect(await ours.events.next('dialFailed')).toMatchObject({ state: 'setupFailed' });
  });

  test('a wrong key in the enode: it cannot read our auth and hangs up', async () => {
    await using geth = await startPeer('geth');
    await using ours = await startServer();
    const wrong = generateNodeKey();
    const { publicKey } = wrong;
    const enode = geth.started.enode!.replace(
      /\/\/[0-9a-f]{128}/,
      `//${Buffer.from(publicKey.subarray(1)).toString('hex')}`,
    );
    ours.server.addPeer(enode);
    const ended = await ours.events.next('ended');
    expect(ended.state).toMatch(/^failed\.connection(Closed|Reset)$/);
    expect(ended.trail.at(-2)).toBe('encHandshake.awaitingAck');
  });
});
