import { describe, expect, test } from 'vitest';
import type { LinkCommand } from '../../../src/io/link/link-events.ts';
import { PING_BURST } from '../../../src/io/link/message-router.ts';
import { DISCONNECT, HELLO, PING } from '../../../src/io/wire/base-message.ts';
import { encodeDisconnect } from '../../../src/io/wire/disconnect.ts';
import { compress } from '../../../src/io/wire/snappy.ts';
import { hex } from '../../support/crypto.ts';
import { bob } from '../../support/handshake.ts';
import {
  agreeWithRaw,
  helloOf,
  type LinkEvent,
  newLinks,
  newWithRaw,
  routeWithRaw,
  startRouting,
} from '../../support/links.ts';
import { Reports } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

const tooManyPeers = encodeDisconnect('tooManyPeers');

describe('the end of a link by Disconnect', () => {
  for (const command of ['send.disconnect', 'hang.up'] as const)
    test(`by ${command} before there is a session sends no byte`, async () => {
      const { side, peer } = newWithRaw();
      side.tell(command);
      await turns();
      expect(peer.received).toEqual({ bytes: 0, isEnded: true });
      expect(side.faults).toEqual([]);
    });

  test('between auth and ack does not follow the auth', async () => {
    const { side, peer, pair } = newWithRaw();
    side.tell('send.auth');
    await side.reports.next('auth.sent');
    await turns();
    const auth = pair.delivered.aToB;
    side.tell('send.disconnect');
    await turns();
    expect(pair.delivered.aToB).toBe(auth);
    expect(peer.received.isEnded).toBe(true);
  });

  test('with a session but no Hello from them is plain', async () => {
    const { side, peer } = await agreeWithRaw();
    side.tell('send.hello', 'send.disconnect');
    expect(await peer.next()).toMatchObject({ code: HELLO });
    expect(await peer.next()).toMatchObject({ code: DISCONNECT, payload: tooManyPeers });
    await turns();
    expect(peer.received.isEnded).toBe(true);
  });

  test('after Hello is compressed', async () => {
    const { side, peer } = await routeWithRaw();
    side.tell('send.disconnect');
    expect(await peer.next()).toMatchObject({
      code: DISCONNECT,
      payload: compress(tooManyPeers),
    });
  });

  test('after the Hello of an older version is plain', async () => {
    const { side, peer } = await routeWithRaw(4);
    side.tell('send.disconnect');
    expect(await peer.next()).toMatchObject({ code: DISCONNECT, payload: tooManyPeers });
  });

  test('by hang.up has no word in it', async () => {
    const { side, peer } = await routeWithRaw();
    side.tell('hang.up');
    await turns();
    expect(peer.unreadFrames).toEqual([]);
    expect(peer.received.isEnded).toBe(true);
  });

  test('is the last thing that is said', async () => {
    const { side, peer, port } = await routeWithRaw();
    peer.sendCompressed(PING, hex('c0'));
    await turns();
    await peer.next();
    side.tell('send.disconnect', 'send.disconnect', 'send.ping');
    await expect(port.send(0, new Uint8Array(1))).rejects.toBeInstanceOf(Error);
    await turns();
    expect(peer.unreadFrames.map(({ code }) => code)).toEqual([DISCONNECT]);
  });

  test('ProtocolHandshake: a Disconnect reaches the other link with its reason, which then closes', async () => {
    const linked = newLinks();
    await startRouting(linked);
    linked.alice.tell('send.disconnect');
    const { reason } = await linked.bob.reports.next('disconnect.received');
    expect(reason).toBe('tooManyPeers');
    linked.bob.tell('hang.up');
    expect(await linked.alice.reports.next('link.closed')).toMatchObject({ how: 'closed' });
  });

  test('discards what the remote still sends, and only waits for its end', async () => {
    const { side, peer, port } = await routeWithRaw();
    side.tell('hang.up');
    // allowHalfOpen is off, so what they say now must already be on its way
    peer.sendCompressed(0x10, new Uint8Array(100));
    peer.write(new Uint8Array(100)); // not even a frame
    expect(await side.reports.next('link.closed')).toMatchObject({ how: 'closed' });
    expect([side.reports.types, side.faults]).toEqual([
      ['auth.sent', 'ack.received', 'hello.received', 'link.closed'],
      [],
    ]);
    expect(port.signal.aborted).toBe(false); // the owner of the peer does that
  });
});

/** What a chart does: it answers a report within the same turn. */
describe('a Disconnect sent at once still sees the remote close', () => {
  const endings: readonly (readonly [LinkEvent['type'], LinkCommand['type'], number, string])[] = [
    ['disconnect.received', 'hang.up', DISCONNECT, 'c104'],
    ['hello.repeated', 'send.disconnect', HELLO, 'c0'],
    ['message.unroutable', 'send.disconnect', 0x3f, 'c0'],
  ];
  for (const [event, command, code, payload] of endings)
    test(`after ${event}`, async () => {
      const { side, peer } = await routeWithRaw();
      const reports = new Reports<LinkEvent>();
      side.link.attach((report) => {
        reports.add(report);
        if (report.type === event) side.tell(command);
      });
      peer.sendCompressed(code, hex(payload));
      peer.stream.duplex.end();
      await turns();
      expect(reports.types).toEqual([event, 'link.closed']);
    });

  test('after ping.flooded', async () => {
    const { side, peer } = await routeWithRaw();
    const reports = new Reports<LinkEvent>();
    side.link.attach((report) => {
      reports.add(report);
      if (report.type === 'ping.flooded') side.tell('send.disconnect');
    });
    for (let i = 0; i <= PING_BURST; i += 1) peer.sendCompressed(PING, hex('c0'));
    peer.stream.duplex.end();
    await turns();
    expect(reports.types).toEqual(['ping.flooded', 'link.closed']);
  });

  test('after link.garbled', async () => {
    const { side, peer } = await routeWithRaw();
    const reports = new Reports<LinkEvent>();
    side.link.attach((report) => {
      reports.add(report);
      if (report.type === 'link.garbled') side.tell('send.disconnect');
    });
    peer.write(new Uint8Array(1000));
    peer.stream.duplex.end();
    await turns();
    expect(reports.types).toEqual(['link.garbled', 'link.closed']);
  });

  test('after a first message that is none', async () => {
    const { side, peer } = await agreeWithRaw();
    side.tell('await.hello');
    const reports = new Reports<LinkEvent>();
    side.link.attach((report) => {
      reports.add(report);
      if (report.type === 'message.unexpected') side.tell('send.disconnect');
    });
    peer.send(PING, hex('c0'));
    peer.sendHello(helloOf(bob));
    peer.stream.duplex.end();
    await turns();
    expect(reports.types).toEqual(['message.unexpected', 'link.closed']);
  });
});
