import { expect, test } from 'vitest';

import { nodeOfRecord } from '../../../src/io/crypto/node.ts';
import type { Discv5Options } from '../../../src/io/discovery/discv5-options.ts';
import { RECENT_PACKET_MS } from '../../../src/io/discovery/packet-check.ts';
import { TALK_TIMEOUT_MS } from '../../../src/io/discovery/talk-handlers.ts';
import { keyOf, LATENCY_MS, recordOf } from '../../support/discv4-net.ts';
import { SessionNet, startV5, V5Sender } from '../../support/discv5-net.ts';

const RTT = 2 * LATENCY_MS;
const PING = { type: 'ping', requestId: '01', recordSeq: 1 } as const;

test('a pong says where the ping came from, and the number of our record', async () => {
  const { them, ask } = await stage();
  await ask({ ...PING, requestId: '' });
  expect(them.takeMessage()).toEqual({
    ...{ type: 'pong', requestId: '', recordSeq: 1 },
    ...{ host: them.at.host, udpPort: them.at.port },
  });
});

test('nodes come in as many packets as they need, with the id of the request', async () => {
  const nodes = Array.from({ length: 16 }, (_, index) =>
    nodeOfRecord(recordOf(keyOf(10 + index), { host: '47.0.0.1', port: 2_000 })),
  );
  const { them, ask } = await stage({ nodesAt: () => nodes });
  await ask({ type: 'findNode', requestId: '0102', distances: [256] });
  const first = them.takeMessage();
  const second = them.takeMessage();
  expect([first, second]).toMatchObject([
    { type: 'nodes', requestId: '0102', total: 2 },
    { type: 'nodes', requestId: '0102', total: 2 },
  ]);
});

test('our own record is at distance 0', async () => {
  const { us, them, ask } = await stage();
  await ask({ type: 'findNode', requestId: '01', distances: [0] });
  expect(them.takeMessage()).toMatchObject({ total: 1, records: [us.record.bytes] });
});

test('K6: a copy of a question is dropped for 20 s, and takes nothing of the budget of its sender', async () => {
  const { net, us, them } = await stage();
  const copy = them.send(us, { ...PING, requestId: '02' });
  for (let index = 0; index < 50; index += 1) them.sendBytes(us, copy);
  await net.advance(RTT);
  expect(us.discv5.stats()).toMatchObject({
    sent: { pong: 2 },
    refused: { duplicatePacket: 50 },
  });
  for (let index = 0; index < 18; index += 1) them.send(us, PING);
  await net.advance(RTT);
  expect(us.discv5.stats()).toMatchObject({ sent: { pong: 20 }, refused: { duplicatePacket: 50 } });
  await net.advance(RECENT_PACKET_MS);
  them.sendBytes(us, copy);
  await net.advance(RTT);
  expect(us.discv5.stats().sent.pong).toBe(21);
});

test('a TALKREQ without a handler gets an empty response', async () => {
  const { them, ask } = await stage();
  await ask({ ...TALK, protocol: 'unknown' });
  expect(them.takeMessage()).toEqual({ ...RESPONSE, payload: new Uint8Array() });
});

test('K17: a handler that takes too long gets an empty response sent, and its own is dropped', async () => {
  const { net, us, them, ask } = await stage();
  us.discv5.handleTalk('x', () => new Promise(() => {}));
  await ask(TALK);
  expect([us.discv5.stats().talks, them.received]).toEqual([1, []]);
  await net.advance(TALK_TIMEOUT_MS);
  expect(them.takeMessage()).toEqual({ ...RESPONSE, payload: new Uint8Array() });
  expect(us.discv5.stats().talks).toBe(0);
});

test('a response that is ready after the end of its session, or of discovery, is dropped', async () => {
  const { net, us, them, ask } = await stage();
  let respond = (_: Uint8Array): void => {};
  us.discv5.handleTalk('x', () => new Promise((resolve) => (respond = resolve)));
  await ask(TALK);
  us.discv5.close();
  respond(Uint8Array.of(1));
  await net.advance(RTT);
  expect([them.received, us.faults]).toEqual([[], []]);
});

const TALK = {
  type: 'talkRequest',
  requestId: '05',
  protocol: 'x',
  payload: Uint8Array.of(1),
} as const;
const RESPONSE = { type: 'talkResponse', requestId: '05' } as const;

/** With a session, whose first pong was taken. */
async function stage(settings: Partial<Pick<Discv5Options, 'nodesAt'>> = {}) {
  const net = new SessionNet();
  const us = startV5(net, settings);
  const them = new V5Sender(net);
  them.sendRandom(us);
  await net.advance(RTT);
  await them.answer(us, them.takeWhoareyou(), PING);
  await net.advance(RTT);
  them.takeMessage();
  const ask = async (message: Parameters<typeof them.send>[1]) => {
    them.send(us, message);
    await net.advance(RTT);
  };
  return { net, us, them, ask };
}
