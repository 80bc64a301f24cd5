/** Node Discovery v5 with go-ethereum's and @chainsafe's own: sessions that either side begins, and every message in them. */
import { beforeEach, describe, expect, test } from 'vitest';

import { type Node, parseNode } from '../../src/io/crypto/node.ts';
import type { Discv5 } from '../../src/io/discovery/discv5.ts';
import type {
  NodesResult,
  PingResult,
  RecordResult,
  TalkResult,
} from '../../src/io/discovery/request-results.ts';
import { logDistance } from '../../src/machines/discovery/distance.ts';
import { absentNode, startOurs } from './our-discv5.ts';
import { type PeerKind, startPeer } from './peer-process.ts';

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** Requests of ours that were not answered in time. */
let late = 0;

beforeEach(() => {
  late = 0;
});

const PEERS: readonly (readonly [name: string, kind: PeerKind, args: readonly string[]])[] = [
  ['go-ethereum', 'geth', ['--mode', 'discv5']],
  ['@chainsafe/discv5', 'chainsafe', []],
];

describe.each(PEERS)('%s', (_, kind, args) => {
  const startTheirs = (count = 1) => startPeer(kind, [...args, '--count', `${count}`]);

  test('challenges us, and answers all that we ask in one session', async () => {
    await using theirs = await startTheirs();
    const ours = await startOurs();
    const { discv5 } = ours;
    const node = parseNode(theirs.started.record!);

    expect(await ping(discv5, node)).toMatchObject({
      type: 'pong',
      seq: node.record!.seq,
      statedEndpoint: discv5.local,
    });
    theirs.send({ cmd: 'renew' });
    const { record: newest, seq } = await theirs.next('record');
    expect(await requestRecord(discv5, node)).toMatchObject({
      type: 'record',
      record: { id: node.id, seq, bytes: parseNode(newest).record!.bytes },
    });
    expect(await talk(discv5, node, 'interop', 'hello')).toBe(`${kind}:hello`);
    expect(await talk(discv5, node, 'unknown', 'hello')).toBe('');
    const long = 'x'.repeat(1_100);
    expect(await talk(discv5, node, 'interop', long)).toBe(`${kind}:${long}`);

    const { sent, received } = discv5.stats();
    expect(sent.handshake).toBe(received.whoareyou);
    expect(sent.handshake).toBeGreaterThan(0);
    expect(sent.handshake).toBeLessThanOrEqual(1 + late);
  });

  test('names the nodes of the distances that we ask for', async () => {
    await using theirs = await startTheirs(3);
    const [target, other] = [await theirs.next('started'), await theirs.next('started')];
    const { discv5 } = await startOurs();
    const node = parseNode(theirs.started.record!);
    for (const index of [1, 2]) theirs.send({ cmd: 'ping', enode: theirs.started.record!, index });
    await theirs.next('pong');
    await theirs.next('pong');
    const distances = [logDistance(node.id, target.id)];
    let found: readonly Node[] = [];
    while (!found.some(({ id }) => id === target.id)) {
      const result = await findNode(discv5, node, distances); // go-ethereum names a node once it has checked it
      expect(result.type).toBe('nodes');
      if (result.type === 'nodes') found = result.nodes;
    }
    const isNamed = found.some(({ id }) => id === other.id);
    expect(isNamed).toBe(logDistance(node.id, other.id) === distances[0]);
    expect(found.find(({ id }) => id === target.id)!.record).toEqual(
      parseNode(target.record!).record,
    );
  });

  test('is challenged by us, and gets answers to all that it asks in one session', async () => {
    const known = absentNode(40_000);
    const ours = await startOurs({ known: [known] });
    const { discv5, key } = ours;
    discv5.handleTalk('interop', async ({ payload }) =>
      utf8.encode(`ours:${fromUtf8.decode(payload)}`),
    );
    await using theirs = await startTheirs();

    theirs.send({ cmd: 'ping', enode: ours.record() });
    expect(await theirs.next('pong')).toMatchObject({
      seq: 1,
      udp: parseNode(theirs.started.record!).udpPort,
    });
    expect(ours.met).toEqual([theirs.started.id]);
    theirs.send({ cmd: 'nodes', enode: ours.record(), distances: [logDistance(key.id, known.id)] });
    expect(await theirs.next('found')).toMatchObject({ nodes: [known.id] });
    const old = ours.record();
    ours.renew();
    theirs.send({ cmd: 'enr', enode: old });
    expect(await theirs.next('record')).toMatchObject({ record: ours.record(), seq: 2 });
    theirs.send({ cmd: 'talk', enode: old, protocol: 'interop', text: 'hello' });
    expect(await theirs.next('talked')).toMatchObject({ text: 'ours:hello' });
    theirs.send({ cmd: 'talk', enode: old, protocol: 'unknown', text: 'hello' });
    expect(await theirs.next('talked')).toMatchObject({ text: '' });

    const { sent, received, refused } = discv5.stats();
    expect([sent.whoareyou, received.handshake]).toEqual([1, 1]);
    expect([refused, ours.endings]).toEqual([{}, []]);
  });

  test('is asked by us in the session that it began', async () => {
    const ours = await startOurs();
    await using theirs = await startTheirs();
    theirs.send({ cmd: 'ping', enode: ours.record() });
    await theirs.next('pong');
    const node = parseNode(theirs.started.record!);
    expect(await ping(ours.discv5, node)).toMatchObject({ type: 'pong' });
    const { sent } = ours.discv5.stats();
    expect([sent.random, sent.handshake]).toEqual([0, 0]);
  });

  test('agrees on new keys when it asks us after we lost ours', async () => {
    const before = await startOurs();
    const { key } = before;
    const at = before.discv5.local;
    await using theirs = await startTheirs();
    theirs.send({ cmd: 'ping', enode: before.record() });
    await theirs.next('pong');
    before.discv5.close();
    const after = await startOurs({ key, at });
    theirs.send({ cmd: 'ping', enode: after.record() });
    expect(await theirs.next('pong')).toMatchObject({ seq: 1 });
    const { sent, received } = after.discv5.stats();
    expect([sent.whoareyou, received.handshake]).toEqual([1, 1]);
  });

  test('agrees on new keys when we ask it after we lost ours', async () => {
    const ours = await startOurs();
    await using theirs = await startTheirs();
    const node = parseNode(theirs.started.record!);
    expect(await ping(ours.discv5, node)).toMatchObject({ type: 'pong' });
    const { key } = ours;
    const at = ours.discv5.local;
    ours.discv5.close();
    const after = await startOurs({ key, at });
    expect(await ping(after.discv5, node)).toMatchObject({ type: 'pong' });
    expect(after.discv5.stats().sent.handshake).toBeGreaterThan(0);
  });
});

/** Asks again when there is no answer in time, as on a busy machine. Counts these requests in `late`. */
async function answerTo<Result extends { readonly type: string }>(
  request: (done: (result: Result) => void) => void,
): Promise<Result> {
  for (;;) {
    const result = await new Promise<Result>(request);
    if (result.type !== 'timedOut') return result;
    late += 1;
  }
}

const ping = (discv5: Discv5, node: Node) =>
  answerTo<PingResult>((done) => discv5.ping(node, done));

const requestRecord = (discv5: Discv5, node: Node) =>
  answerTo<RecordResult>((done) => discv5.requestRecord(node, done));

const findNode = (discv5: Discv5, node: Node, distances: readonly number[]) =>
  answerTo<NodesResult>((done) => discv5.findNode(node, distances, done));

async function talk(discv5: Discv5, node: Node, protocol: string, text: string): Promise<string> {
  const result = await answerTo<TalkResult>((done) =>
    discv5.talk(node, protocol, utf8.encode(text), done),
  );
  if (result.type !== 'response') throw new Error(JSON.stringify(result));
  return fromUtf8.decode(result.payload);
}
