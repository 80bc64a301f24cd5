/**
 * Every outcome of connection-setup, over the wire: a real server and a remote that misbehaves walk the shortest way
 * of the chart to it, in both roles, and are compared with the chart state by state.
 * Longer than 400 lines: it is one table of scenes.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { NodeKey } from '../../src/io/crypto/node-key.ts';
import { rawPublicKey } from '../../src/io/crypto/public-key.ts';
import { makeAuth } from '../../src/io/crypto/rlpx-handshake.ts';
import type { LinkReport } from '../../src/io/link/link.ts';
import { rlpxTransport } from '../../src/io/link/rlpx-link.ts';
import { DISCONNECT, EMPTY_PAYLOAD, HELLO, PING } from '../../src/io/wire/base-message.ts';
import type { DISCONNECT_CODES } from '../../src/io/wire/disconnect.ts';
import { encodeAuthBody } from '../../src/io/wire/handshake-message.ts';
import type { Hello } from '../../src/io/wire/hello.ts';
import {
  type FailureReason,
  REJECTIONS,
  type RefusalReason,
  type RejectionReason,
} from '../../src/machines/connection/connection-endings.ts';
import {
  CHECKPOINT_TIMEOUT_MS,
  type connectionSetupMachine,
  ENC_HANDSHAKE_TIMEOUT_MS,
  HELLO_TIMEOUT_MS,
  TURN_TIMEOUT_MS,
} from '../../src/machines/connection/connection-setup.ts';
import { CROSSED_DIAL_HOLD_MS } from '../../src/machines/connection/crossed-dials.ts';
import { REPLACEABLE_AFTER_MS } from '../../src/machines/listening/handshake-slots.ts';
import { type Driver, replayOver } from '../../src/testing/model/replay.ts';
import type { DisconnectForm } from '../../src/testing/raw-peer/disconnect-forms.ts';
import type { PayloadEncoding } from '../../src/testing/raw-peer/raw-peer.ts';
import { brittlePrimitives, seededRandom } from '../support/crypto.ts';
import { bob, primitives, sealFor } from '../support/handshake.ts';
import { codesOf, connectOnly, helloOf, join } from '../support/raw-peer-in-world.ts';
import { requesting } from '../support/requesting-generator.ts';
import { pathToOutcome } from '../support/setup-paths.ts';
import {
  SERVER_SEED,
  type Setting,
  WIRE_ROLES,
  type WireRole,
  WireStage,
} from '../support/wire-stage.ts';
import { enodeOf, keyOf } from '../support/world.ts';

afterEach(() => void vi.restoreAllMocks());

type Scene = {
  readonly setting?: () => Setting;
  /** How far both are honest. */
  readonly upTo: 'connected' | 'keys';
  /** What moves the chart on from there; time, when there is nothing. */
  readonly act?: (at: WireStage) => unknown;
  /** The roles in which nothing can make it happen, and why. */
  readonly never?: Partial<Record<WireRole, string>>;
  /** Mistakes of ours that are logged. */
  readonly faults?: number;
};

/** Which of our Hellos they received before compression is decided: theirs must have arrived as well. */
type Rejected = Scene & { readonly told: PayloadEncoding | Record<WireRole, PayloadEncoding> };

const FRIEND_SEED = 8;
const PUBLIC = { guest: '95.33.21.3', friend: '95.33.21.2' };

const saysHello =
  (changes?: Partial<Hello>) =>
  ({ guest, seed }: WireStage): void =>
    guest.sendHello(helloOf(seed, changes));

