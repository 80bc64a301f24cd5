/** Connections that are refused and nodes that are not dialled: decided before any key operation, actor or byte. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import { formatEnode, parseEnode } from '../../src/io/crypto/enode.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import type { Endpoint } from '../../src/io/wire/endpoint.ts';
import { INBOUND_THROTTLE_MS } from '../../src/machines/listening/inbound-check.ts';
import { TURNED_AWAY_REPORT_MS, type TurnedAway } from '../../src/machines/listening/listener.ts';
import { Server } from '../../src/server.ts';
import { FakeActor } from '../../src/testing/machine/fake-actor.ts';
import { bytesUntilClose } from '../support/loopback.ts';
import { watch } from '../support/watch.ts';
import { enodeOf, slotsInUse, storyOf, World } from '../support/world.ts';

const PUBLIC = '95.33.21.2'; // as in ServerInboundThrottle of go-ethereum p2p/server_test.go

/** A server, and callers that never speak. */
async function hubOf(options: Partial<ServerOptions> = {}) {
  const world = new World();
  const hub = world.add(1, options);
  const refused: TurnedAway[] = [];
  hub.server.on('turnedAway', (event) => void refused.push(event));
  await world.start(hub);
  const knock = async (host: string, port = 4_444) => {
    const from: Endpoint = { host, port };
    const connection = world.network.connect(hub.server.self.address!, from)!;
    let isEnded = false;
    connection.a.duplex.on('end', () => {
      isEnded = true;
    });
    connection.a.duplex.resume();
    await world.settle();
    return { ...connection, hasEof: () => isEnded };
  };
  /** Connections that got as far as a transport. */
  const setups = () => world.liveActors().filter((id) => id.startsWith('connection-setup'));
  return { world, hub, refused, knock, setups };
}

describe('the inbound throttle', () => {
  test('ServerInboundThrottle, R3: a second connection from the same public address reads EOF before any transport is built', async () => {
    const { world, hub, refused, knock, setups } = await hubOf();
    const first = await knock(PUBLIC);
    expect([first.hasEof(), setups()]).toEqual([false, ['connection-setup:1']]);

    const second = await knock(PUBLIC, 5_555);
    expect(second.hasEof()).toBe(true);
    expect(second.delivered).toEqual({ aToB: 0, bToA: 0 });
    expect(setups()).toEqual(['connection-setup:1']);
    expect(slotsInUse(hub.server)).toBe(1);

    first.a.destroy();
    await world.advance(TURNED_AWAY_REPORT_MS);
    expect(refused).toEqual([
      {
        type: 'turnedAway',
        counts: { netRestrict: 0, throttled: 1, sourceBusy: 0, noSlot: 0, notAccepting: 0 },
        latest: { remote: { host: PUBLIC, port: 5_555 }, why: 'throttled' },
      },
    ]);
    expect(storyOf(hub)).toEqual(['ended failed.connectionClosed']);
    await world.end();
  });

  test('R3: lasts 30 s from the accepted connection', async () => {
    const { world, knock } = await hubOf();
    await knock(PUBLIC);
    await world.advance(INBOUND_THROTTLE_MS, INBOUND_THROTTLE_MS);
    expect((await knock(PUBLIC)).hasEof()).toBe(true);
    await world.advance(1);
    expect((await knock(PUBLIC)).hasEof()).toBe(false);
    await world.end();
  });

  test('R3: recognises a source in any spelling, and an IPv6 source by its /64', async () => {
    const { world, knock, setups } = await hubOf();
    const hosts = [PUBLIC, `::ffff:${PUBLIC}`, '2001:db8::1', '2001:db8::2', '2001:db8:0:1::1'];
    const hasEof: boolean[] = [];
    for (const host of hosts) hasEof.push((await knock(host)).hasEof());
    expect(hasEof).toEqual([false, true, false, true, false]);
    expect(setups()).toHaveLength(3);
    await world.end();
  });

  test('does not apply to the LAN, nor to streams without an address', async () => {
    const { world, knock, setups } = await hubOf();
    for (const host of ['127.0.0.1', '127.0.0.1', '192.168.0.7', '192.168.0.7', 'pipe', 'pipe'])
      await knock(host);
    expect(setups()).toHaveLength(6);
    await world.end();
  });
});

describe('NetRestrict', () => {
  test('R1: refuses an address outside of it before any transport is built', async () => {
    const { world, refused, knock, setups } = await hubOf({ netRestrict: ['95.33.0.0/16'] });
    const outside = await knock('10.0.0.1');
    expect([outside.hasEof(), setups()]).toEqual([true, []]);
    expect((await knock(PUBLIC)).hasEof()).toBe(false);
    await world.advance(TURNED_AWAY_REPORT_MS);
    expect(refused).toMatchObject([{ counts: { netRestrict: 1 }, latest: { why: 'netRestrict' } }]);
    await world.end();
  });

  test('R1: applies over TCP as well, without a byte', async () => {
    await using server = new Server({
      nodeKey: generateNodeKey(),
      listen: { host: '127.0.0.1', port: 0 },
      netRestrict: ['10.0.0.0/8'],
    });
    const reports = watch(server);
    await server.start();
    const caller = connect(server.self.address!);
    await once(caller, 'connect');
    expect(await bytesUntilClose(caller)).toBe(0);
    expect(await reports.next('turnedAway')).toMatchObject({ counts: { netRestrict: 1 } });
  });

  test('R10: applies to static nodes as well: one outside of it is not dialled', async () => {
    const world = new World();
    const inside = world.add(2);
    const a = world.add(1, { netRestrict: ['192.0.2.1/32'], staticNodes: [inside.enode] });
    await world.start(inside, a);
    a.server.addPeer(formatEnode({ ...parseEnode(enodeOf(3)), host: '192.0.2.3' }));
    await world.settle();
    expect(storyOf(a).sort()).toEqual(['add', 'dialFailed notInNetRestrict']);
    expect(world.network.dials).toBe(1);
    await world.end();
  });

  test('R10: a static node with a host name is looked up, and checked by its address', async () => {
    const world = new World();
    const resolver = new FakeActor<
      { type: string },
      { type: 'host.found'; address: string },
      string
    >();
    const a = world.add(1, { netRestrict: ['10.0.0.0/8'], ports: { resolver: resolver.logic } });
    await world.start(a);
    a.server.addPeer(
      formatEnode({ ...parseEnode(enodeOf(2)), host: 'node.example', hostKind: 'name' }),
    );
    await world.settle();
    resolver.report({ type: 'host.found', address: '169.254.169.254' });
    await world.settle();
    expect(resolver.inputs).toEqual(['node.example']);
    expect(a.log).toMatchObject([
      { state: 'notInNetRestrict', address: { host: '169.254.169.254', port: 30_002 } },
    ]);
    expect(world.network.dials).toBe(0);
    await world.end();
  });
});
