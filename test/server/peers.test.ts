/** Many peers in one server: what goes wrong with one is felt by no other. */
import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { Inspection } from '../../src/actors/inspection.ts';
import type { Port, Protocol } from '../../src/api/protocol.ts';
import type { Link } from '../../src/io/link/link.ts';
import { Traffic } from '../../src/io/link/traffic.ts';
import { asBytes, decodeRlp, encodeRlp } from '../../src/io/wire/rlp.ts';
import { FAREWELL_MS } from '../../src/machines/connection/connection.ts';
import { PROTOCOL_GRACE_MS } from '../../src/machines/peer/peer.ts';
import { ASKABLE_REASONS, type AskableReason } from '../../src/machines/peer/peer-endings.ts';
import { echo } from '../../src/protocols/echo.ts';
import { checkOptions } from '../../src/server/config.ts';
import { Peers } from '../../src/server/peers.ts';
import { dummyStream } from '../support/dummy-stream.ts';
import { StepClock } from '../support/step-clock.ts';
import { keyOf, type Member, meet, storyOf, World } from '../support/world.ts';

describe('a handler', () => {
  test('that throws ends its own peer only', async () => {
    const { world, hub, bad, expectGoodInTouch } = await hubWith(() => {
      throw new Error('on purpose');
    });

    expect(storyOf(hub)).toContain('drop ending.rejected.protocolFailed');
    expect(dropIn(hub)).toMatchObject({
      outcome: 'rejected',
      facts: { protocol: 'echo/1', error: 'Error: on purpose' },
      peer: { id: bad.key.id },
      abandoned: [],
    });
    expect(storyOf(bad)).toEqual(['add', 'drop ending.refused.subprotocolError']);
    await expectGoodInTouch();
    await world.end();
  });

  test('that rejects with a value that is no Error is reported like one that throws', async () => {
    const { world, hub } = await hubWith(() => Promise.reject('just text'));
    expect(dropIn(hub)).toMatchObject({ facts: { error: 'just text' } });
    await world.end();
  });

  test('that returns ends its own peer only, and sends clientQuitting (quirk 23)', async () => {
    const { world, hub, bad, expectGoodInTouch } = await hubWith(async () => {});

    expect(dropIn(hub)).toMatchObject({
      state: 'ending.rejected.protocolReturned',
      facts: { protocol: 'echo/1' },
      peer: { id: bad.key.id },
    });
    expect(storyOf(bad)).toEqual(['add', 'drop ending.refused.clientQuitting']);
    await expectGoodInTouch();
    await world.end();
  });

  test('that never returns is abandoned after its time limit (quirk 13)', async () => {
    let signal: AbortSignal | undefined;
    const { world, hub, bad, expectGoodInTouch } = await hubWith((_, port) => {
      signal = port.signal;
      return new Promise(() => {});
    });
    expect(storyOf(hub)).toEqual(['add', 'add']);

    hub.server.peers.find(({ id }) => id === bad.key.id)!.disconnect();
    await world.settle();
    expect(signal!.aborted).toBe(true);
    await world.advance(FAREWELL_MS + PROTOCOL_GRACE_MS);

    expect(dropIn(hub)).toMatchObject({
      state: 'ending.rejected.requested',
      abandoned: ['echo/1'],
      peer: { id: bad.key.id },
    });
    await expectGoodInTouch();
    await world.end();
  });

  test('that never returns does not delay stop() beyond 5 s (quirk 13)', async () => {
    const { world, hub } = await hubWith(() => new Promise(() => {}));
    expect(await world.stop(hub)).toBeLessThanOrEqual(5_000);
    await world.end();
  });

  test('may send, disconnect and iterate after the peer has ended', async () => {
    const late: unknown[] = [];
    const { world, hub, bad } = await hubWith(async (peer, port) => {
      peer.disconnect('uselessPeer');
      await port.send(0, new Uint8Array()).catch((error: Error) => late.push(error.message));
      for await (const message of port) late.push(message);
    });
    await world.advance(FAREWELL_MS);

    expect(late).toEqual(['the peer is gone: ending.rejected.uselessPeer']);
    expect(storyOf(bad)).toEqual(['add', 'drop ending.refused.uselessPeer']);
    expect(hub.server.peers).toHaveLength(1);
    await world.end();
  });
});

