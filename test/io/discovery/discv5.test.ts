import { describe, expect, test } from 'vitest';

import { nodeOfRecord } from '../../../src/io/crypto/node.ts';
import { signRecord } from '../../../src/io/crypto/node-record.ts';
import type { Discv5Options } from '../../../src/io/discovery/discv5-options.ts';
import { PACKET_TIMEOUT_MS } from '../../../src/io/discovery/discv5-requests.ts';
import { keyOf, LATENCY_MS, nodeOf, recordOf } from '../../support/discv4-net.ts';
import { type Discv5TestNode, SessionNet, startV5, V5Sender } from '../../support/discv5-net.ts';

const HERE = { host: '45.0.0.1', port: 30303 };
const THERE = { host: '46.0.0.1', port: 30303 };
const RTT = 2 * LATENCY_MS;

describe('two nodes', () => {
  test('make a session with the first ping, and use it for the next', async () => {
    const { net, a, b, results, note } = pair();
    a.discv5.ping(b.node, note);
    await net.advance(2 * RTT);
    expect(results).toEqual([{ type: 'pong', rttMs: RTT, seq: 1, statedEndpoint: HERE }]);
    expect(net.wire.length).toBe(4);
    a.discv5.ping(b.node, note);
    await net.advance(RTT);
    expect([results.length, net.wire.length]).toEqual([2, 6]);
    expect([a.sessions.running, b.sessions.running]).toEqual([1, 1]);
  });

  test('name the nodes at the distances that are asked for', async () => {
    const named = nodeOfRecord(recordOf(keyOf(3), { host: '47.0.0.1', port: 30303 }));
    const { net, a, b, results, note } = pair({ nodesAt: () => [named] });
    a.discv5.findNode(b.node, [256, 255, 254, 253, 252, 251, 250], note);
    await net.advance(2 * RTT);
    expect(results).toMatchObject([{ type: 'nodes', nodes: [{ id: keyOf(3).id }] }]);
  });

  test('give their own record when they are asked for it, and the newer one is reported', async () => {
    const { net, a, b, results, note } = pair();
    a.discv5.requestRecord(nodeOf(b.key, THERE), note);
    await net.advance(2 * RTT);
    expect(results).toMatchObject([{ type: 'record', record: { id: b.key.id, seq: 1 } }]);
    expect(a.heard).toMatchObject([['record', { node: { id: b.key.id } }]]);
    a.discv5.requestRecord(b.node, note);
    await net.advance(RTT);
    expect([results.length, a.heard.length]).toEqual([2, 1]);
  });

  test('that answer the question for their record without one are reported as such', async () => {
    const { net, us, them } = withSender();
    await begin(net, us, them);
    const results: unknown[] = [];
    them.takeMessage();
    us.discv5.requestRecord(them.node, (result) => results.push(result));
    await net.advance(LATENCY_MS);
    const { requestId } = them.takeMessage();
    them.send(us, { type: 'nodes', requestId, total: 1, records: [] });
    await net.advance(LATENCY_MS);
    expect(results).toEqual([{ type: 'invalid', detail: 'there is no record in the answer' }]);
  });

  test('talk in a protocol of their own', async () => {
    const { net, a, b, results, note } = pair();
    const requests: unknown[] = [];
    b.discv5.handleTalk('x', (request) => {
      requests.push(request);
      return Uint8Array.of(2);
    });
    a.discv5.talk(b.node, 'x', Uint8Array.of(1), note);
    a.discv5.talk(b.node, 'unknown', Uint8Array.of(1), note);
    await net.advance(3 * RTT);
    expect(results).toEqual([
      { type: 'response', payload: Uint8Array.of(2) },
      { type: 'response', payload: new Uint8Array() },
    ]);
    expect(requests).toMatchObject([
      { node: { id: a.key.id }, from: HERE, payload: Uint8Array.of(1) },
    ]);
  });

  test('talk with a payload that fits into a packet with keys, and not into a handshake', async () => {
    const { net, a, b, results, note } = pair();
    b.discv5.handleTalk('x', ({ payload }) => payload);
    const largest = new Uint8Array(1_176).fill(7);
    a.discv5.talk(b.node, 'x', largest, note);
    a.discv5.talk(b.node, 'x', new Uint8Array(1_177), note);
    expect(results).toEqual([{ type: 'refused', why: 'tooLarge' }]);
    await net.advance(4 * RTT);
    expect(b.discv5.stats().received.talkRequest).toBe(1);
    expect(Math.max(...net.wire.map(({ bytes }) => bytes.length))).toBe(1_280);
    expect(results.length).toBe(2);
    expect([a.faults, b.faults]).toEqual([[], []]);
  });

  test('that begin at the same moment both get their answers, and keep one set of keys each', async () => {
    const { net, a, b, results, note } = pair();
    a.discv5.ping(b.node, note);
    b.discv5.ping(a.node, note);
    await net.advance(4 * RTT);
    expect(results.map((result) => (result as { type: string }).type)).toEqual(['pong', 'pong']);
    a.discv5.ping(b.node, note);
    b.discv5.ping(a.node, note);
    await net.advance(RTT);
    expect([results.length, a.discv5.stats().sessions]).toEqual([4, 1]);
  });

  test.for([
    ['challenge', 1],
    ['answer to the challenge', 2],
  ] as const)(
    'make a session with the next request within a second when the %s was lost',
    async ([, number]) => {
      const { net, a, b, results, note } = pair();
      net.lost.add(number);
      a.discv5.ping(b.node, note);
      a.discv5.ping(b.node, note);
      await net.advance(PACKET_TIMEOUT_MS + 4 * RTT);
      expect(results).toMatchObject([{ type: 'timedOut' }, { type: 'pong' }]);
      expect(a.discv5.stats().refused).toEqual({});
      expect([a.sessions.running, b.sessions.running]).toEqual([1, 1]);
    },
  );

  test('make new keys when one of them has lost its own', async () => {
    const { net, a, b, results, note } = pair();
    a.discv5.ping(b.node, note);
    await net.advance(2 * RTT);
    b.discv5.close();
    const again = startV5(net, { at: THERE, number: 2 });
    a.discv5.ping(b.node, note);
    await net.advance(2 * RTT);
    expect(results.length).toBe(2);
    expect(results[1]).toMatchObject({ type: 'pong' });
    expect([a.sessions.endings, again.sessions.running]).toEqual([['replaced'], 1]);
  });
});

