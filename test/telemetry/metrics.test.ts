/** What a scrape says after a story that is known to the byte, on virtual time. */
import { describe, expect, test } from 'vitest';

import type { Protocol } from '../../src/api/protocol.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import { DISCONNECT } from '../../src/io/wire/base-message.ts';
import { type DisconnectReason, encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import { encodeRlp } from '../../src/io/wire/rlp.ts';
import { compress } from '../../src/io/wire/snappy.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { REDIAL_DELAY_MS } from '../../src/machines/dialing/dial-scheduler.ts';
import { TURNED_AWAY_REPORT_MS } from '../../src/machines/listening/listener.ts';
import { echo } from '../../src/protocols/echo.ts';
import { LASTING_MS } from '../../src/telemetry/connection-counters.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { countedOf, scrape } from '../support/metrics.ts';
import { newRawPeer } from '../support/raw-peer.ts';
import { enodeOf, keyOf, type Member, meet, World } from '../support/world.ts';

const scrapeOf = ({ server }: Member) => scrape(server.metrics);

describe('two that meet', () => {
  test('count one dial and one serve, and a peer each', async () => {
    const { world, a, b } = await meet();
    expect(await scrapeOf(a)).toMatchObject({
      'peers inbound': 0,
      'peers outbound': 1,
      'pending_connections inbound': 0,
      'pending_connections outbound': 0,
      serves: 0,
      serve_successes: 0,
      dials: 1,
      dial_successes: 1,
    });
    expect(await scrapeOf(b)).toMatchObject({
      'peers inbound': 1,
      'peers outbound': 0,
      serves: 1,
      serve_successes: 1,
      dials: 0,
      dial_successes: 0,
    });
    for (const member of [a, b]) expect(countedOf(await scrapeOf(member), 'dial_err')).toEqual({});
    await world.end();
  });

  test('are pending while they are being set up, and that is one dial already', async () => {
    const world = new World();
    const [a, b] = [world.add(1), world.add(2)];
    await world.start(a, b);
    a.server.addPeer(b.enode);
    await world.settle(2);
    expect(await scrapeOf(a)).toMatchObject({ 'pending_connections outbound': 1, dials: 1 });
    expect(await scrapeOf(b)).toMatchObject({ 'pending_connections inbound': 1, serves: 1 });
    await world.settle();
    expect(await scrapeOf(a)).toMatchObject({ 'pending_connections outbound': 0, dials: 1 });
    await world.end();
  });

  test('have lasted after a minute, and have so for good', async () => {
    const { world, a, b } = await meet();
    await world.advance(LASTING_MS - 1);
    expect(await scrapeOf(a)).toMatchObject({ dial_successes_1min: 0 });
    await world.advance(1);
    expect(await scrapeOf(a)).toMatchObject({ dial_successes_1min: 1, serve_successes_1min: 0 });
    expect(await scrapeOf(b)).toMatchObject({ dial_successes_1min: 0, serve_successes_1min: 1 });
    await world.stop(a, b);
    expect(await scrapeOf(a)).toMatchObject({ dial_successes_1min: 1, 'peers outbound': 0 });
    await world.end();
  });

  test('are in the gauge when, and only when, they are in the list', async () => {
    const world = new World();
    const [a, b] = [1, 2].map((seed) => world.add(seed, { protocols: [echo()] }));
    const seen: Promise<[list: number, gauge: number | undefined]>[] = [];
    const look = () => {
      const list = a!.server.peers.length;
      seen.push(scrapeOf(a!).then((scraped) => [list, scraped['peers outbound']]));
    };
    for (const type of ['add', 'drop'] as const) a!.server.on(type, look);
    await world.start(a!, b!);
    a!.server.addPeer(b!.enode);
    await world.settle();
    await world.stop(a!);
    expect(await Promise.all(seen)).toEqual([
      [1, 1],
      [0, 0],
    ]);
    await world.end();
  });
});

test('quirk 14: a server that stops counts down as peers go, and dials no node again', async () => {
  const world = new World();
  const hub = world.add(1, { protocols: [echo()] });
  const [prompt, dead] = [2, 3].map((seed) => world.add(seed, { protocols: [echo()] }));
  await world.start(hub, prompt!, dead!);
  for (const { enode } of [prompt!, dead!]) hub.server.addPeer(enode);
  await world.advance(REDIAL_DELAY_MS, 5_000); // from now on a drop is dialled again at once
  expect(await scrapeOf(hub)).toMatchObject({ 'peers outbound': 2, dials: 2 });
  world.network.connections[1]!.cut('stall', 0, 'aToB');

  const stopped = world.stop(hub);
  await world.settle(20);
  expect(await scrapeOf(hub)).toMatchObject({ 'peers outbound': 1, dials: 2 });
  expect(hub.server.peers.map(({ id }) => id)).toEqual([dead!.key.id]);
  expect(await stopped).toBe(FAREWELL_MS);
  expect(await scrapeOf(hub)).toMatchObject({ 'peers outbound': 0, dials: 2 });
  await world.end();
});

describe('a connection that does not become a peer', () => {
  type Caller = (peer: RawPeer) => void;
  const says =
    (reason: DisconnectReason): Caller =>
    (peer) =>
      peer.send(DISCONNECT, encodeDisconnect(reason));

  /** After the enc handshake. */
  const said: [bucket: string, Caller][] = [
    ['saturated', says('tooManyPeers')],
    ['known', says('alreadyConnected')],
    ['self', says('self')],
    ['useless', says('uselessPeer')],
    ['unexpectedIdentity', says('unexpectedIdentity')],
    ['protoHandshake', says('clientQuitting')],
    ['protoHandshake', () => {}], // no Hello
  ];

  test.for(said)('inbound: %s', async ([bucket, speak]) => {
    const world = new World();
    const a = world.add(1);
    await world.start(a);
    const { a: stream } = world.network.connect(a.server.self.address!)!;
    const peer = newRawPeer(stream, keyOf(7));
    await peer.dial(keyOf(1).publicKey);
    speak(peer);
    await world.advance(10_000);
    const scraped = await scrapeOf(a);
    expect(countedOf(scraped, 'serve')).toEqual({ serves: 1, [`serve_errors ${bucket}`]: 1 });
    expect(countedOf(scraped, 'dial')).toEqual({});
    await world.end();
  });

  test.for(said)('outbound: %s', async ([bucket, speak]) => {
    const { world, a } = await dialling(async (stream) => {
      const peer = newRawPeer(stream, keyOf(2));
      await peer.answer();
      speak(peer);
    });
    const scraped = await scrapeOf(a);
    expect(countedOf(scraped, 'dial')).toEqual({ dials: 1, [`dial_errors ${bucket}`]: 1 });
    expect(countedOf(scraped, 'serve')).toEqual({});
    await world.end();
  });

  test('encHandshake: a stranger that says nothing, on either side', async () => {
    const { world, a } = await dialling(async () => {});
    world.network.connect(a.server.self.address!)!.a.duplex.resume();
    await world.advance(5_000);
    const scraped = await scrapeOf(a);
    expect(countedOf(scraped, 'dial')).toEqual({ dials: 1, 'dial_errors encHandshake': 1 });
    expect(countedOf(scraped, 'serve')).toEqual({ serves: 1, 'serve_errors encHandshake': 1 });
    await world.end();
  });

  test('protoHandshake: a caller that closes the connection after the encryption handshake', async () => {
    const world = new World();
    const a = world.add(1);
    await world.start(a);
    const peer = newRawPeer(world.network.connect(a.server.self.address!)!.a, keyOf(7));
    await peer.dial(keyOf(1).publicKey);
    peer.stream.destroy();
    await world.settle();
    expect(countedOf(await scrapeOf(a), 'serve_err')).toEqual({ 'serve_errors protoHandshake': 1 });
    await world.end();
  });

  test('encHandshake: a node that closes the connection instead of answering our auth', async () => {
    const { world, a } = await dialling(async (stream) => stream.destroy());
    expect(countedOf(await scrapeOf(a), 'dial_err')).toEqual({ 'dial_errors encHandshake': 1 });
    await world.end();
  });

  test('connection: a dial that is refused', async () => {
    const world = new World();
    const a = world.add(1, { staticNodes: [enodeOf(2)] });
    await world.start(a);
    await world.settle();
    expect(countedOf(await scrapeOf(a), 'dial')).toEqual({ dials: 1, 'dial_errors connection': 1 });
    await world.end();
  });

  test('is counted alike by who says no and who hears it', async () => {
    const { world, a, b } = await meet({ b: { protocols: [{ ...echo(), name: 'other' }] } });
    await world.advance(FAREWELL_MS);
    expect(countedOf(await scrapeOf(a), 'dial_errors')).toEqual({ 'dial_errors useless': 1 });
    expect(countedOf(await scrapeOf(b), 'serve_errors')).toEqual({ 'serve_errors useless': 1 });
    await world.end();
  });

  test('turned away for want of a slot is counted by its reason, and not among the serves', async () => {
    const world = new World();
    const a = world.add(1, { maxPendingPeers: 1 });
    await world.start(a);
    for (const _ of ['in', 'turned away'])
      world.network.connect(a.server.self.address!)!.a.duplex.resume();
    await world.advance(TURNED_AWAY_REPORT_MS);
    const scraped = await scrapeOf(a);
    expect(scraped).toMatchObject({ serves: 1, 'pending_connections inbound': 1 });
    expect(countedOf(scraped, 'turned_away')).toEqual({ 'turned_away noSlot': 1 });
    await world.end();
  });
});

describe('a peer that ends', () => {
  test('is counted by outcome and reason', async () => {
    const { world, a, b } = await meet();
    a.server.peers[0]!.disconnect('uselessPeer');
    await world.advance(FAREWELL_MS);
    expect(countedOf(await scrapeOf(a), 'disc')).toEqual({ 'disconnects rejected uselessPeer': 1 });
    expect(countedOf(await scrapeOf(b), 'disc')).toEqual({ 'disconnects refused uselessPeer': 1 });
    await world.end();
  });

  test('because its connection was reset is counted as failed', async () => {
    const { world, a } = await meet();
    world.network.connections[0]!.cut('reset', 0, 'aToB');
    await world.settle();
    expect(countedOf(await scrapeOf(a), 'disc')).toEqual({
      'disconnects failed connectionReset': 1,
    });
    await world.end();
  });
});

describe('bytes', () => {
  const words = 'the same, '.repeat(10);

  test('of a message are what went over the wire, on both sides', async () => {
    const { world, a, b } = await meet({ a: { protocols: [echo({ say: words })] } });
    const packed = compress(encodeRlp(new TextEncoder().encode(words))).length;
    expect(packed).toBeLessThan(words.length);
    const [atA, atB] = [await scrapeOf(a), await scrapeOf(b)];
    for (const [sent, received, code] of [
      [atA, atB, '0x00'],
      [atB, atA, '0x01'],
    ] as const) {
      const of = ` echo 1 ${code}`;
      expect(countedOf(sent, 'egress_m')).toEqual({
        [`egress_message_bytes${of}`]: packed,
        [`egress_messages${of}`]: 1,
      });
      expect(countedOf(received, 'ingress_m')).toEqual({
        [`ingress_message_bytes${of}`]: packed,
        [`ingress_messages${of}`]: 1,
      });
    }
    await world.end();
  });

  test('of sockets are all there are, from the first of the handshake on', async () => {
    const { world, a, b } = await meet({ a: { protocols: [echo({ say: words })] } });
    const { delivered } = world.network.connections[0]!;
    const { aToB, bToA } = delivered;
    expect(await scrapeOf(a)).toMatchObject({ egress_bytes: aToB, ingress_bytes: bToA });
    expect(await scrapeOf(b)).toMatchObject({ egress_bytes: bToA, ingress_bytes: aToB });
    expect(Math.min(aToB, bToA)).toBeGreaterThan(300);
    await world.end();
  });

  test('of all connections are counted together, and of none before there is one', async () => {
    const { world, a, b } = await meet();
    const c = world.add(3, { protocols: [echo()] });
    expect(await scrapeOf(c)).toMatchObject({ egress_bytes: 0, ingress_bytes: 0 });
    await world.start(c);
    c.server.addPeer(b.enode);
    await world.settle();
    const sent = await Promise.all([a, c].map(async (m) => Object.entries(await scrapeOf(m))));
    const bytes = sent.flat().filter(([key]) => key === 'egress_bytes');
    expect(bytes).toHaveLength(2);
    expect(await scrapeOf(b)).toMatchObject({ ingress_bytes: bytes[0]![1] + bytes[1]![1] });
    await world.end();
  });
});

test('a handler that takes its time is measured by message', async () => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow: Protocol = {
    ...echo(),
    run: async (_, port) => {
      for await (const _message of port) await released;
    },
  };
  const { world, a, b } = await meet({
    a: { protocols: [echo({ say: 'hello' })] },
    b: { protocols: [slow] },
  });
  await world.advance(30);
  release();
  await world.settle();
  const { metrics } = b.server;
  const text = await metrics.metrics();
  const of = 'protocol="echo",version="1",code="0x00"';
  expect(text).toContain(`handle_seconds_bucket{${of},le="0.01"} 0\n`);
  expect(text).toContain(`handle_seconds_bucket{${of},le="0.05"} 1\n`);
  expect(text).toContain(`handle_seconds_bucket{${of},le="+Inf"} 1\n`);
  expect(text).toContain(`handle_seconds_sum{${of}} 0.03\n`);
  expect(text).toContain(`handle_seconds_count{${of}} 1\n`);
  expect(text).toContain('# TYPE peerchart_p2p_handle_seconds histogram\n');
  expect(countedOf(await scrapeOf(a), 'handle')).toEqual({});
  await world.end();
});

