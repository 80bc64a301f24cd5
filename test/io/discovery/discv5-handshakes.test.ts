import { describe, expect, test } from 'vitest';

import { MAX_WAITING } from '../../../src/io/discovery/discv5-handshakes.ts';
import type { Discv5Options } from '../../../src/io/discovery/discv5-options.ts';
import { MAX_HANDSHAKES } from '../../../src/io/discovery/discv5-sessions.ts';
import { SOURCE_LIMITS } from '../../../src/io/discovery/source-budgets.ts';
import { chosenPrimitives } from '../../support/crypto.ts';
import { keyOf, LATENCY_MS, recordOf } from '../../support/discv4-net.ts';
import { SessionNet, startV5, V5Sender } from '../../support/discv5-net.ts';

const HERE = { host: '45.0.0.1', port: 30303 };
const THERE = { host: '46.0.0.1', port: 30303 };
const OTHER = { host: '46.0.0.9', port: 30303 };
const RTT = 2 * LATENCY_MS;

describe('a challenge of ours', () => {
  test('is sent again byte for byte within a second, and made anew afterwards', async () => {
    const { net, us, them } = withSender();
    const nonce = them.sendRandom(us);
    them.sendRandom(us);
    await net.advance(RTT);
    const [first, second] = [them.takeWhoareyou(), them.takeWhoareyou()];
    expect(second).toEqual(first);
    expect(first.nonce).toEqual(nonce);
    expect(us.sessions.running).toBe(1);
    await net.advance(2_000);
    expect(us.sessions).toMatchObject({ endings: ['noHandshake'], running: 0 });
    them.sendRandom(us);
    await net.advance(RTT);
    expect(them.takeWhoareyou().challengeData).not.toEqual(first.challengeData);
  });

  test('names the record that we know, so that it need not be sent', async () => {
    const known = recordOf(keyOf(2), THERE, 4);
    const { net, us, them } = withSender({ recordOf: () => known });
    them.sendRandom(us);
    await net.advance(RTT);
    const challenge = them.takeWhoareyou();
    expect(challenge.recordSeq).toBe(4);
    await them.answer(us, challenge, PING, { record: known });
    await net.advance(RTT);
    expect(them.takeMessage()).toMatchObject({ type: 'pong' });
    expect(us.heard.map(([name]) => name)).toEqual(['ping', 'node']);
  });

  test('may be followed at once by messages with the new keys, which wait for the check', async () => {
    const { net, us, them } = withSender();
    them.sendRandom(us);
    await net.advance(RTT);
    await them.answer(us, them.takeWhoareyou(), PING);
    for (let index = 2; index < 8; index += 1) them.send(us, { ...PING, requestId: `0${index}` });
    await net.advance(RTT);
    expect(us.discv5.stats()).toMatchObject({
      sent: { pong: 1 + MAX_WAITING, whoareyou: 1 },
      refused: { handshakeUnderWay: 2 },
    });
    expect(them.takeMessage()).toMatchObject({ type: 'pong', requestId: '01' });
    expect(them.takeMessage()).toMatchObject({ type: 'pong', requestId: '02' });
  });

  test('K16: is checked against one handshake, while others are dropped', async () => {
    const { net, us, them } = withSender();
    them.sendRandom(us);
    await net.advance(RTT);
    const bytes = await them.answer(us, them.takeWhoareyou(), PING, { send: false });
    for (const _ of [1, 2, 3]) us.discv5.receive({ bytes, from: THERE }); // before keys can be made
    them.sendRandom(us);
    await net.advance(RTT);
    expect(us.discv5.stats()).toMatchObject({
      received: { ping: 1 },
      refused: { handshakeUnderWay: 2 },
    });
  });

  test('K16: is spent with the first handshake: a forged signature leads to no session, and a valid one comes too late', async () => {
    const { net, us, them } = withSender();
    them.sendRandom(us);
    await net.advance(RTT);
    const challenge = them.takeWhoareyou();
    const bytes = await them.answer(us, challenge, PING, { send: false });
    const forged = Uint8Array.from(bytes);
    forged[IN_SIGNATURE]! ^= 1; // the mask changes only this byte
    them.sendBytes(us, forged);
    await net.advance(RTT);
    expect(us.sessions).toMatchObject({ endings: ['badIdSignature'], running: 0 });
    them.sendBytes(us, bytes);
    await net.advance(RTT);
    expect(us.discv5.stats()).toMatchObject({
      refused: { badIdSignature: 1, unexpectedHandshake: 1 },
      sessions: 0,
    });
  });
});

