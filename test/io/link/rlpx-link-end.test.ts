import { describe, expect, test } from 'vitest';
import type { RlpxLink } from '../../../src/io/link/rlpx-link.ts';
import { PING } from '../../../src/io/wire/base-message.ts';
import { hex } from '../../support/crypto.ts';
import { alice, bob } from '../../support/handshake.ts';
import {
  agreeOnKeys,
  agreeWithRaw,
  ECHO,
  type LinkEvent,
  newLinks,
  newSide,
  newWithRaw,
  routeWithRaw,
} from '../../support/links.ts';
import { memoryPair } from '../../support/memory-stream.ts';
import { Reports } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

describe('while an auth waits for its turn', () => {
  const queued = async () => {
    const linked = newLinks();
    linked.bob.tell('await.auth');
    linked.alice.tell('send.auth');
    await linked.bob.reports.next('auth.queued');
    return linked;
  };

  test('an orderly end is reported', async () => {
    const { alice, bob } = await queued();
    alice.stream.duplex.end();
    expect(await bob.reports.next('link.closed')).toMatchObject({ how: 'closed' });
    expect(bob.reports.types).toEqual(['auth.queued', 'link.closed']);
  });

  test('a reset is reported', async () => {
    const { pair, bob } = await queued();
    pair.cut('reset', 0, 'aToB');
    expect(await bob.reports.next('link.closed')).toMatchObject({ how: 'reset' });
  });

  test('a link that is released multiplies nothing more, which is no fault', async () => {
    const { bob } = await queued();
    bob.tell('process.auth');
    bob.link.release(new Error('over'));
    await turns();
    expect([bob.reports.types, bob.faults]).toEqual([['auth.queued'], []]);
  });
});

describe('how the remote closed', () => {
  test('R7: an orderly end', async () => {
    const { side, peer } = newWithRaw();
    side.tell('send.auth', 'await.ack');
    await side.reports.next('auth.sent');
    peer.stream.duplex.end();
    expect(await side.reports.next('link.closed')).toEqual({
      type: 'link.closed',
      how: 'closed',
      detail: '',
    });
  });

  test('R6: a reset', async () => {
    const { side, pair } = newWithRaw();
    pair.cut('reset', 0, 'bToA');
    expect(await side.reports.next('link.closed')).toEqual({
      type: 'link.closed',
      how: 'reset',
      detail: 'read ECONNRESET',
    });
  });

  for (const [code, how] of [
    ['EPIPE', 'reset'],
    ['ECONNABORTED', 'reset'],
    ['ETIMEDOUT', 'broken'],
  ] as const)
    test(`${code} is ${how}`, async () => {
      const { side } = newWithRaw();
      side.stream.duplex.destroy(Object.assign(new Error('gone'), { code }));
      expect(await side.reports.next('link.closed')).toMatchObject({ how, detail: 'gone' });
    });

  test('is reported once', async () => {
    const { side, peer } = newWithRaw();
    side.tell('await.ack');
    peer.stream.duplex.end();
    await side.reports.next('link.closed');
    side.stream.destroy();
    await turns();
    expect(side.reports.types).toEqual(['link.closed']);
  });
});

describe('who listens', () => {
  test('gets events only between attaching and detaching', async () => {
    const { side, peer } = await agreeWithRaw();
    const [first, second] = [new Reports<LinkEvent>(), new Reports<LinkEvent>()];
    side.link.attach(first.add);
    side.link.detach(first.add);
    side.tell('send.hello', 'await.hello');
    side.link.attach(second.add);
    peer.send(PING, hex('c0'));
    await second.next('message.unexpected');
    expect(first.all).toEqual([]);
  });

  test('gets an end that came while no report was attached', async () => {
    const { side, pair } = newWithRaw();
    side.link.detach(side.reports.add);
    pair.cut('reset', 0, 'bToA');
    await turns();
    expect(side.reports.all).toEqual([]);
    const next = new Reports<LinkEvent>();
    side.link.attach(next.add);
    expect(next.types).toEqual(['link.closed']);
  });

  test('is not sent away by a listener that has gone already', async () => {
    const { side, pair } = newWithRaw();
    side.link.detach(() => {});
    pair.cut('reset', 0, 'bToA');
    expect(await side.reports.next('link.closed')).toBeDefined();
  });

  test('a link is one word in a log', () => {
    const { side } = newWithRaw();
    expect(JSON.stringify(side.link)).toBe('"[link]"');
  });
});

