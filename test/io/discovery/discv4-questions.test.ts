import { describe, expect, test } from 'vitest';

import { nodeAt } from '../../../src/io/crypto/node.ts';
import { publicKeyHex } from '../../../src/io/crypto/public-key.ts';
import { RESPONSE_TIMEOUT_MS } from '../../../src/io/discovery/request-matcher.ts';
import type { FindNodeResult, RecordResult } from '../../../src/io/discovery/request-results.ts';
import {
  keyOf,
  LATENCY_MS,
  MemoryNet,
  nodeOf,
  recordOf,
  Sender,
  startNode,
} from '../../support/discv4-net.ts';

const TARGET = 'ab'.repeat(64);
const ROUND_TRIP_MS = 2 * LATENCY_MS;
const around = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    nodeOf(keyOf(100 + index), { host: `47.0.${index}.1`, port: 30303 }),
  );

describe('a question for nodes', () => {
  test('is answered with the closest nodes, in packets of 12, 16 in all', () => {
    const asked: string[] = [];
    const closest = (targetId: string) => {
      asked.push(targetId);
      return around(20);
    };
    const { net, us, them } = stage({ closest });
    them.bond(us);
    them.findNode(us, TARGET);
    net.clock.advance(ROUND_TRIP_MS);
    expect(asked).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    const answers = them.received.map(({ message }) => message);
    expect(answers.map((answer) => answer.type === 'neighbors' && answer.nodes.length)).toEqual([
      12, 4,
    ]);
    expect(answers[0]).toMatchObject({
      nodes: [{ host: '47.0.0.1', udpPort: 30303 }, ...Array(11).fill({})],
    });
  });

  test('is answered even when no node is known', () => {
    const { net, us, them } = stage();
    them.bond(us);
    them.findNode(us);
    net.clock.advance(ROUND_TRIP_MS);
    expect(them.take('neighbors').message).toMatchObject({ nodes: [] });
  });

  test('of a node without proof is not answered', () => {
    const { net, us, them } = stage({ closest: () => around(3) });
    them.findNode(us);
    net.clock.advance(ROUND_TRIP_MS);
    expect(them.received).toEqual([]);
    expect(us.discv4.stats().refused).toEqual({ unprovenEndpoint: 1 });
  });

  test('K2: from another address, or of another node at the same one, is not answered', () => {
    const { net, us, them } = stage({ closest: () => around(3) });
    them.bond(us);
    const elsewhere = new Sender(net, { at: { host: '46.0.0.2', port: 30303 }, number: 2 });
    elsewhere.findNode(us);
    const neighbour = new Sender(net, { at: { host: '46.0.0.1', port: 30304 }, number: 3 });
    neighbour.findNode(us);
    net.clock.advance(ROUND_TRIP_MS);
    expect([elsewhere.received, neighbour.received]).toEqual([[], []]);
    expect(us.discv4.stats().refused).toEqual({ unprovenEndpoint: 2 });
  });

  test('is not answered when the proof is older than 12 hours', () => {
    const { net, us, them } = stage();
    them.bond(us);
    net.clockErrorMs = 12 * 3_600_000 + 1_000;
    them.findNode(us);
    net.clock.advance(ROUND_TRIP_MS);
    expect(them.received).toEqual([]);
  });

  test('K8: names to a public node no address of a LAN or of this machine, nor us, nor the one who asks', () => {
    const [first] = around(1);
    const key = keyOf(50);
    const places = ['127.0.0.1', '10.0.0.1', '192.168.1.1', '203.0.113.1', '224.0.0.1', 'fe80::1'];
    const closest = () => [
      ...places.map((host) => nodeOf(key, { host, port: 30303 })),
      nodeOf(keyOf(1), { host: '45.0.0.1', port: 30303 }),
      nodeOf(keyOf(2), { host: '46.0.0.1', port: 30303 }),
      nodeAt({ ...first!, udpPort: 0 }),
      first!,
    ];
    const { net, us, them } = stage({ closest });
    them.bond(us);
    them.findNode(us);
    net.clock.advance(ROUND_TRIP_MS);
    expect(them.take('neighbors').message).toMatchObject({ nodes: [{ host: first!.host }] });
  });
});