describe('a challenge of theirs', () => {
  test('is answered with our request, and with our record when they know none', async () => {
    const { net, us, them } = withSender();
    us.discv5.ping(them.node, () => {});
    await net.advance(LATENCY_MS);
    them.challenge(us);
    await net.advance(RTT);
    expect(them.received).toMatchObject([{ kind: 'handshake', record: us.record.bytes }]);
  });

  test('is answered without our record when they know it', async () => {
    const { net, us, them } = withSender();
    us.discv5.ping(them.node, () => {});
    await net.advance(LATENCY_MS);
    them.challenge(us, us.record.seq);
    await net.advance(RTT);
    expect(them.received).toMatchObject([{ kind: 'handshake', record: null }]);
  });

  test('is answered once, and only when it names a packet to its endpoint', async () => {
    const { net, us, them } = withSender();
    us.discv5.ping(them.node, () => {});
    await net.advance(LATENCY_MS);
    const [packet] = them.received;
    const other = new V5Sender(net, { at: { host: '46.0.0.2', port: 1 }, listens: false });
    other.received.push(packet!);
    other.challenge(us);
    await net.advance(LATENCY_MS);
    them.received.push(packet!);
    them.challenge(us);
    await net.advance(RTT);
    them.received.unshift(packet!);
    them.challenge(us);
    await net.advance(RTT);
    expect(us.discv5.stats()).toMatchObject({
      sent: { handshake: 1 },
      refused: { challengeOfOtherEndpoint: 1, secondChallenge: 1 },
    });
  });
});

describe('challenges', () => {
  test('K14: of packets of one source are two at once, then one a second', async () => {
    const { net, us } = withSender();
    const challenged = async (count: number): Promise<number> => {
      const before = us.discv5.stats().sent.whoareyou;
      for (let index = 0; index < count; index += 1)
        new V5Sender(net, { at: OTHER, number: 10 + index, listens: false }).sendRandom(us);
      await net.advance(LATENCY_MS);
      return us.discv5.stats().sent.whoareyou - before;
    };
    expect(await challenged(5)).toBe(2);
    await net.advance(1_000);
    expect(await challenged(5)).toBe(1);
    expect(us.discv5.stats().refused.whoareyouBudget).toBe(7);
  });

  test('K14: of packets of all sources are 100 at once, and on the LAN 100 times as many', async () => {
    const { net, us } = withSender();
    const from = (host: string) =>
      new V5Sender(net, { at: { host, port: 30303 }, listens: false }).sendRandom(us);
    for (let index = 0; index < 150; index += 1) from(`47.0.${index}.1`);
    await net.advance(LATENCY_MS);
    expect(us.discv5.stats().sent.whoareyou).toBe(SOURCE_LIMITS.allWhoareyous.size);
    for (let index = 0; index < 150; index += 1) from(`10.0.${index}.1`);
    await net.advance(LATENCY_MS);
    expect(us.discv5.stats().sent.whoareyou).toBe(SOURCE_LIMITS.allWhoareyous.size + 150);
  });

  test('K14: are shorter than the shortest packet that causes one', async () => {
    const { net, us, them } = withSender();
    const { datagram } = them.unreadable(us);
    const shortest = datagram.subarray(0, 16 + 23 + 32 + 16); // a tag without a message
    for (const bytes of [shortest.subarray(0, -1), shortest]) {
      them.sendBytes(us, bytes);
      await net.advance(RTT);
    }
    expect(us.discv5.stats()).toMatchObject({
      refused: { messageTooShort: 1 },
      sent: { whoareyou: 1 },
      sentBytes: 63,
    });
    expect(shortest.length).toBe(87);
  });

  test('K15: of 512 nodes are pending at most', async () => {
    const { net, us } = withSender();
    const { datagram } = new V5Sender(net, { number: 3, listens: false }).unreadable(us);
    for (let index = 0; index < MAX_HANDSHAKES + 10; index += 1) {
      const host = `10.0.${index >> 8}.${index & 255}`;
      us.discv5.receive({ bytes: datagram, from: { host, port: 30303 } });
    }
    expect(us.discv5.stats().handshakes).toBe(MAX_HANDSHAKES);
    expect(us.sessions.endings).toEqual(Array.from({ length: 10 }, () => 'evicted'));
    await net.advance(2_000);
    expect([us.discv5.stats().handshakes, us.sessions.running]).toEqual([0, 0]);
  });
});

test('a mistake of ours while keys are made ends that session only, and is reported', async () => {
  const { net, us, them } = withSender({
    primitives: {
      ...chosenPrimitives,
      verify: () => {
        throw new Error('broken on purpose');
      },
    },
  });
  them.sendRandom(us);
  await net.advance(RTT);
  await them.answer(us, them.takeWhoareyou(), PING);
  await net.advance(RTT);
  expect(us.sessions).toMatchObject({ endings: ['internalError'], running: 0 });
  expect(us.faults.map(String)).toEqual(['Error: broken on purpose']);
});

test('a target whose session is gone has no steps', () => {
  const { us } = withSender();
  const target = { id: keyOf(2).id, endpoint: HERE, role: 'recipient', number: 1 } as const;
  expect(us.discv5.openSession(target, () => {})).toBe(null);
});

/** Behind masking IV, static header, node id and sizes. */
const IN_SIGNATURE = 16 + 23 + 34 + 5;

const PING = { type: 'ping', requestId: '01', recordSeq: 1 } as const;

function withSender(settings: Partial<Pick<Discv5Options, 'recordOf' | 'primitives'>> = {}) {
  const net = new SessionNet();
  return { net, us: startV5(net, settings), them: new V5Sender(net) };
}
