/**
 * A million datagrams that no honest node sent, at 100,000 a second: noise, well-formed packets of unknown ids, packets with
 * the ids and addresses of others, copies of real packets, and copies with one bit changed. Sessions survive them, our
 * requests are answered meanwhile, and no address gets more bytes than were sent in its name.
 */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';

import { sealRandom, sealWhoareyou } from '../../src/io/crypto/discv5-packet.ts';
import { nodeOfRecord } from '../../src/io/crypto/node.ts';
import type { Datagram } from '../../src/io/discovery/datagram-socket.ts';
import { MAX_HANDSHAKES } from '../../src/io/discovery/discv5-sessions.ts';
import { MAX_SOURCES } from '../../src/io/discovery/source-budgets.ts';
import { SHORT_AUTH_BYTES, STATIC_HEADER_BYTES } from '../../src/io/wire/discv5-packet.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { SeededRandom } from '../../src/testing/world/seeded-random.ts';
import { chosenPrimitives } from '../support/crypto.ts';
import { keyOf, LATENCY_MS, recordOf } from '../support/discv4-net.ts';
import { type Discv5TestNode, SessionNet, startV5 } from '../support/discv5-net.ts';

const PACKETS = 1_000_000;
const PACKETS_PER_MS = 100;
const CHECKS = 10;
const FRIENDS = 8;
const STRANGERS = 50_000;

/** Longest run, in ms: half a minute on an idle machine. */
const TIMEOUT_MS = 600_000;

/** Different datagrams of each kind. */
const POOL = 500;

test(
  'K14: K15: a million junk, copied and forged datagrams end no session and are no amplifier',
  async () => {
    const random = new SeededRandom(5);
    const net = new SessionNet();
    const named = Array.from({ length: 16 }, (_, index) =>
      nodeOfRecord(recordOf(keyOf(100 + index), { host: `47.0.${index}.1`, port: 30303 })),
    );
    const us = startV5(net, { nodesAt: () => named });
    const friends = Array.from({ length: FRIENDS }, (_, index) =>
      startV5(net, { at: { host: `44.0.${index}.1`, port: 30303 }, number: 10 + index }),
    );
    await meet(net, us, friends);
    const real = net.wire.filter(({ to }) => to === us.discv5.local || to.host === '45.0.0.1');
    const junk = junkOf(
      random,
      us,
      friends,
      real.map(({ bytes }) => bytes),
    );
    const strangers = strangersOf(junk.strangers);
    net.wire.length = 0;

    let replies = 0;
    let worst = 0;
    for (let packet = 1; packet <= PACKETS; packet += 1) {
      const datagram = junk.next();
      const source = strangers.get(datagram.from);
      if (source) source.in += datagram.bytes.length;
      us.discv5.receive(datagram);
      if (packet % PACKETS_PER_MS === 0) net.clock.advance(1);
      if (packet % 1_000 === 0) await setImmediate();
      for (const { from, to, bytes } of net.wire.splice(0)) {
        const target = from === us.discv5.local && strangers.get(to);
        if (!target) continue;
        target.out += bytes.length;
        worst = Math.max(worst, target.out / target.in);
        replies += 1;
      }
      if (packet % (PACKETS / CHECKS) === 0) await expectAnswers(net, us, friends);
    }

    const stats = us.discv5.stats();
    process.stdout.write(
      `discv5: ${PACKETS} datagrams, ${strangers.size} strangers, ${replies} answers to them, worst amplification ${worst.toFixed(2)}\n`,
    );
    expect(replies).toBeGreaterThan(500);
    expect(worst).toBeLessThanOrEqual(1);
    expect(stats.handshakes).toBeLessThanOrEqual(MAX_HANDSHAKES);
    expect(stats.sources).toBeLessThanOrEqual(MAX_SOURCES);
    // 100 a second and as many at once
    expect(stats.sent.whoareyou).toBeLessThanOrEqual(100 + 100 * (net.clock.now() / 1_000));

    await net.advance(5_000);
    for (const friend of friends) await expectAnswers(net, friend, [us]);
    expect(us.discv5.stats().sessions).toBe(FRIENDS);
    expect(new Set(us.sessions.endings)).not.toContain('evicted');
    expect(new Set(us.sessions.endings)).not.toContain('replaced');
    expect([us.sessions.running, us.faults]).toEqual([FRIENDS, []]);
    expect(us.discv5.stats().sent.handshake).toBe(0);
  },
  TIMEOUT_MS,
);