describe('a question of ours for nodes', () => {
  test('ends with what two packets say, when they have 16 nodes', () => {
    const { net, us, them } = stage();
    const nodes = around(16);
    const results = find(us, them);
    net.clock.advance(LATENCY_MS);
    expect(them.take('findNode').message).toMatchObject({ target: TARGET });
    neighbors(them, us, nodes.slice(0, 12));
    neighbors(them, us, nodes.slice(12));
    net.clock.advance(LATENCY_MS);
    expect(results).toEqual([{ type: 'neighbors', nodes }]);
    expect(us.heard).toEqual([
      ['findEnded', { id: them.key.id, host: '46.0.0.1', isAnswered: true }],
    ]);
    expect(net.clock.pending).toBe(0);
  });

  test('ends after 500 ms with fewer', () => {
    const { net, us, them } = stage();
    const results = find(us, them);
    neighbors(them, us, around(2));
    net.clock.advance(RESPONSE_TIMEOUT_MS - 1);
    expect(results).toEqual([]);
    net.clock.advance(1);
    expect(results).toEqual([{ type: 'neighbors', nodes: around(2) }]);
  });

  test('that is not answered is a failure, and after six of them our endpoint is proven again', () => {
    const { net, us, them } = stage();
    them.ping(us);
    net.clock.advance(RESPONSE_TIMEOUT_MS);
    for (let time = 1; time <= 6; time += 1) {
      expect(us.discv4.needsProof(them.node)).toBe(false);
      const results = find(us, them);
      net.clock.advance(RESPONSE_TIMEOUT_MS);
      expect(results).toEqual([{ type: 'timedOut' }]);
    }
    expect(us.discv4.needsProof(them.node)).toBe(true);
    expect(us.heard.at(-1)).toMatchObject(['findEnded', { isAnswered: false }]);
  });

  test('takes no more than five packets, and sixteen nodes', () => {
    const { net, us, them } = stage();
    const results = find(us, them);
    for (let packet = 0; packet < 6; packet += 1) neighbors(them, us, around(packet));
    net.clock.advance(LATENCY_MS);
    expect(results).toEqual([{ type: 'neighbors', nodes: around(4) }]);
    const more = find(us, them);
    neighbors(them, us, around(13));
    neighbors(them, us, around(26).slice(13));
    net.clock.advance(LATENCY_MS);
    expect(more).toEqual([{ type: 'neighbors', nodes: around(16) }]);
  });

  test('leaves out nodes that cannot be asked', () => {
    const net = new MemoryNet();
    const us = startNode(net, { isAllowed: (host) => host !== '47.0.7.1' });
    const them = new Sender(net);
    const good = around(1)[0]!;
    const results = find(us, them);
    neighbors(them, us, [
      nodeOf(keyOf(60), { host: '10.0.0.1', port: 30303 }),
      nodeOf(keyOf(61), { host: '127.0.0.1', port: 30303 }),
      nodeOf(keyOf(62), { host: '47.0.1.1', port: 1024 }),
      nodeOf(keyOf(63), { host: '47.0.7.1', port: 30303 }),
      nodeOf(keyOf(64), { host: '::1', port: 30303 }),
      us.node,
      good,
      good,
    ]);
    net.clock.advance(RESPONSE_TIMEOUT_MS);
    expect(results).toEqual([{ type: 'neighbors', nodes: [good] }]);
  });

  test('leaves out a key that is no point, and keeps the others', () => {
    const { net, us, them } = stage();
    const results = find(us, them);
    const place = { host: '47.0.0.1', udpPort: 30303, tcpPort: 30303 };
    const good = around(2)[1]!;
    them.send(
      {
        type: 'neighbors',
        expiration: them.expiration(),
        nodes: [{ ...place, publicKey: '00'.repeat(64) }, said(good)],
      },
      us,
    );
    net.clock.advance(RESPONSE_TIMEOUT_MS);
    expect(results).toEqual([{ type: 'neighbors', nodes: [good] }]);
    expect(us.faults).toEqual([]);
  });
});

