import { describe, expect, test } from 'vitest';

import { type Node, nodeOfRecord } from '../../../src/io/crypto/node.ts';
import { type NodeRecord, recordValue, signRecord } from '../../../src/io/crypto/node-record.ts';
import {
  MAX_NODES_PACKETS,
  NodesAnswer,
  nodesMessages,
  recordsFor,
} from '../../../src/io/discovery/discv5-nodes.ts';
import { encodeDiscv5 } from '../../../src/io/wire/discv5-message.ts';
import { logDistance } from '../../../src/machines/discovery/distance.ts';
import { chosenPrimitives } from '../../support/crypto.ts';
import { keyOf, recordOf } from '../../support/discv4-net.ts';

const THEM = keyOf(2);
const US = keyOf(1);
const ID = '07'.repeat(8);

const at = (number: number, host = `46.0.0.${number}`, port = 30303): NodeRecord =>
  recordOf(keyOf(number), { host, port });
const nodeAt = (number: number, host?: string): Node => nodeOfRecord(at(number, host));

describe('the records that another node learns', () => {
  const own = at(1);
  const requester = { id: THEM.id, host: '46.0.0.2' };

  test('are our own at distance 0, and those of the table at others', () => {
    const asked: number[] = [];
    const nodesAt = (distance: number) => {
      asked.push(distance);
      return distance === 256 ? [nodeAt(3)] : [];
    };
    const found = recordsFor([0, 256, 255], { record: own, nodesAt, requester });
    expect(found.map(({ id }) => id)).toEqual([own.id, at(3).id]);
    expect(asked).toEqual([256, 255]);
  });

  test('leave out distances that are none, and count doubles once', () => {
    const asked: number[] = [];
    const nodesAt = (distance: number) => {
      asked.push(distance);
      return [];
    };
    recordsFor([257, 5, 5, Number.MAX_SAFE_INTEGER, 5], { record: own, nodesAt, requester });
    expect(asked).toEqual([5]);
  });

  test('are looked for at 32 distances at most', () => {
    const asked: number[] = [];
    const nodesAt = (distance: number) => {
      asked.push(distance);
      return [];
    };
    const distances = Array.from({ length: 300 }, (_, index) => 256 - (index % 257));
    recordsFor(distances, { record: own, nodesAt, requester });
    expect(asked).toEqual(distances.slice(0, 32));
  });

  test('leave out the node that asks, nodes without a record, and addresses that it cannot reach', () => {
    const nodes = [
      nodeAt(2),
      { ...nodeAt(4), record: null },
      nodeAt(5, '10.0.0.5'),
      nodeAt(6, '127.0.0.1'),
      nodeAt(7),
    ];
    const found = recordsFor([256], { record: own, nodesAt: () => nodes, requester });
    expect(found.map(({ id }) => id)).toEqual([keyOf(7).id]);
    const near = { ...requester, host: '127.0.0.1' };
    expect(recordsFor([256], { record: own, nodesAt: () => nodes, requester: near }).length).toBe(
      3,
    );
  });

  test('are 16 at most', () => {
    const nodesAt = () => Array.from({ length: 12 }, (_, index) => nodeAt(10 + index));
    expect(recordsFor([255, 256], { record: own, nodesAt, requester }).length).toBe(16);
  });
});

describe('the packets of an answer', () => {
  test('are one without records when there are none', () => {
    expect(nodesMessages(ID, [])).toEqual([
      { type: 'nodes', requestId: ID, total: 1, records: [] },
    ]);
  });

  test('have all records in order, and each says how many they are', () => {
    const records = Array.from({ length: 16 }, (_, index) => at(10 + index));
    const packets = nodesMessages(ID, records);
    expect(packets.flatMap((packet) => packet.records)).toEqual(records.map(({ bytes }) => bytes));
    expect(packets.map(({ total }) => total)).toEqual(packets.map(() => packets.length));
  });

  test('are five of 1,280 bytes at most, with the largest records too', () => {
    const large = signRecord(
      { seq: 1, entries: new Map([['x', recordValue(new Uint8Array(176))]]) },
      US,
    );
    expect(large.bytes.length).toBeGreaterThan(297);
    const packets = nodesMessages(
      ID,
      Array.from({ length: 16 }, () => large),
    );
    expect(packets.length).toBe(MAX_NODES_PACKETS);
    for (const packet of packets) {
      // 16 masking IV, 23 and 32 header, 16 tag
      expect(encodeDiscv5(packet).length + 87).toBeLessThanOrEqual(1_280);
      expect(packet.total).toBe(MAX_NODES_PACKETS);
    }
  });
});

