import { describe, expect, test } from 'vitest';

import { nodeAt, parseNode } from '../../../src/io/crypto/node.ts';
import { publicKeyHex } from '../../../src/io/crypto/public-key.ts';
import { RESPONSE_TIMEOUT_MS } from '../../../src/io/discovery/request-matcher.ts';
import type { FindNodeResult, PingResult } from '../../../src/io/discovery/request-results.ts';
import {
  keyOf,
  LATENCY_MS,
  MemoryNet,
  nodeOf,
  recordOf,
  Sender,
  START_MS,
  startNode,
} from '../../support/discv4-net.ts';

const TARGET = 'ab'.repeat(64);
const ROUND_TRIP_MS = 2 * LATENCY_MS;
const around = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    nodeOf(keyOf(100 + index), { host: `47.0.${index}.1`, port: 30303 }),
  );

describe('a ping that comes in', () => {
  test('is answered with a pong and, from a stranger, with a ping', () => {
    const { net, us, them } = stage();
    const hash = them.ping(us, 5);
    net.clock.advance(ROUND_TRIP_MS);
    expect(them.types()).toEqual(['pong', 'ping']);
    expect(them.take('pong').message).toMatchObject({
      to: { host: '46.0.0.1', udpPort: 30303, tcpPort: 30_301 },
      pingHash: hash,
      recordSeq: 1,
      expiration: Math.floor((START_MS + LATENCY_MS + 20_000) / 1_000),
    });
    expect(them.take('ping').message).toMatchObject({
      version: 4,
      from: { host: '45.0.0.1', udpPort: 30303, tcpPort: 30303 },
      to: { host: '46.0.0.1', udpPort: 30303, tcpPort: 0 },
      recordSeq: 1,
    });
  });

  test('is reported with the address it came from and the TCP port it names', () => {
    const { net, us, them } = stage();
    them.ping(us, 5);
    net.clock.advance(LATENCY_MS);
    const node = nodeAt({ ...them.node, tcpPort: 30_301 });
    expect(us.heard).toEqual([
      ['pinged', { id: them.key.id, host: '46.0.0.1', atMs: START_MS + LATENCY_MS }],
      ['ping', { node, seq: 5, isProven: false }],
    ]);
    expect(parseNode(node.text)).toEqual(node);
  });

  test('proves the endpoint of its sender once our ping is answered', () => {
    const { us, them } = stage();
    expect(us.discv4.isProven(them.node)).toBe(false);
    them.bond(us);
    expect(us.discv4.isProven(them.node)).toBe(true);
    expect(us.heard.slice(2)).toEqual([
      ['ponged', { id: them.key.id, host: '46.0.0.1', atMs: expect.any(Number) }],
      ['proven', { node: nodeAt({ ...them.node, tcpPort: 30_301 }) }],
    ]);
  });

  test('of a node that has proven its endpoint gets a pong only', () => {
    const { net, us, them } = stage();
    them.bond(us);
    them.ping(us);
    net.clock.advance(ROUND_TRIP_MS);
    expect(them.types()).toEqual(['pong']);
    expect(us.heard.at(-1)).toMatchObject(['ping', { isProven: true }]);
  });

  test('gets no second ping while the first one waits for its pong', () => {
    const { net, us, them } = stage();
    them.ping(us);
    net.clock.advance(1);
    them.ping(us, 2);
    net.clock.advance(ROUND_TRIP_MS);
    expect(them.types()).toEqual(['pong', 'ping', 'pong']);
  });

  test('means that the node has our proof, for a day', () => {
    const { net, us, them } = stage();
    expect(us.discv4.needsProof(them.node)).toBe(true);
    them.ping(us);
    net.clock.advance(ROUND_TRIP_MS);
    expect(us.discv4.needsProof(them.node)).toBe(false);
    net.clockErrorMs = 24 * 3_600_000 + 1_000;
    expect(us.discv4.needsProof(them.node)).toBe(true);
  });

  test('ends the wait of those who wait for it, once', () => {
    const { net, us, them } = stage();
    const calls: string[] = [];
    us.discv4.onPingOf(them.node, () => calls.push('first'));
    us.discv4.onPingOf(them.node, () => calls.push('second'))?.();
    them.ping(us);
    net.clock.advance(1);
    them.ping(us, 2);
    net.clock.advance(ROUND_TRIP_MS);
    expect(calls).toEqual(['first']);
  });

  test('says nothing about our own address', () => {
    const { us, them } = stage();
    them.bond(us);
    expect(us.heard.filter(([name]) => name === 'statement' || name === 'contact')).toEqual([]);
  });
});

