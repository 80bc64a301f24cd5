/** Every outcome of dial-task, from a real server: the remote, the network or the name server fails. */
import { afterEach, expect, test, vi } from 'vitest';
import { type EventObject, fromCallback } from 'xstate';
import type { ServerOptions } from '../../src/api/options.ts';
import type { ResolverEvent } from '../../src/io/adapters/host-resolver.ts';
import type { DialerEvent } from '../../src/io/adapters/tcp-dialer.ts';
import { formatEnode, parseEnode } from '../../src/io/crypto/enode.ts';
import { ENC_HANDSHAKE_TIMEOUT_MS } from '../../src/machines/connection/connection-setup.ts';
import type { DialFailure } from '../../src/machines/dialing/dial-failures.ts';
import {
  CONNECT_TIMEOUT_MS,
  HOST_LOOKUP_TIMEOUT_MS,
  SETTING_UP_TIMEOUT_MS,
} from '../../src/machines/dialing/dial-task.ts';
import { echo } from '../../src/protocols/echo.ts';
import { brokenActor } from '../support/broken-actor.ts';
import { clockLosing } from '../support/clock-losing.ts';
import { newRawPeer } from '../support/raw-peer.ts';
import { helloOf, join } from '../support/raw-peer-in-world.ts';
import { requesting } from '../support/requesting-generator.ts';
import { GUEST_SEED } from '../support/wire-stage.ts';
import { enodeOf, keyOf, type Member, World } from '../support/world.ts';

afterEach(() => void vi.restoreAllMocks());

const THERE = { host: '192.0.2.1', port: 30_000 + GUEST_SEED };

const NAMED = formatEnode({
  ...parseEnode(enodeOf(GUEST_SEED)),
  host: 'node.example',
  hostKind: 'name',
});

type Scene = {
  readonly options?: (world: World) => Partial<ServerOptions>;
  /** The host to dial, when it is not the address of the remote. */
  readonly node?: string;
  /** What answers at that address. */
  readonly before?: (world: World) => unknown;
  readonly act?: (world: World, member: Member) => unknown;
};

/** Answers every question at once, or never. */
const answering = <Input>(answer?: ResolverEvent | DialerEvent) =>
  fromCallback<EventObject, Input>(({ sendBack }) => {
    if (answer) sendBack(answer);
  });

const silent = (world: World): void => world.network.silence(THERE);

const scenes = {
  done: {
    before: ({ network }) =>
      network.attach(THERE, (stream) => {
        const guest = newRawPeer(stream, keyOf(GUEST_SEED));
        void guest.answer({ afterAck: () => guest.sendHello(helloOf(GUEST_SEED)) });
      }),
  },
  // no URL is without a host, and the scheduler lets none without a port pass: a generator of dials that does
  noTcpPort: { options: () => ({ ports: { dialGenerator: requesting({ tcpPort: 0 }) } }) },
  nodeNotFound: {
    options: () => ({ ports: { dialGenerator: requesting({ host: '', hostKind: 'none' }) } }),
  },
  hostNotFound: {
    options: () => ({
      ports: { resolver: answering({ type: 'host.notFound', detail: 'ENOTFOUND' }) },
    }),
    node: NAMED,
  },
  hostLookupFailed: {
    options: () => ({
      ports: { resolver: answering({ type: 'host.lookupFailed', detail: 'ESERVFAIL' }) },
    }),
    node: NAMED,
  },
  hostLookupTimeout: {
    options: () => ({ ports: { resolver: answering() } }),
    node: NAMED,
    act: (world) => world.advance(HOST_LOOKUP_TIMEOUT_MS),
  },
  notInNetRestrict: {
    options: () => ({
      netRestrict: ['10.0.0.0/8'],
      ports: { resolver: answering({ type: 'host.found', address: '169.254.169.254' }) },
    }),
    node: NAMED,
  },
  connectionRefused: {},
  unreachable: {
    options: () => ({
      ports: { dialer: answering({ type: 'connect.unreachable', detail: 'EHOSTUNREACH' }) },
    }),
  },
  connectTimeout: { before: silent, act: (world) => world.advance(CONNECT_TIMEOUT_MS) },
  lostAtOnce: {
    options: () => ({
      ports: { dialer: answering({ type: 'connect.lost', detail: 'ECONNRESET' }) },
    }),
  },
  connectFailed: { options: () => ({ ports: { dialer: brokenActor() } }) },
  setupFailed: {
    before: ({ network }) => network.attach(THERE, (stream) => stream.destroy()),
  },
  setupTimeout: {
    // setup has deadlines of its own, so a clock that loses them
    options: ({ clock }) => {
      vi.spyOn(console, 'warn').mockImplementation(() => {}); // of XState, for the end that comes too late
      return { ports: { clock: clockLosing(clock, ENC_HANDSHAKE_TIMEOUT_MS) } };
    },
    before: ({ network }) => network.attach(THERE, ({ duplex }) => duplex.resume()),
    act: (world) => world.advance(SETTING_UP_TIMEOUT_MS),
  },
  alreadyConnected: {
    before: silent,
    act: (world, member) => join(world, member, GUEST_SEED),
  },
  cancelled: {
    before: silent,
    act: (_, { server }) => void server.removePeer(enodeOf(GUEST_SEED)),
  },
} satisfies Record<DialFailure | 'done', Scene>;

test.for(Object.entries(scenes) as [keyof typeof scenes, Scene][])(
  '%s',
  async ([outcome, scene]) => {
    const world = new World();
    await scene.before?.(world);
    const member = world.add(1, { protocols: [echo()], ...scene.options?.(world) });
    await world.start(member);
    member.server.addPeer(scene.node ?? enodeOf(GUEST_SEED));
    await world.settle();
    await scene.act?.(world, member);
    await world.settle();

    const told = member.log.filter(({ type }) => type === 'dialFailed');
    expect(told).toMatchObject(outcome === 'done' ? [] : [{ state: outcome }]);
    const isPeer = outcome === 'done' || outcome === 'alreadyConnected';
    expect(member.server.peers.map(({ id }) => id)).toEqual(isPeer ? [keyOf(GUEST_SEED).id] : []);
    await world.stop(member);
    for (const { a, b } of world.network.connections) for (const end of [a, b]) end.destroy();
    await world.end();
  },
);
