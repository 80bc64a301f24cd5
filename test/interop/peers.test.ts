/** The peers against each other, without peerchart: what these tests rely on must hold by itself. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type PayloadSeries, payloads } from './payloads.mjs';
import { type PeerProcess, startPeer } from './peer-process.ts';

describe('geth called by hand', () => {
  test('echoes messages and repeats our Disconnect', async () => {
    await using server = await startPeer('geth');
    await using call = await dial(server, ['--echo', '50', '--max-size', '300000', '--seed', '9']);

    expect(await call.next('handshake')).toMatchObject({ ok: true });
    expect(await call.next('hello')).toMatchObject({ version: 5, caps: ['echo/1'] });
    expect(await call.next('echoed')).toEqual(echoed({ count: 50, maxSize: 300_000, seed: 9 }));
    expect(await call.next('disconnect')).toMatchObject({
      code: 0,
      form: 'list',
      compressed: true,
      beforeHello: false,
    });
    expect(await server.next('drop')).toMatchObject({ peer: call.started.id, code: 0 });
  });

  test('without room sends 0x04 uncompressed, before any Hello', async () => {
    await using server = await startPeer('geth', ['--maxpeers', '1']);
    await using call = await dial(server, ['--wait']);

    expect(await call.next('disconnect')).toMatchObject({
      code: 4,
      form: 'list',
      compressed: false,
      beforeHello: true,
    });
  });

  test('rejects a peer without echo as useless', async () => {
    await using server = await startPeer('geth');
    await using call = await dial(server, ['--caps', 'other/1', '--wait']);

    expect(await call.next('disconnect')).toMatchObject({ code: 3, compressed: true });
  });
});

describe('geth and ethereumjs', () => {
  test.for([
    ['geth', 'ethereumjs', 1024 * 1024],
    ['ethereumjs', 'geth', 64 * 1024],
  ] as const)('%s dials %s, and both send at once', async ([from, to, maxSize]) => {
    const series = { count: 100, maxSize, seed: 7 };
    await using dialler = await startPeer(from);
    await using listener = await startPeer(to);
    dialler.send({ cmd: 'dial', enode: listener.started.enode! });
    expect(await dialler.next('add')).toMatchObject({ inbound: false, caps: ['echo/1'] });
    expect(await listener.next('add')).toMatchObject({ inbound: true, caps: ['echo/1'] });

    for (const speaker of [dialler, listener]) speaker.send({ cmd: 'send', ...series });
    // ethereumjs needs some ten seconds of a core
    for (const speaker of [dialler, listener])
      expect(await speaker.next('echoed', () => true, 60_000)).toEqual(echoed(series));
  });

  test('ethereumjs receives the reason of geth', async () => {
    await using geth = await startPeer('geth');
    await using ethereumjs = await startPeer('ethereumjs');
    geth.send({ cmd: 'dial', enode: ethereumjs.started.enode! });
    await ethereumjs.next('add');
    await geth.next('add');

    geth.send({ cmd: 'disconnect', reason: 3 });

    expect(await ethereumjs.next('drop')).toMatchObject({
      peer: geth.started.id,
      code: 3,
      by: 'them',
    });
    expect(await geth.next('drop')).toMatchObject({ code: 3, error: 'useless peer' });
  });

  test('geth does not read the reason of ethereumjs, because it is sent uncompressed', async () => {
    await using geth = await startPeer('geth');
    await using ethereumjs = await startPeer('ethereumjs');
    ethereumjs.send({ cmd: 'dial', enode: geth.started.enode! });
    await geth.next('add');
    await ethereumjs.next('add');

    ethereumjs.send({ cmd: 'disconnect', reason: 8 });

    expect(await ethereumjs.next('drop')).toMatchObject({ code: 8, by: 'us' });
    const drop = await geth.next('drop');
    expect(drop.error).toMatch(/snappy/);
    expect(drop).not.toHaveProperty('code');
  });
});

test.for(['geth', 'ethereumjs'] as const)('%s stops when asked', async (kind) => {
  const peer = await startPeer(kind);
  expect(await peer.stop()).toBe(0);
  expect(await peer.next('stopped')).toEqual({ type: 'stopped' });
});

function dial(server: PeerProcess, args: string[]): Promise<PeerProcess> {
  return startPeer('geth', ['--mode', 'dial', '--to', server.started.enode!, ...args]);
}

/** The event of a series that came back whole. */
function echoed(said: PayloadSeries) {
  const content = createHash('sha256');
  let bytes = 0;
  for (const payload of payloads(said)) {
    content.update(payload);
    bytes += payload.length;
  }
  const sha256 = content.digest('hex');
  return { type: 'echoed', count: said.count, bytes, mismatches: 0, sha256 };
}