describe('a ping of ours', () => {
  test('is answered within the time of a round trip', () => {
    const { net, us, them } = stage();
    const results: PingResult[] = [];
    us.discv4.ping(them.node, (result) => results.push(result));
    net.clock.advance(LATENCY_MS);
    them.pong(us, them.take('ping').hash, { host: '45.9.9.9', port: 1234 });
    net.clock.advance(LATENCY_MS);
    const statedEndpoint = { host: '45.9.9.9', port: 1234 };
    expect(results).toEqual([{ type: 'pong', rttMs: ROUND_TRIP_MS, seq: 7, statedEndpoint }]);
    expect(us.heard).toEqual([
      ['contact', { host: '46.0.0.1' }],
      ['ponged', { id: them.key.id, host: '46.0.0.1', atMs: START_MS + ROUND_TRIP_MS }],
      ['statement', { host: '46.0.0.1', endpoint: statedEndpoint }],
    ]);
    net.clock.advance(RESPONSE_TIMEOUT_MS);
    expect(results).toHaveLength(1);
    expect(net.clock.pending).toBe(0);
  });

  test('without an answer ends after 500 ms', () => {
    const { net, us, them } = stage();
    const results: PingResult[] = [];
    us.discv4.ping(them.node, (result) => results.push(result));
    net.clock.advance(RESPONSE_TIMEOUT_MS - 1);
    expect(results).toEqual([]);
    net.clock.advance(1);
    expect(results).toEqual([{ type: 'timedOut' }]);
    expect(us.discv4.stats().timeoutsInARow).toBe(1);
  });

  test('is not answered by a pong with another hash, from elsewhere, or of another node', () => {
    const { net, us, them } = stage();
    const elsewhere = new Sender(net, { at: { host: '46.0.0.2', port: 30303 }, number: 2 });
    const results: PingResult[] = [];
    us.discv4.ping(them.node, (result) => results.push(result));
    net.clock.advance(LATENCY_MS);
    const { hash } = them.take('ping');
    them.pong(us, new Uint8Array(32));
    elsewhere.pong(us, hash, { host: '45.0.0.1', port: 1 });
    new Sender(net, { number: 3, listens: false }).pong(us, hash);
    net.clock.advance(LATENCY_MS);
    expect(results).toEqual([]);
    expect(us.discv4.stats().refused).toEqual({
      wrongRequestHash: 1,
      unsolicitedAnswer: 1,
      answerOfAnotherKey: 1,
    });
    them.pong(us, hash);
    net.clock.advance(LATENCY_MS);
    expect(results).toMatchObject([{ type: 'pong' }]);
  });

  test('whose answer comes too late counts as timed out, and the answer as late', () => {
    const { net, us, them } = stage();
    const results: PingResult[] = [];
    us.discv4.ping(them.node, (result) => results.push(result));
    net.clock.advance(RESPONSE_TIMEOUT_MS);
    them.pong(us, them.take('ping').hash);
    net.clock.advance(LATENCY_MS);
    expect(results).toEqual([{ type: 'timedOut' }]);
    expect(us.discv4.stats().refused).toEqual({ lateAnswer: 1 });
    expect(us.discv4.isProven(them.node)).toBe(false);
  });

  test('may be repeated within a second, though both packets and both answers are the same', () => {
    const { net, us, them } = stage();
    const results: string[] = [];
    for (let time = 0; time < 2; time += 1) {
      us.discv4.ping(them.node, ({ type }) => results.push(type));
      net.clock.advance(LATENCY_MS);
      them.pong(us, them.take('ping').hash);
      net.clock.advance(LATENCY_MS);
    }
    expect(net.wire[0]?.bytes).toEqual(net.wire[2]?.bytes);
    expect(results).toEqual(['pong', 'pong']);
  });

  test('that is cancelled reports nothing more', () => {
    const { net, us, them } = stage();
    const results: PingResult[] = [];
    us.discv4.ping(them.node, (result) => results.push(result))();
    net.clock.advance(RESPONSE_TIMEOUT_MS);
    expect(results).toEqual([]);
    expect(net.clock.pending).toBe(0);
  });

  test('is refused where it cannot be sent', () => {
    const net = new MemoryNet();
    const us = startNode(net, { isAllowed: (host) => host !== '46.0.0.9' });
    const them = new Sender(net);
    const why = (node = them.node) => {
      const results: PingResult[] = [];
      us.discv4.ping(node, (result) => results.push(result));
      return results;
    };
    const refused = (reason: string) => [{ type: 'refused', why: reason }];
    expect(why({ ...them.node, udpPort: 0 })).toEqual(refused('noUdpEndpoint'));
    expect(why({ ...them.node, hostKind: 'name', host: 'a.example' })).toEqual(
      refused('noUdpEndpoint'),
    );
    expect(why(us.node)).toEqual(refused('ownNode'));
    expect(why(nodeAt({ ...them.node, host: '46.0.0.9' }))).toEqual(refused('notInNetRestrict'));
    expect(net.wire).toEqual([]);
    us.discv4.close();
    expect(why()).toEqual(refused('closed'));
  });

  test('is refused when 512 requests wait', () => {
    const { us, them } = stage();
    const results: string[] = [];
    for (let index = 0; index < 513; index += 1)
      us.discv4.ping(them.node, ({ type }) => results.push(type));
    expect(results).toEqual(['refused']);
    expect(us.discv4.stats().requests).toBe(512);
    us.discv4.close();
    expect(results).toEqual(Array(513).fill('refused'));
  });
});