describe('the records that we take from another node', () => {
  test('are those at the distances that we asked for', () => {
    const far = at(3);
    const answer = stage([distance(far)]);
    const other = Array.from({ length: 40 }, (_, index) => at(20 + index)).find(
      (record) => distance(record) !== distance(far),
    );
    expect(answer.add(message(1, far, other!))).toBe(true);
    expect(answer.nodes.map(({ id }) => id)).toEqual([far.id]);
  });

  test('are measured as the charts measure', () => {
    for (let number = 10; number < 40; number += 1) {
      const record = at(number);
      const answer = stage([logDistance(THEM.id, record.id)]);
      answer.add(message(1, record));
      expect(answer.nodes.length).toBe(1);
    }
    const itself = stage([0]);
    itself.add(message(1, recordOf(THEM, { host: '46.0.0.2', port: 30303 })));
    expect(itself.nodes.length).toBe(1);
  });

  test('K16: come in as many packets as the first one says, five at most', () => {
    const answer = stage(ALL);
    expect(answer.add(message(3, at(10)))).toBe(false);
    expect(answer.add(message(1, at(11)))).toBe(false);
    expect(answer.add(message(3, at(12)))).toBe(true);
    expect([answer.nodes.length, answer.packets]).toEqual([3, 3]);
    for (const total of [6, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const many = stage(ALL);
      const ends = Array.from({ length: MAX_NODES_PACKETS }, (_, at_) =>
        many.add(message(total, at(10 + at_))),
      );
      expect(ends).toEqual([false, false, false, false, true]);
    }
  });

  test('are all there with the first packet when it says that there are none', () => {
    expect(stage(ALL).add(message(0))).toBe(true);
  });

  test('are 16 at most, invalid ones included', () => {
    const answer = stage(ALL);
    const records = Array.from({ length: 20 }, (_, index) => at(10 + index).bytes);
    records[0] = Uint8Array.of(0xc0);
    expect(answer.add({ type: 'nodes', requestId: ID, total: 5, records })).toBe(true);
    expect(answer.nodes.length).toBe(15);
  });

  test('leave out what no record is, ourselves, doubles, low ports, and addresses that are not for us', () => {
    const answer = stage(ALL, (host) => host !== '46.0.0.9');
    answer.add(
      message(
        1,
        at(1),
        at(3),
        at(3, '46.0.0.33'),
        at(4, '46.0.0.4', 1024),
        at(5, '46.0.0.5', 1025),
        at(6, '10.0.0.6'),
        at(9),
        signRecord({ seq: 1, entries: new Map() }, keyOf(8)),
      ),
    );
    expect(answer.nodes.map(({ host }) => host)).toEqual(['46.0.0.3', '46.0.0.5']);
  });
});

const ALL = Array.from({ length: 257 }, (_, index) => index);
const distance = (record: NodeRecord): number => logDistance(THEM.id, record.id);

const message = (total: number, ...records: readonly NodeRecord[]) => ({
  ...{ type: 'nodes' as const, requestId: ID, total },
  records: records.map(({ bytes }) => bytes),
});

const stage = (distances: readonly number[], isAllowed = (_: string) => true) =>
  new NodesAnswer(distances, {
    ownId: US.id,
    from: { id: THEM.id, host: '46.0.0.2' },
    isAllowed,
    primitives: chosenPrimitives,
  });