const rejections = {
  serverStopped: {
    upTo: 'keys',
    act: ({ member }) => void member.server.stop(),
    told: 'plain',
  },
  nodeRemoved: {
    upTo: 'keys',
    act: ({ member, enode }) => void member.server.removePeer(enode),
    told: 'plain',
    never: { inbound: 'an inbound connection is no dial that could be cancelled' },
  },
  tooManyPeers: {
    setting: () => ({ options: { maxPeers: 1, trustedNodes: [enodeOf(FRIEND_SEED)] } }),
    upTo: 'connected',
    act: async (at) => {
      await at.befriend(FRIEND_SEED);
      await at.agree();
    },
    told: 'plain',
  },
  crowdedSubnet: {
    setting: () => ({ options: { maxPeersPerSubnet: 1 }, host: PUBLIC.guest, isFound: true }),
    upTo: 'connected',
    act: async (at) => {
      await at.befriend(FRIEND_SEED, PUBLIC.friend);
      await at.agree();
    },
    told: 'plain',
  },
  alreadyConnected: {
    upTo: 'connected',
    act: async (at) => {
      if (at.role === 'dialled') await at.agree();
      const { world, member, seed } = at;
      await join(world, member, seed); // the same key once more
      await world.advance(CROSSED_DIAL_HOLD_MS);
      if (at.role === 'inbound') return at.agree();
      saysHello()(at);
      return world.advance(CROSSED_DIAL_HOLD_MS);
    },
    told: { inbound: 'plain', dialled: 'compressed' },
  },
  self: {
    setting: () => ({ seed: SERVER_SEED }),
    upTo: 'connected',
    act: (at) => at.agree(),
    told: 'plain',
    never: { dialled: 'an auth is made for the dialled key, and our own key is never dialled' },
  },
  uselessPeer: {
    upTo: 'keys',
    act: saysHello({ capabilities: [{ name: 'eth', version: 69 }] }),
    told: 'compressed',
  },
  unexpectedIdentity: {
    upTo: 'keys',
    act: saysHello({ publicKey: 'ef'.repeat(64) }),
    told: 'compressed',
  },
  invalidIdentity: {
    upTo: 'keys',
    act: saysHello({ publicKey: '00'.repeat(64) }),
    told: 'plain',
  },
  unexpectedMessage: {
    upTo: 'keys',
    act: ({ guest }) => guest.send(PING, EMPTY_PAYLOAD),
    told: 'plain',
  },
  malformedHello: {
    upTo: 'keys',
    act: ({ guest }) => guest.sendHello(Uint8Array.of(1, 2, 3)),
    told: 'plain',
  },
  oversizedHello: {
    upTo: 'keys',
    act: ({ guest }) => guest.sendHello(new Uint8Array(2_049)),
    told: 'plain',
  },
  helloTimeout: { upTo: 'keys', told: 'plain' },
} satisfies Record<RejectionReason, Rejected>;

/** What stands on the wire, in the ways of the clients that are out there. */
const refusals = {
  requested: ['requested', 'byte'],
  networkError: ['networkError', 'list'],
  breachOfProtocol: ['breachOfProtocol', 'integer'],
  uselessPeer: ['uselessPeer', 'list'],
  tooManyPeers: ['tooManyPeers', 'integer'],
  alreadyConnected: ['alreadyConnected', 'list'],
  incompatibleVersion: ['incompatibleVersion', 'list'],
  invalidIdentity: ['invalidIdentity', 'list'],
  clientQuitting: ['clientQuitting', 'list'],
  unexpectedIdentity: ['unexpectedIdentity', 'list'],
  self: ['self', 'byte'],
  readTimeout: ['readTimeout', 'list'],
  subprotocolError: ['subprotocolError', 'list'],
  unrecognised: [0x55, 'list'],
} satisfies Record<
  RefusalReason,
  readonly [reason: keyof typeof DISCONNECT_CODES | number, form: DisconnectForm]
>;

/** The latest of each: a scene makes its own before its server starts. */
let brittle: ReturnType<typeof brittlePrimitives>;
let report: LinkReport;
let stick: () => void;