test('requests of handlers to peers are measured: waiting, answered, lost, and answers to none', async () => {
  const asking: Protocol = {
    ...echo(),
    async run(_peer, port, { requests }) {
      requests.tracked(0, 1);
      requests.tracked(0, 1);
      requests.tracked(0, -1);
      requests.fulfilled(0, 30);
      requests.lost(1);
      requests.stale(1);
      await port[Symbol.asyncIterator]().next();
    },
  };
  const { world, b } = await meet({ a: { protocols: [echo()] }, b: { protocols: [asking] } });
  const text = await b.server.metrics.metrics();
  const of = (code: string) => `protocol="echo",version="1",code="${code}"`;
  expect(text).toContain(`peerchart_p2p_requests_tracked{${of('0x00')}} 1\n`);
  expect(text).toContain(`peerchart_p2p_requests_lost_total{${of('0x01')}} 1\n`);
  expect(text).toContain(`peerchart_p2p_answers_stale_total{${of('0x01')}} 1\n`);
  expect(text).toContain(`peerchart_p2p_request_wait_seconds_bucket{${of('0x00')},le="0.05"} 1\n`);
  expect(text).toContain(`peerchart_p2p_request_wait_seconds_sum{${of('0x00')}} 0.03\n`);
  await world.end();
});

/** A server that has dialled a node that does `answer`, ten seconds later. */
async function dialling(answer: (stream: ByteStream) => Promise<void>) {
  const world = new World();
  const a = world.add(1);
  world.network.attach({ host: '192.0.2.1', port: 30_002 }, (stream) => {
    stream.duplex.resume();
    void answer(stream);
  });
  await world.start(a);
  a.server.addPeer(enodeOf(2));
  await world.advance(10_000);
  return { world, a };
}