describe('a subscriber', () => {
  test('that throws is logged and changes nothing', async () => {
    const { world, hub, expectGoodInTouch } = await hubWith(
      async () => {},
      ({ server }) => {
        for (const type of ['add', 'drop'] as const)
          server.on(type, () => {
            throw new Error(`in ${type}`);
          });
      },
    );

    expect(storyOf(hub)).toEqual(['add', 'drop ending.rejected.protocolReturned', 'add']);
    await expectGoodInTouch();
    await world.stop(hub);
    expect(world.faults.splice(0)).toEqual(
      ['add', 'drop', 'add', 'drop'].map((type) => `an event listener: in ${type}`),
    );
    await world.end();
  });

  test('gets add before any handler starts, with the peer in the set', async () => {
    const order: string[] = [];
    const world = new World();
    const b = world.add(2, { protocols: [echo()] });
    const a = world.add(1, {
      protocols: [{ ...echo(), run: async () => void order.push('handler') }],
    });
    a.server.on('add', ({ peer }) => {
      order.push(`add ${a.server.peers.includes(peer)}`);
    });
    a.server.on('drop', ({ peer }) => {
      order.push(`drop ${a.server.peers.some(({ id }) => id === peer.id)}`);
    });
    await world.start(a, b);
    a.server.addPeer(b.enode);
    await world.settle();

    expect(order).toEqual(['add true', 'handler', 'drop false']);
    await world.end();
  });

  test('may add a node inside add', async () => {
    const world = new World();
    const [a, b, c] = [1, 2, 3].map((seed) => world.add(seed, { protocols: [echo()] }));
    a!.server.on('add', () => a!.server.addPeer(c!.enode));
    await world.start(a!, b!, c!);
    a!.server.addPeer(b!.enode);
    await world.settle();

    expect(a!.server.peers.map(({ id }) => id)).toEqual([b!.key.id, c!.key.id]);
    await world.end();
  });

  test('may disconnect inside add: one add, one drop', async () => {
    const world = new World();
    const [a, b] = [1, 2].map((seed) => world.add(seed, { protocols: [echo()] }));
    a!.server.on('add', ({ peer }) => peer.disconnect('tooManyPeers'));
    await world.start(a!, b!);
    a!.server.addPeer(b!.enode);
    await world.advance(FAREWELL_MS);

    expect(storyOf(a!)).toEqual(['add', 'drop ending.rejected.tooManyPeers']);
    expect(storyOf(b!)).toEqual(['add', 'drop ending.refused.tooManyPeers']);
    await world.end();
  });

  test.for(['nonsense', 'networkError', 'pingFlood', 'protocolReturned', 'toString', '', null, 4])(
    'throws for a reason that callers may not give, and the peer stays: %o',
    async (reason) => {
      const { world, a } = await meet();
      const [peer] = a.server.peers;
      expect(() => peer!.disconnect(reason as AskableReason)).toThrow(
        new TypeError(
          `the reason of a disconnect expected one of ${ASKABLE_REASONS.join(', ')}; got ${JSON.stringify(reason)}`,
        ),
      );
      await world.settle();
      expect(a.server.peerCount).toBe(1);
      await world.end();
    },
  );

  test('may remove the node inside drop, or stop the server inside add (quirk 31)', async () => {
    const { world, a, b } = await meet();
    const done: string[] = [];
    a.server.on('drop', () => void a.server.removePeer(b.enode).then(() => done.push('removed')));
    a.server.peers[0]!.disconnect();
    await world.settle();
    expect(done).toEqual(['removed']);

    const c = world.add(3, { protocols: [echo()], staticNodes: [b.enode] });
    c.server.on('add', () => void c.server.stop().then(() => done.push('stopped')));
    await world.start(c);
    await world.advance(FAREWELL_MS);
    expect(done).toEqual(['removed', 'stopped']);
    expect(storyOf(c)).toEqual(['add', 'drop ending.rejected.clientQuitting']);
    await world.end();
  });
});

describe('room', () => {
  test('a full server admits trusted nodes only', async () => {
    const world = new World();
    const trusted = world.add(4, { protocols: [echo()] });
    const hub = world.add(1, {
      protocols: [echo()],
      maxPeers: 3, // one of them for a dial of ours
      trustedNodes: [trusted.enode],
    });
    const guests = [2, 3, 5].map((seed) => world.add(seed, { protocols: [echo()] }));
    await world.start(hub, trusted, ...guests);
    for (const { server } of [...guests, trusted]) {
      server.addPeer(hub.enode);
      await world.settle();
    }

    expect(guests.map(storyOf)).toEqual([
      ['add'],
      ['add'],
      ['ended refused.tooManyPeers', 'dialFailed setupFailed'],
    ]);
    expect(storyOf(trusted)).toEqual(['add']);
    expect(hub.server.peers).toHaveLength(3);
    await world.end();
  });
});