const failures = {
  destinationKeyMissing: {
    // no URL is without a key, and records will be read by discovery: a generator of dials stands in for it
    setting: () => ({ options: { ports: { dialGenerator: requesting({ publicKey: '' }) } } }),
    upTo: 'connected',
    never: { inbound: 'who is called needs no key of theirs' },
  },
  encHandshakeTimeout: { upTo: 'connected' },
  handshakeSizeOutOfRange: {
    upTo: 'connected',
    act: ({ guest }) => guest.write(Uint8Array.of(0, 112)),
  },
  invalidPublicKey: {
    upTo: 'connected',
    act: ({ guest }) => guest.write(new Uint8Array(202).with(1, 200)),
  },
  undecryptable: {
    upTo: 'connected',
    act: async ({ guest }) => guest.write(await sealFor(bob, new Uint8Array(200), 'eip8')),
  },
  malformedHandshake: {
    upTo: 'connected',
    act: async ({ guest, member }) => guest.write(await sealFor(member.key, EMPTY_PAYLOAD, 'eip8')),
  },
  unrecoverableSignature: {
    upTo: 'connected',
    act: async ({ guest, member, seed }) => {
      const auth = encodeAuthBody({
        signature: new Uint8Array(65),
        initiatorPublicKey: rawPublicKey(keyOf(seed).publicKey),
        nonce: new Uint8Array(32),
      });
      guest.write(await sealFor(member.key, auth, 'eip8'));
    },
    never: { dialled: 'an ack carries no signature' },
  },
  replayedAuth: {
    upTo: 'connected',
    act: async ({ world, member, guest, seed }) => {
      const local = { key: keyOf(seed), random: seededRandom('auth'), primitives };
      const { packet } = await makeAuth(local, member.key.publicKey, 'eip8');
      connectOnly(world, member, FRIEND_SEED).write(packet);
      await world.settle();
      guest.write(packet);
    },
    never: { dialled: 'an ack is no auth' },
  },
  serverBusy: {
    // the key is as slow as if all of the CPU were taken
    setting: () => {
      const key = keyOf(SERVER_SEED);
      let isStuck = false;
      stick = () => {
        isStuck = true;
      };
      const ecdh: NodeKey['ecdh'] = (point) => (isStuck ? new Promise(() => {}) : key.ecdh(point));
      return { options: { nodeKey: { ...key, ecdh } } };
    },
    upTo: 'connected',
    act: ({ guest, member }) => {
      stick();
      void guest.dial(member.key.publicKey).catch(() => {});
    },
    never: { dialled: 'a dial of ours waits behind no stranger' },
  },
  badHeaderMac: {
    upTo: 'keys',
    act: ({ guest }) => {
      const frame = guest.seal(HELLO, EMPTY_PAYLOAD);
      guest.write(frame.with(0, frame[0]! ^ 1));
    },
  },
  badFrameMac: {
    upTo: 'keys',
    act: ({ guest }) => {
      const frame = guest.seal(HELLO, EMPTY_PAYLOAD);
      guest.write(frame.with(-1, frame.at(-1)! ^ 1));
    },
  },
  connectionClosed: { upTo: 'connected', act: ({ guest }) => guest.close() },
  connectionReset: { upTo: 'connected', act: ({ guest }) => guest.reset() },
  connectionBroken: {
    upTo: 'connected',
    act: ({ serverEnd }) => serverEnd.duplex.destroy(new Error('read EIO')), // a fault of the system
  },
  writeStalled: {
    // what we send before a Hello fits into any buffer, and a stall takes longer than all of setup: a transport says so
    setting: () => ({
      options: {
        ports: {
          transport: (options) => {
            const link = rlpxTransport(options);
            const attach = (heard: LinkReport): void => {
              report = heard;
              Object.getPrototypeOf(link).attach.call(link, heard);
            };
            return Object.assign(link, { attach });
          },
        },
      },
    }),
    upTo: 'keys',
    act: () => report({ type: 'link.stalled', unsentBytes: 9 }),
  },
  checkpointTimeout: {
    upTo: 'connected',
    act: async (at) => {
      vi.spyOn(console, 'warn').mockImplementation(() => {}); // of XState, for every event sent to it
      at.member.server.actor.stop(); // only a run loop that is dead does not answer
      await at.agree();
    },
  },
  replaced: {
    setting: () => ({ options: { maxPendingPeers: 1 } }),
    upTo: 'connected',
    act: async ({ world, member }) => {
      await world.advance(REPLACEABLE_AFTER_MS + 1, REPLACEABLE_AFTER_MS + 1);
      connectOnly(world, member, FRIEND_SEED);
    },
    never: { dialled: 'it holds no slot that a newcomer could want' },
  },
  aborted: { upTo: 'connected', act: ({ member }) => void member.server.stop() },
  internalError: {
    setting: () => {
      brittle = brittlePrimitives(primitives);
      return { options: { ports: { primitives: brittle.primitives } } };
    },
    upTo: 'connected',
    act: (at) => {
      brittle.break();
      return at.agree().catch(() => {}); // they are gone before their ack
    },
    faults: 1,
  },
} satisfies Record<FailureReason, Scene>;