describe('what a node reports', () => {
  test('is a ping after its answer, and then the node, whose record has an endpoint', async () => {
    const { net, a, b, note } = pair();
    a.discv5.ping(b.node, note);
    await net.advance(2 * RTT);
    expect(b.heard.map(([name]) => name)).toEqual(['ping', 'record', 'node']);
    expect(b.heard[0]?.[1]).toMatchObject({ node: { id: a.key.id }, from: HERE, seq: 1 });
    expect(a.heard).toEqual([
      ['contact', { host: THERE.host }],
      ['statement', { host: THERE.host, endpoint: HERE }],
    ]);
  });

  test('is no node when its record has no endpoint, which is answered all the same', async () => {
    const { net, us, them } = withSender();
    await begin(net, us, them, recordWithoutEndpoint());
    expect(them.takeMessage()).toMatchObject({ type: 'pong', ...{ host: THERE.host } });
    expect(us.heard.map(([name]) => name)).toEqual(['ping', 'record']);
    expect(net.wire.filter(({ from }) => from === us.discv5.local).length).toBe(2);
  });
});

describe('a request is refused', () => {
  test('to ourselves, to no UDP endpoint, outside NetRestrict, and after the end', () => {
    const net = new SessionNet();
    const us = startV5(net, { isAllowed: (host) => host !== '46.0.0.9' });
    const why: unknown[] = [];
    const note = (result: unknown) => why.push((result as { why: unknown }).why);
    us.discv5.ping(us.node, note);
    us.discv5.ping({ ...nodeOf(keyOf(2), THERE), udpPort: 0 }, note);
    us.discv5.ping({ ...nodeOf(keyOf(2), THERE), host: '' }, note);
    us.discv5.ping(nodeOf(keyOf(2), { host: '46.0.0.9', port: 1 }), note);
    us.discv5.close();
    us.discv5.close();
    us.discv5.ping(nodeOf(keyOf(2), THERE), note);
    expect(why).toEqual([
      'ownNode',
      'noUdpEndpoint',
      'noUdpEndpoint',
      'notInNetRestrict',
      'closed',
    ]);
    expect(net.wire).toEqual([]);
  });

  test('when nine are under way to the node', () => {
    const { a, b, results, note } = pair();
    for (let index = 0; index < 10; index += 1) a.discv5.ping(b.node, note);
    expect(results).toEqual([{ type: 'refused', why: 'tooManyRequests' }]);
  });
});

describe('a request without an answer', () => {
  test('ends after 700 ms, with its handshake', async () => {
    const net = new SessionNet();
    const us = startV5(net);
    const results: unknown[] = [];
    us.discv5.ping(nodeOf(keyOf(2), THERE), (result) => results.push(result));
    await net.advance(PACKET_TIMEOUT_MS);
    expect([results, us.sessions]).toEqual([
      [{ type: 'timedOut' }],
      { endings: ['noWhoareyou'], running: 0, events: 1 },
    ]);
    expect(net.clock.pending).toBe(0);
  });

  test('ends 700 ms after its handshake packet', async () => {
    const { net, us, them } = withSender();
    const results: unknown[] = [];
    us.discv5.ping(them.node, (result) => results.push(result));
    await net.advance(LATENCY_MS);
    them.challenge(us);
    await net.advance(LATENCY_MS + PACKET_TIMEOUT_MS - LATENCY_MS);
    expect(results).toEqual([]);
    await net.advance(2 * LATENCY_MS);
    expect([results, us.sessions.endings]).toEqual([[{ type: 'timedOut' }], ['noReply']]);
  });

  test('that is cancelled ends its handshake, and is not reported', async () => {
    const { net, us, them } = withSender();
    const results: unknown[] = [];
    const cancel = us.discv5.ping(them.node, (result) => results.push(result));
    cancel();
    await net.advance(PACKET_TIMEOUT_MS);
    expect([results, us.sessions.endings, us.discv5.stats().requests]).toEqual([
      [],
      ['cancelled'],
      0,
    ]);
  });
});

