/** Every outcome of listener, from a real server: accepted and refused callers, and an address that is lost and restored. */
import { describe, expect, test } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import type { SocketServerEvent } from '../../src/io/adapters/tcp-listener.ts';
import { ENC_HANDSHAKE_TIMEOUT_MS } from '../../src/machines/connection/connection-setup.ts';
import { INBOUND_THROTTLE_MS } from '../../src/machines/listening/inbound-check.ts';
import {
  REBIND_DELAYS_MS,
  TURNED_AWAY_REPORT_MS,
  type TurnAwayReason,
  type TurnedAway,
} from '../../src/machines/listening/listener.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { clockLosing } from '../support/clock-losing.ts';
import { connectOnly } from '../support/raw-peer-in-world.ts';
import { type WireRole, WireStage } from '../support/wire-stage.ts';
import { slotsInUse, storyOf, type World } from '../support/world.ts';

const HERE = { host: '192.0.2.1', port: 30_001 };
const PUBLIC = { host: '95.33.21.2', port: 4_444 };

const failed = (temporary: boolean): SocketServerEvent => ({
  type: 'accept.failed',
  temporary,
  message: 'EIO',
});

/** Without a remote. */
const INBOUND: WireRole = 'inbound';

const lastStateOf = (at: WireStage): string | undefined => at.stepsOf('listener').at(-1)?.state;

test('bound, and callers are accepted', async () => {
  const at = await new WireStage(INBOUND).start();
  expect(at.member.server.self.address).toEqual(HERE);
  expect(lastStateOf(at)).toBe('open.accepting');
  await at.connect();
  expect(slotsInUse(at.member.server)).toBe(1);
  expect(at.setupSteps.at(-1)?.state).toBe('encHandshake.awaitingAuth');
  await at.end();
});

type Scene = {
  readonly options?: (world: World) => Partial<ServerOptions>;
  /** @returns who is turned away. */
  readonly act: (at: WireStage) => RawPeer | Promise<RawPeer>;
};

const call = ({ world, member }: WireStage, from?: typeof PUBLIC): RawPeer =>
  connectOnly(world, member, 7, from);

const turnedAway = {
  netRestrict: {
    options: () => ({ netRestrict: ['10.0.0.0/8'] }),
    act: (at) => call(at, PUBLIC),
  },
  throttled: {
    act: (at) => {
      call(at, PUBLIC);
      return call(at, PUBLIC);
    },
  },
  sourceBusy: {
    // the throttle refuses a second connection before the handshake ends, so a clock that loses its deadline
    options: ({ clock }) => ({ ports: { clock: clockLosing(clock, ENC_HANDSHAKE_TIMEOUT_MS) } }),
    act: async (at) => {
      for (let left = 2; left > 0; left -= 1) {
        call(at, PUBLIC);
        await at.world.advance(INBOUND_THROTTLE_MS + 1, 10_000);
      }
      return call(at, PUBLIC);
    },
  },
  noSlot: {
    options: () => ({ maxPendingPeers: 1 }),
    act: (at) => {
      call(at);
      return call(at);
    },
  },
  notAccepting: {
    act: (at) => {
      at.world.network.report(HERE, failed(true));
      expect(lastStateOf(at)).toBe('open.pausing');
      return call(at);
    },
  },
} satisfies Record<TurnAwayReason, Scene>;

describe('turned away without a byte', () => {
  test.for(Object.entries(turnedAway) as [TurnAwayReason, Scene][])('%s', async ([why, scene]) => {
    const at = new WireStage(
      INBOUND,
      scene.options ? (world) => ({ options: scene.options!(world) }) : {},
    );
    const told: TurnedAway[] = [];
    at.member.server.on('turnedAway', (event) => void told.push(event));
    await at.start();
    const guest = await scene.act(at);
    await at.world.settle();
    expect(guest.received).toEqual({ bytes: 0, isEnded: true });
    await at.world.advance(TURNED_AWAY_REPORT_MS);
    const none = { netRestrict: 0, throttled: 0, sourceBusy: 0, noSlot: 0, notAccepting: 0 };
    expect(told).toMatchObject([{ counts: { ...none, [why]: 1 }, latest: { why } }]);
    await at.end();
  });
});

describe('the address', () => {
  test.for(Object.values(REBIND_DELAYS_MS))(
    'is lost, and restored %i ms later',
    async (pauseMs) => {
      const at = await new WireStage(INBOUND).start();
      const { world, member } = at;
      const pauses = Object.values(REBIND_DELAYS_MS).filter((ms) => ms <= pauseMs);
      world.network.report(HERE, failed(false));
      await world.settle();
      world.network.attach(HERE, () => {}); // another process has bound it meanwhile
      for (const ms of pauses.slice(0, -1)) await world.advance(ms, ms);
      expect(lastStateOf(at)).toMatch(/^restarting\.after/);
      world.network.detach(HERE);
      await world.advance(pauseMs - 1, pauseMs - 1);
      expect(world.network.connect(HERE)).toBeNull();
      await world.advance(1);
      expect(member.log).toEqual([
        ...pauses.map((retryInMs) => ({
          type: 'lost',
          part: 'listener',
          message: expect.any(String),
          retryInMs,
        })),
        { type: 'restored', part: 'listener', address: HERE },
      ]);
      expect(lastStateOf(at)).toBe('open.accepting');
      await at.connect();
      expect(slotsInUse(member.server)).toBe(1);
      await at.end();
    },
  );

  test('is closed by stop(), which waits for handshakes', async () => {
    const at = await new WireStage(INBOUND).start();
    await at.connect();
    await at.world.stop(at.member);
    await at.world.settle();
    expect(storyOf(at.member)).toEqual(['ended failed.aborted']);
    expect(at.guest.received).toEqual({ bytes: 0, isEnded: true });
    expect(at.world.network.connect(HERE)).toBeNull();
    expect(lastStateOf(at)).toBe('closed');
    await at.end();
  });

  test('failed: it could not be bound in the first place', async () => {
    const at = new WireStage(INBOUND);
    at.world.network.attach(HERE, () => {});
    await expect(at.start()).rejects.toMatchObject({
      code: 'startFailed',
      message: expect.stringMatching(/^start failed at listening: EADDRINUSE/),
    });
    expect(lastStateOf(at)).toBe('failed');
    await at.end();
  });
});