describe('a question for our record', () => {
  test('is answered with it, after proof', () => {
    const { net, us, them } = stage();
    them.bond(us);
    const requestHash = them.send({ type: 'enrRequest', expiration: them.expiration() }, us);
    net.clock.advance(ROUND_TRIP_MS);
    expect(them.take('enrResponse').message).toEqual({
      type: 'enrResponse',
      requestHash,
      record: us.record.bytes,
    });
  });

  test('is not answered without proof', () => {
    const { net, us, them } = stage();
    them.send({ type: 'enrRequest', expiration: them.expiration() }, us);
    net.clock.advance(ROUND_TRIP_MS);
    expect(them.received).toEqual([]);
  });
});

describe('a question of ours for a record', () => {
  const newer = recordOf(keyOf(2), { host: '46.0.0.1', port: 30303 }, 9);

  test('gives the record', () => {
    const { answer } = ask();
    expect(answer(newer.bytes)).toEqual([{ type: 'record', record: newer }]);
  });

  test('gives the record we know when theirs is older', () => {
    const { answer } = ask(newer);
    const older = recordOf(keyOf(2), { host: '46.0.0.1', port: 30303 }, 8);
    expect(answer(older.bytes)).toEqual([{ type: 'record', record: newer }]);
  });

  test('refuses a record of another node, one of an address that is none for us, and no record', () => {
    const others = recordOf(keyOf(3), { host: '46.0.0.1', port: 30303 });
    const lan = recordOf(keyOf(2), { host: '10.0.0.1', port: 30303 });
    const broken = new Uint8Array(newer.bytes);
    broken[20]! ^= 1;
    for (const bytes of [others.bytes, lan.bytes, broken])
      expect(ask().answer(bytes)).toMatchObject([{ type: 'invalid' }]);
  });

  test('times out', () => {
    const { net, results } = ask();
    net.clock.advance(RESPONSE_TIMEOUT_MS);
    expect(results).toEqual([{ type: 'timedOut' }]);
  });

  function ask(known: ReturnType<typeof recordOf> | null = null) {
    const { net, us, them } = stage();
    const results: RecordResult[] = [];
    us.discv4.requestRecord({ ...them.node, record: known }, (result) => results.push(result));
    net.clock.advance(LATENCY_MS);
    const answer = (record: Uint8Array) => {
      const requestHash = them.take('enrRequest').hash;
      them.send({ type: 'enrResponse', requestHash, record }, us);
      net.clock.advance(LATENCY_MS);
      return results;
    };
    return { net, results, answer };
  }
});

function stage(settings: Parameters<typeof startNode>[1] = {}) {
  const net = new MemoryNet();
  return { net, us: startNode(net, settings), them: new Sender(net) };
}

type Us = ReturnType<typeof startNode>;

function find(us: Us, them: Sender): FindNodeResult[] {
  const results: FindNodeResult[] = [];
  us.discv4.findNode(them.node, TARGET, (result) => results.push(result));
  return results;
}

const said = ({ host, udpPort, tcpPort, publicKey }: ReturnType<typeof nodeOf>) => ({
  ...{ host, udpPort, tcpPort, publicKey: publicKeyHex(publicKey) },
});

function neighbors(them: Sender, us: Us, nodes: readonly ReturnType<typeof nodeOf>[]): void {
  them.send({ type: 'neighbors', nodes: nodes.map(said), expiration: them.expiration() }, us);
}