describe('R9: a link that is released', () => {
  const moments = {
    'before anything': async (link: RlpxLink) => link,
    'while it waits for an auth': async (link: RlpxLink) => {
      link.command({ type: 'await.auth' });
      await turns();
    },
    'while it makes an auth': async (link: RlpxLink) => link.command({ type: 'send.auth' }),
    'while it leaves': async (link: RlpxLink) => link.command({ type: 'hang.up' }),
  };
  for (const [when, reach] of Object.entries(moments))
    test(`${when} leaves no listener of ours and no timer, and writes nothing`, async () => {
      const { a, b, delivered } = memoryPair();
      b.duplex.resume();
      const listeners = () => a.duplex.eventNames().map((name) => a.duplex.listenerCount(name));
      const before = listeners();
      const side = newSide(a, alice, { destination: bob.publicKey });
      await reach(side.link);
      side.link.release(new Error('over'));
      expect(listeners()).toEqual(before);
      expect(side.clock.pending).toBe(0);
      await turns();
      expect([delivered.aToB, side.reports.types, side.faults]).toEqual([0, [], []]);
    });

  test('while it routes removes every listener and timer, and aborts the handlers', async () => {
    const { side, peer, port } = await routeWithRaw();
    side.tell('send.ping');
    await peer.next();
    expect(side.clock.pending).toBe(2);
    const reason = new Error('the connection is over');
    side.link.release(reason);
    expect(side.clock.pending).toBe(0);
    const names = side.stream.duplex.eventNames();
    expect(names.filter((name) => name !== 'error' && name !== 'end')).toEqual([]);
    expect(side.stream.duplex.listenerCount('error')).toBe(1); // the one of the stream itself
    expect(port.signal.reason).toBe(reason);
    await expect(port.send(0, new Uint8Array(1))).rejects.toBe(reason);
    expect((await port[Symbol.asyncIterator]().next()).done).toBe(true);
  });

  test('refuses what waits to be sent', async () => {
    const { side, peer, port } = await routeWithRaw(4);
    peer.stream.duplex.pause();
    const reason = new Error('the connection is over');
    const sealed = port.send(0, new Uint8Array(2 * 1024 * 1024));
    const queued = port.send(0, new Uint8Array(1));
    await turns();
    expect(side.clock.pending).toBe(2);
    side.link.release(reason);
    for (const sent of [sealed, queued]) await expect(sent).rejects.toBe(reason);
    expect(side.clock.pending).toBe(0);
  });

  test('while a step of the handshake runs writes nothing when it is finished', async () => {
    const linked = newLinks();
    linked.bob.tell('await.auth');
    linked.alice.tell('send.auth');
    await linked.bob.reports.next('auth.queued');
    linked.bob.tell('process.auth');
    await linked.bob.reports.next('auth.received');
    linked.bob.tell('send.ack');
    linked.bob.link.release(new Error('over'));
    await turns();
    expect(linked.pair.delivered.bToA).toBe(0);
    expect([linked.bob.reports.types, linked.bob.faults]).toEqual([
      ['auth.queued', 'auth.received'],
      [],
    ]);
  });

  test('by the chart that gets a report is no fault', async () => {
    const { side, peer } = await routeWithRaw();
    side.link.attach((report) => {
      if (report.type === 'message.unroutable') side.link.release(new Error('over'));
    });
    peer.sendCompressed(0x3f, hex('c0'));
    peer.sendCompressed(0x3f, hex('c0'));
    await turns();
    expect(side.faults).toEqual([]);
  });

  test('by the chart that gets the Hello is no fault either', async () => {
    const linked = newLinks();
    await agreeOnKeys(linked);
    const { alice: side } = linked;
    side.link.attach(() => side.link.release(new Error('over')));
    side.tell('await.hello');
    linked.bob.tell('send.hello');
    await turns();
    expect(side.faults).toEqual([]);
    expect(side.link.openPorts([ECHO])).toHaveLength(1);
  });
});

test('ports that are closed while the link stays open end their handlers, with the reason', async () => {
  const { side, port, peer } = await routeWithRaw();
  const reason = new Error('the peer is gone');
  const taken = port[Symbol.asyncIterator]().next();
  side.link.closePorts(reason);
  expect([port.signal.reason, (await taken).done]).toEqual([reason, true]);
  await expect(port.send(0, new Uint8Array(1))).rejects.toBe(reason);
  expect(peer.stream.duplex.destroyed).toBe(false);
});