describe('a session', () => {
  test('stays while a message that its keys do not open is challenged', async () => {
    const { net, us, them } = withSender();
    await begin(net, us, them);
    them.takeMessage();
    them.sendRandom(us);
    await net.advance(RTT);
    them.takeWhoareyou();
    them.send(us, { ...PING, requestId: '02' });
    await net.advance(RTT);
    expect(them.takeMessage()).toMatchObject({ type: 'pong', requestId: '02' });
  });

  test('belongs to one endpoint: its keys open nothing from another', async () => {
    const { net, us, them } = withSender();
    await begin(net, us, them);
    const bytes = them.send(us, { ...PING, requestId: '02' });
    net.inject({ host: '46.0.0.1', port: 1 }, HERE, bytes);
    await net.advance(RTT);
    expect(us.discv5.stats().received.ping).toBe(2);
    expect(us.discv5.stats().sent.whoareyou).toBe(2);
  });

  test('whose messages open causes no event of its chart', async () => {
    const { net, us, them } = withSender();
    await begin(net, us, them);
    const before = us.sessions.events;
    for (let index = 0; index < 10; index += 1) them.send(us, PING);
    us.discv5.ping(them.node, () => {});
    await net.advance(RTT);
    expect([us.sessions.events, us.discv5.stats().sent.pong]).toEqual([before, 11]);
  });

  test('answers 20 questions at once', async () => {
    const { net, us, them } = withSender();
    await begin(net, us, them);
    for (let index = 0; index < 25; index += 1) them.send(us, PING);
    await net.advance(RTT);
    expect(us.discv5.stats()).toMatchObject({ sent: { pong: 20 }, refused: { sourceBudget: 6 } });
  });

  test('is not challenged for a message that its keys open and that is none', async () => {
    const { net, us, them } = withSender();
    await begin(net, us, them);
    them.sendSealed(us, Uint8Array.of(9, 0xc0));
    await net.advance(RTT);
    expect(us.discv5.stats()).toMatchObject({
      sent: { whoareyou: 1 },
      refused: { unknownMessageType: 1 },
    });
  });

  test('ends with the socket, and nothing is left', async () => {
    const { net, us, them } = withSender();
    await begin(net, us, them);
    us.discv5.close();
    expect(us.sessions).toMatchObject({ endings: ['closed'], running: 0 });
    expect([us.discv5.stats().sessions, net.clock.pending]).toEqual([0, 0]);
  });
});

test('datagrams of other protocols, or for other nodes, are reported as such', () => {
  const { us } = withSender();
  const receive = (bytes: Uint8Array, from = THERE) => us.discv5.receive({ bytes, from });
  expect(receive(new Uint8Array(62))).toBe(false);
  expect(receive(new Uint8Array(1_281))).toBe(false);
  expect(receive(new Uint8Array(100))).toBe(false);
  expect(receive(new Uint8Array(100), { ...THERE, port: 0 })).toBe(true);
  expect(us.discv5.stats().refused).toEqual({
    packetTooShort: 1,
    packetTooLong: 1,
    notDiscv5: 1,
    noSourcePort: 1,
  });
});

test('packets from outside NetRestrict, and with our own id, lead to nothing', async () => {
  const { net, us, them } = withSender({ isAllowed: (host) => host !== THERE.host });
  them.sendRandom(us);
  const own = new V5Sender(net, { at: { host: '47.0.0.1', port: 1 }, number: 1 });
  own.sendRandom(us);
  await net.advance(RTT);
  expect(us.discv5.stats()).toMatchObject({
    refused: { notInNetRestrict: 1, ownPacket: 1 },
    sentBytes: 0,
  });
});

const PING = { type: 'ping', requestId: '01', recordSeq: 1 } as const;

const recordWithoutEndpoint = () => signRecord({ seq: 1, entries: new Map() }, keyOf(2));

function pair(ofB: Partial<Pick<Discv5Options, 'nodesAt'>> = {}) {
  const net = new SessionNet();
  const results: unknown[] = [];
  const note = (result: unknown): void => void results.push(result);
  const a = startV5(net);
  const b = startV5(net, { at: THERE, number: 2, ...ofB });
  return { net, a, b, results, note };
}

function withSender(settings: Partial<Pick<Discv5Options, 'recordOf' | 'isAllowed'>> = {}) {
  const net = new SessionNet();
  return { net, us: startV5(net, settings), them: new V5Sender(net) };
}

/** Makes a session that they begin with a ping. */
async function begin(
  net: SessionNet,
  us: Discv5TestNode,
  them: V5Sender,
  record = them.record,
): Promise<void> {
  them.sendRandom(us);
  await net.advance(RTT);
  await them.answer(us, them.takeWhoareyou(), PING, { record });
  await net.advance(RTT);
}