describe('what is dropped', () => {
  test('an answer that nothing asked for', () => {
    const { net, us, them } = stage();
    them.pong(us, new Uint8Array(32));
    neighbors(them, us, around(1));
    net.clock.advance(LATENCY_MS);
    expect(us.discv4.stats().refused).toEqual({ unsolicitedAnswer: 2 });
  });

  test('a mistake of ours is reported and ends nothing', () => {
    const net = new MemoryNet();
    const us = startNode(net, {
      closest: () => {
        throw new Error('broken on purpose');
      },
    });
    const them = new Sender(net);
    them.bond(us);
    them.findNode(us);
    net.clock.advance(LATENCY_MS);
    expect(us.faults).toMatchObject([{ message: 'broken on purpose' }]);
    them.ping(us);
    net.clock.advance(ROUND_TRIP_MS);
    expect(them.types()).toEqual(['pong']);
  });

  test('everything after close', () => {
    const { net, us, them } = stage();
    const results: PingResult[] = [];
    us.discv4.ping(them.node, (result) => results.push(result));
    us.discv4.close();
    us.discv4.close();
    expect(results).toEqual([{ type: 'refused', why: 'closed' }]);
    expect(us.discv4.receive({ bytes: new Uint8Array(100), from: them.at })).toBe(true);
    net.clock.advance(RESPONSE_TIMEOUT_MS);
    expect(net.clock.pending).toBe(0);
    expect(us.discv4.stats().receivedDatagrams).toBe(0);
  });

  test('a datagram that is no packet of this protocol is left to another', () => {
    const { us, them } = stage();
    expect(us.discv4.receive({ bytes: new Uint8Array(63), from: them.at })).toBe(false);
    expect(us.discv4.receive({ bytes: new Uint8Array(120), from: them.at })).toBe(false);
    expect(us.discv4.stats().refused).toEqual({ packetTooShort: 1, badPacketHash: 1 });
  });
});

test('two nodes bond, and each answers the other', () => {
  const net = new MemoryNet();
  const a = startNode(net, { closest: () => around(3) });
  const b = startNode(net, { at: { host: '46.0.0.1', port: 30303 }, number: 2 });
  const results: FindNodeResult[] = [];
  b.discv4.ping(a.node, () => {});
  net.clock.advance(2 * ROUND_TRIP_MS);
  expect([a.discv4.isProven(b.node), b.discv4.isProven(a.node)]).toEqual([true, true]);
  b.discv4.findNode(a.node, TARGET, (result) => results.push(result));
  net.clock.advance(RESPONSE_TIMEOUT_MS);
  expect(results).toEqual([{ type: 'neighbors', nodes: around(3) }]);
  expect(net.clock.pending).toBe(0);
});

test('proofs of an earlier run count', () => {
  const net = new MemoryNet();
  const them = new Sender(net);
  const known = {
    id: them.key.id,
    host: '46.0.0.1',
    pongedAtMs: START_MS - 1_000,
    pingedAtMs: START_MS,
  };
  const us = startNode(net, { proofs: [known] });
  expect([us.discv4.isProven(them.node), us.discv4.needsProof(them.node)]).toEqual([true, false]);
});

test('a socket that is bound gives its datagrams to the protocol', async () => {
  const net = new MemoryNet();
  const them = new Sender(net);
  const key = keyOf(1);
  const { Discv4 } = await import('../../../src/io/discovery/discv4.ts');
  const at = { host: '45.0.0.1', port: 30303 };
  const record = recordOf(key, at);
  const us = startNode(net, { at: { host: '45.0.0.2', port: 1 } });
  const discv4 = await Discv4.bind(
    at,
    async (address, hooks) => {
      hooks.onUnsent?.(); // before there is a protocol
      const socket = net.bind(address, hooks.onDatagram);
      return { ...socket, send: () => hooks.onUnsent?.() };
    },
    { onLost: () => {}, onRestored: () => {} },
    {
      ...{ key, clock: net.clock, unixTimeMs: net.unixTimeMs, record: () => record },
      ...{ isAllowed: () => true, closest: () => [], hooks: { onFault: () => {} } },
      primitives: (await import('../../support/crypto.ts')).chosenPrimitives,
    },
  );
  expect(discv4.local).toEqual(at);
  them.ping({ ...us, discv4 });
  net.clock.advance(LATENCY_MS);
  expect(discv4.stats()).toMatchObject({
    received: { ping: 1 },
    sent: { pong: 1, ping: 1 },
    unsent: 2,
  });
});

function stage(settings: Parameters<typeof startNode>[1] = {}) {
  const net = new MemoryNet();
  return { net, us: startNode(net, settings), them: new Sender(net) };
}

type Us = ReturnType<typeof startNode>;

const said = ({ host, udpPort, tcpPort, publicKey }: ReturnType<typeof nodeOf>) => ({
  ...{ host, udpPort, tcpPort, publicKey: publicKeyHex(publicKey) },
});

function neighbors(them: Sender, us: Us, nodes: readonly ReturnType<typeof nodeOf>[]): void {
  them.send({ type: 'neighbors', nodes: nodes.map(said), expiration: them.expiration() }, us);
}