/** Bytes in the name of each, and to each. An answer goes to the very endpoint that its question had. */
const strangersOf = (strangers: readonly Endpoint[]) =>
  new Map(strangers.map((endpoint) => [endpoint, { in: 0, out: 0 }]));

/** They begin sessions with us, and ask. */
async function meet(
  net: SessionNet,
  us: Discv5TestNode,
  friends: readonly Discv5TestNode[],
): Promise<void> {
  for (const { discv5 } of friends) {
    discv5.ping(us.node, () => {});
    discv5.findNode(us.node, [256], () => {});
    await net.advance(8 * LATENCY_MS);
  }
}

/** Every node answers with the keys that it has. */
async function expectAnswers(
  net: SessionNet,
  us: Discv5TestNode,
  others: readonly Discv5TestNode[],
): Promise<void> {
  const results: string[] = [];
  for (const { node } of others) us.discv5.ping(node, ({ type }) => results.push(type));
  await net.advance(2 * LATENCY_MS);
  expect(results).toEqual(others.map(() => 'pong'));
}

function junkOf(
  random: SeededRandom,
  us: Discv5TestNode,
  friends: readonly Discv5TestNode[],
  real: readonly Uint8Array[],
): { readonly strangers: readonly Endpoint[]; readonly next: () => Datagram } {
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => random.between(0, 255));
  const id = () => Buffer.from(bytes(32)).toString('hex');
  const unreadable = (sourceId: string) =>
    sealRandom({ sourceId, recipientId: us.key.id }, bytes, chosenPrimitives).datagram;
  const pool = (make: () => Uint8Array) => Array.from({ length: POOL }, make);
  const noise = pool(() => bytes(random.between(0, 400)));
  const strange = pool(() => unreadable(id()));
  const forged = friends.map(({ key }) => pool(() => unreadable(key.id)));
  const challenges = pool(
    () =>
      sealWhoareyou(
        { nonce: bytes(12), recordSeq: 0, recipientId: us.key.id },
        bytes,
        chosenPrimitives,
      ).datagram,
  );
  const flipped = pool(() => {
    const copy = new Uint8Array(random.pick(real));
    // behind the header: it stays a packet of the same node
    const at = random.between(16 + STATIC_HEADER_BYTES + SHORT_AUTH_BYTES, copy.length - 1);
    copy[at]! ^= 1 << random.between(0, 7);
    return copy;
  });
  const strangers = Array.from({ length: STRANGERS }, (_, index) => ({
    host: `46.${index >> 12}.${(index >> 4) & 255}.${index & 15}`,
    port: random.between(1, 3),
  }));
  const stranger = () => random.pick(strangers);
  const friendly = () => random.pick(friends).discv5.local;
  const kinds: readonly (() => Datagram)[] = [
    () => ({ bytes: random.pick(noise), from: stranger() }),
    () => ({ bytes: random.pick(strange), from: stranger() }),
    () => ({ bytes: random.pick(challenges), from: random.chance(0.5) ? stranger() : friendly() }),
    () => ({ bytes: random.pick(real), from: random.chance(0.5) ? stranger() : friendly() }),
    () => ({ bytes: random.pick(flipped), from: random.chance(0.5) ? stranger() : friendly() }),
    () => {
      const index = random.between(0, FRIENDS - 1);
      const from = random.chance(0.5) ? stranger() : friends[index]!.discv5.local;
      return { bytes: random.pick(forged[index]!), from };
    },
  ];
  return { strangers, next: () => random.pick(kinds)() };
}