/** One server with two peers: its handler for `bad` is given, its handler for `good` is echo/1. */
async function hubWith(run: Protocol['run'], prepare: (hub: Member) => void = () => {}) {
  const world = new World();
  const talk = talker();
  const bad = world.add(2, { protocols: [echo()] });
  const good = world.add(3, { protocols: [talk.protocol] });
  const hub = world.add(1, {
    protocols: [
      {
        ...echo(),
        run: (peer, port, tools) => (peer.id === bad.key.id ? run : echo().run)(peer, port, tools),
      },
    ],
  });
  prepare(hub);
  await world.start(hub, bad, good);
  bad.server.addPeer(hub.enode);
  await world.advance(FAREWELL_MS);
  good.server.addPeer(hub.enode);
  await world.settle();
  /** The hub and `good` are still peers, and messages go both ways. */
  const expectGoodInTouch = async (): Promise<void> => {
    expect(hub.server.peers.map(({ id }) => id)).toContain(good.key.id);
    expect(good.server.peers.map(({ id }) => id)).toEqual([hub.key.id]);
    const said = talk.say('still there?');
    await world.settle();
    expect(await said).toBe('still there?');
  };
  return { world, hub, bad, good, expectGoodInTouch };
}

/** Says something over the latest connection, and waits for what comes back. */
function talker() {
  const ports: Port[] = [];
  const waiting: ((echo: string) => void)[] = [];
  const protocol: Protocol = {
    ...echo(),
    run: async (_, port) => {
      ports.push(port);
      for await (const { payload } of port)
        waiting.shift()?.(new TextDecoder().decode(asBytes(decodeRlp(payload))));
    },
  };
  const say = async (words: string): Promise<string> => {
    const echoed = new Promise<string>((resolve) => waiting.push(resolve));
    await ports.at(-1)!.send(0, encodeRlp(new TextEncoder().encode(words)));
    return echoed;
  };
  return { protocol, say };
}

/** The one drop so far. */
function dropIn({ log }: Member) {
  const drops = log.filter((event) => event.type === 'drop');
  expect(drops).toHaveLength(1);
  return drops[0]!;
}

test('the stats of a peer are measured until it begins to end, and stay fixed after that', () => {
  const clock = new StepClock();
  const peers = new Peers(checkOptions({ nodeKey: keyOf(1), ports: { clock } }), {
    ...{ sendToRunLoop: () => {}, isTrusted: () => false, onPeer: () => {}, onMessage: () => {} },
    ...{
      onState: () => {},
      hasStateListeners: () => false,
      onFault: () => {},
      inspection: new Inspection(() => {}),
    },
  });
  const nothing = () => {};
  const publicKey = 'ab'.repeat(64);
  const hello = { version: 5, client: '', capabilities: [], listenPort: 0, publicKey };
  const link = {
    ...{ attach: nothing, detach: nothing, command: nothing, openPorts: () => [] },
    ...{ closePorts: nothing, release: nothing, toJSON: () => '' },
  } satisfies Link;
  const traffic = new Traffic();
  peers.start(
    { connectionId: '1', direction: 'inbound', stream: dummyStream(1), link, traffic },
    { outcome: 'admitted', state: 'admitted', id: 'cd', publicKey, hello },
  );
  expect(peers.statsOf('1')).toEqual({ ms: 0, bytesIn: 0, bytesOut: 0 });
  clock.advance(50);
  traffic.stream.ingress += 7;
  traffic.stream.egress += 8;
  expect(peers.statsOf('1')).toEqual({ ms: 50, bytesIn: 7, bytesOut: 8 });
  peers.dismiss('1', 'requested');
  clock.advance(50);
  traffic.stream.ingress += 7;
  expect(peers.statsOf('1')).toEqual({ ms: 50, bytesIn: 7, bytesOut: 8 });
  expect(peers.statsOf('2')).toEqual({ ms: 0, bytesIn: 0, bytesOut: 0 });
  peers.destroy();
  expect([peers.live, clock.pending, peers.get('1')?.id]).toEqual([[], 0, 'cd']);
  peers.forget('1');
  expect(peers.get('1')).toBeUndefined();
});

describe('a chart that a handler starts', () => {
  const waitMachine = setup({ types: { events: {} as { readonly type: 'end' } } }).createMachine({
    id: 'wait',
    initial: 'waiting',
    states: { waiting: { on: { end: 'over' } }, over: { type: 'final' } },
  });

  test.each([
    ['ends with a handler that returns', async () => {}],
    ['ends with the peer of a handler that never returns', () => new Promise<void>(() => {})],
  ])('%s', async (_title, rest) => {
    const ends: string[] = [];
    const { world, hub, bad } = await hubWith(async (_peer, _port, tools) => {
      tools.startActor(waitMachine, { input: undefined, onEnd: ({ status }) => ends.push(status) });
      await rest();
    });
    hub.server.peers.find(({ id }) => id === bad.key.id)?.disconnect();
    await world.advance(FAREWELL_MS + PROTOCOL_GRACE_MS);
    expect(ends).toEqual(['stopped']);
    await world.end();
  });
});