/** In ms, by the name of the delay. */
const DELAYS: Record<string, number> = {
  encHandshakeTimeout: ENC_HANDSHAKE_TIMEOUT_MS,
  turnTimeout: TURN_TIMEOUT_MS,
  helloTimeout: HELLO_TIMEOUT_MS,
  checkpointTimeout: CHECKPOINT_TIMEOUT_MS,
};

/** The live setup, moved on by the scene or by time when it has not gone on by itself. */
function driverOf(at: WireStage, { act }: Scene): Driver<typeof connectionSetupMachine> {
  let left = act;
  let index = 0;
  const cause = async ({ type }: { readonly type: string }): Promise<void> => {
    const [, delay] = /^xstate\.after\.(\w+)\./.exec(type) ?? [];
    if (at.setupSteps.length === index + 1) {
      if (delay === undefined) await left?.(at);
      else await at.world.advance(DELAYS[delay]!);
      if (delay === undefined) left = undefined;
      await at.world.settle();
    }
    index += 1;
    // what a state takes no notice of is on no shortest way
    while (at.setupSteps[index]?.event !== type && isUnmoved(at, index)) index += 1;
    expect(at.setupSteps[index]?.event).toBe(type);
  };
  return { cause, state: () => at.setupSteps[index]?.state ?? 'none' };
}

const isUnmoved = ({ setupSteps }: WireStage, index: number): boolean =>
  setupSteps[index] !== undefined && setupSteps[index].state === setupSteps[index - 1]?.state;

/** Plays a scene along the way of the chart, and shows that the server tells of this ending and of no other. */
async function play(outcome: string, role: WireRole, scene: Scene): Promise<WireStage> {
  const at = await new WireStage(role, scene.setting?.()).start();
  await at.connect();
  if (scene.upTo === 'keys') await at.agree();
  await replayOver(pathToOutcome(outcome, role), driverOf(at, scene));
  const ended = at.member.log.filter(({ type }) => type === 'ended');
  expect(ended).toMatchObject([{ state: outcome, outcome: outcome.split('.')[0] }]);
  return at;
}

/** A test for each role: of the scene, or that the chart has no such way. */
function inEachRole(outcome: string, scene: Scene, run: (role: WireRole) => Promise<void>): void {
  for (const role of WIRE_ROLES) {
    const why = scene.never?.[role];
    if (why === undefined) test(role, () => run(role));
    else
      test(`${role}: never, for ${why}`, () =>
        expect(() => pathToOutcome(outcome, role)).toThrow('no way'));
  }
}

describe('admitted', () => {
  inEachRole('admitted', { upTo: 'keys' }, async (role) => {
    const at = await new WireStage(role).start();
    await at.connect();
    await at.agree();
    await replayOver(
      pathToOutcome('admitted', role),
      driverOf(at, { upTo: 'keys', act: saysHello() }),
    );
    expect(at.member.log.map(({ type }) => type)).toEqual(['add']);
    await at.end();
  });
});

describe.for(Object.entries(rejections) as [RejectionReason, Rejected][])(
  'rejected.%s',
  ([reason, scene]) => {
    inEachRole(`rejected.${reason}`, scene, async (role) => {
      const at = await play(`rejected.${reason}`, role, scene);
      const { told } = scene;
      at.expectTold(REJECTIONS[reason].wireReason, typeof told === 'string' ? told : told[role]);
      expect(at.guest.received.isEnded).toBe(true);
      await at.end();
    });
  },
);

describe.for(Object.entries(refusals))('refused.%s', ([reason, [spoken, form]]) => {
  const scene: Scene = {
    upTo: 'keys',
    act: ({ guest }) => guest.sendDisconnect(spoken as number, 'plain', form as DisconnectForm),
  };
  inEachRole(`refused.${reason}`, scene, async (role) => {
    const at = await play(`refused.${reason}`, role, scene);
    expect(codesOf(at.guest)).toEqual([HELLO]); // nothing is said to that
    expect(at.guest.received.isEnded).toBe(true);
    await at.end();
  });
});

describe.for(Object.entries(failures) as [FailureReason, Scene][])(
  'failed.%s',
  ([reason, scene]) => {
    inEachRole(`failed.${reason}`, scene, async (role) => {
      const at = await play(`failed.${reason}`, role, scene);
      expect(codesOf(at.guest)).not.toContain(DISCONNECT);
      await at.end(scene.faults);
    });
  },
);
