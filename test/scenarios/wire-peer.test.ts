/** Every ending of a peer, over the wire and in both roles: what the server reports, and what the remote receives. */
import { describe, expect, test } from 'vitest';
import type { Peer } from '../../src/api/peer.ts';
import type { Port, Protocol } from '../../src/api/protocol.ts';
import { PONG_TIMEOUT_MS, READ_TIMEOUT_MS } from '../../src/io/link/link-timeouts.ts';
import {
  HANDLER_STALL_MS,
  MAX_UNREAD_MESSAGES,
  PING_BURST,
} from '../../src/io/link/message-router.ts';
import { WRITE_STALL_MS } from '../../src/io/link/write-queue.ts';
import { DISCONNECT, EMPTY_PAYLOAD, HELLO, PING, PONG } from '../../src/io/wire/base-message.ts';
import type { DisconnectReason } from '../../src/io/wire/disconnect.ts';
import {
  type AskableReason,
  PEER_REJECTIONS,
  type PeerFailureReason,
  type PeerRefusalReason,
  type PeerRejectionReason,
} from '../../src/machines/peer/peer-endings.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { DisconnectForm } from '../../src/testing/raw-peer/disconnect-forms.ts';
import { brittlePrimitives, seededRandom } from '../support/crypto.ts';
import { primitives } from '../support/handshake.ts';
import { ECHO_OFFSET, idle } from '../support/hub.ts';
import { codesOf } from '../support/raw-peer-in-world.ts';
import { WIRE_ROLES, type WireRole, WireStage } from '../support/wire-stage.ts';

/** Message codes of echo/1 in these scenes: enough for what its handlers send. */
const MAX_MESSAGE_BYTES = 100_000;

/** A reserved message of the base protocol, which is ignored. */
const RESERVED = 0x04;

type Scene = {
  /** What the server does with its peer; nothing unless given. */
  readonly run?: Protocol['run'];
  readonly act: (at: WireStage) => unknown;
  /** Mistakes of ours that are logged. */
  readonly faults?: number;
};

/** Takes one message. */
const takeOne = async (_peer: Peer, port: Port): Promise<void> => {
  await port[Symbol.asyncIterator]().next();
};

const asked = (reason: AskableReason): Scene => ({
  act: ({ member }) => member.server.peers[0]!.disconnect(reason),
});

const says = (code: number, payload = EMPTY_PAYLOAD): Scene['act'] => {
  return ({ guest }) => guest.sendCompressed(code, payload);
};

const ours = {
  requested: { act: ({ member, enode }) => void member.server.removePeer(enode) },
  breachOfProtocol: asked('breachOfProtocol'),
  uselessPeer: asked('uselessPeer'),
  tooManyPeers: asked('tooManyPeers'),
  alreadyConnected: asked('alreadyConnected'),
  incompatibleVersion: asked('incompatibleVersion'),
  invalidIdentity: asked('invalidIdentity'),
  clientQuitting: { act: ({ member }) => void member.server.stop() },
  unexpectedIdentity: asked('unexpectedIdentity'),
  self: asked('self'),
  readTimeout: asked('readTimeout'),
  subprotocolError: asked('subprotocolError'),
  protocolReturned: { run: takeOne, act: says(ECHO_OFFSET) },
  protocolFailed: {
    run: async (peer, port) => {
      await takeOne(peer, port);
      throw new Error('not what was expected');
    },
    act: says(ECHO_OFFSET),
  },
  handlerStalled: {
    act: async ({ guest, world }) => {
      for (let i = 0; i <= MAX_UNREAD_MESSAGES; i += 1)
        guest.sendCompressed(ECHO_OFFSET, EMPTY_PAYLOAD);
      await world.settle(200);
      await world.advance(HANDLER_STALL_MS);
    },
  },
  pongTimeout: {
    // it sends something before our ping at 15 s, and nothing after it
    act: async ({ guest, world }) => {
      await world.advance(10_000);
      guest.sendCompressed(RESERVED, EMPTY_PAYLOAD);
      await world.advance(5_000 + PONG_TIMEOUT_MS);
    },
  },
  silence: { act: ({ world }) => world.advance(READ_TIMEOUT_MS) },
  pingFlood: {
    act: ({ guest }) => {
      for (let i = 0; i <= PING_BURST; i += 1) guest.sendCompressed(PING, EMPTY_PAYLOAD);
    },
  },
  secondHello: { act: says(HELLO) },
  unroutableMessage: { act: says(0x7f) },
  oversizedMessage: { act: says(ECHO_OFFSET, new Uint8Array(MAX_MESSAGE_BYTES + 1)) },
  malformedMessage: { act: ({ guest }) => guest.send(ECHO_OFFSET, Uint8Array.of(9, 9)) },
} satisfies Record<Exclude<PeerRejectionReason, 'churned'>, Scene>; // see churn.test.ts

const theirs = {
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
  unrecognised: [0, 'emptyList'],
} satisfies Record<
  PeerRefusalReason,
  readonly [spoken: DisconnectReason | number, form: DisconnectForm]
>;

/** Of the latest scene. */
let brittle: ReturnType<typeof brittlePrimitives>;

/** From its first message on it sends, and waits for nothing. */
const shout: Protocol['run'] = async (peer, port) => {
  await takeOne(peer, port);
  const noise = seededRandom('noise')(64 * 1024);
  for (let i = 0; i < 50; i += 1) port.send(0, noise).catch(() => {});
  return idle(peer, port);
};

const broken = {
  connectionClosed: { act: ({ guest }) => guest.close() },
  connectionReset: { act: ({ guest }) => guest.reset() },
  connectionBroken: {
    act: ({ serverEnd }) => serverEnd.duplex.destroy(new Error('read EIO')), // a fault of the system
  },
  badHeaderMac: {
    act: ({ guest }) => {
      const frame = guest.seal(PING, EMPTY_PAYLOAD);
      guest.write(frame.with(0, frame[0]! ^ 1));
    },
  },
  badFrameMac: {
    act: ({ guest }) => {
      const frame = guest.seal(PING, EMPTY_PAYLOAD);
      guest.write(frame.with(-1, frame.at(-1)! ^ 1));
    },
  },
  writeStalled: {
    run: shout,
    act: async ({ guest, world }) => {
      guest.stream.duplex.pause();
      guest.sendCompressed(ECHO_OFFSET, EMPTY_PAYLOAD);
      await world.advance(WRITE_STALL_MS);
    },
  },
  internalError: {
    // primitives that throw stand in for a mistake of ours
    act: ({ guest }) => {
      brittle.break();
      guest.sendCompressed(PING, EMPTY_PAYLOAD);
    },
    faults: 1,
  },
} satisfies Record<PeerFailureReason, Scene>;

/** Makes a peer of the guest, plays the scene, and shows that the server tells of this ending and of no other. */
async function play(
  state: string,
  outcome: string,
  role: WireRole,
  scene: Scene,
): Promise<WireStage> {
  brittle = brittlePrimitives(primitives);
  const at = new WireStage(role, {
    options: {
      protocols: [{ ...echo(), maxMessageBytes: MAX_MESSAGE_BYTES, run: scene.run ?? idle }],
      ports: { primitives: brittle.primitives },
    },
  });
  await at.join();
  await scene.act(at);
  await at.world.settle();
  expect(at.member.log.slice(1)).toMatchObject([{ type: 'drop', state, outcome, abandoned: [] }]);
  return at;
}

const cases = <Row>(table: Readonly<Record<string, Row>>) =>
  WIRE_ROLES.flatMap((role) =>
    Object.entries(table).map(([reason, row]) => [role, reason, row] as const),
  );

describe('ending.rejected', () => {
  test.for(cases<Scene>(ours))('%s: %s', async ([role, reason, scene]) => {
    const at = await play(`ending.rejected.${reason}`, 'rejected', role, scene);
    at.expectTold(PEER_REJECTIONS[reason as PeerRejectionReason].wireReason, 'compressed');
    expect(at.guest.received.isEnded).toBe(true);
    await at.end();
  });
});

describe('ending.refused', () => {
  test.for(cases(theirs))('%s: %s', async ([role, reason, [spoken, form]]) => {
    const act: Scene['act'] = ({ guest }) => guest.sendDisconnect(spoken, 'compressed', form);
    const at = await play(`ending.refused.${reason}`, 'refused', role, { act });
    expect(codesOf(at.guest)).toEqual([HELLO]); // nothing is said to that
    expect(at.guest.received.isEnded).toBe(true);
    await at.end();
  });
});

describe('ending.failed', () => {
  test.for(cases<Scene>(broken))('%s: %s', async ([role, reason, scene]) => {
    const at = await play(`ending.failed.${reason}`, 'failed', role, scene);
    expect(codesOf(at.guest)).not.toContain(DISCONNECT);
    await at.end(scene.faults);
  });
});

test('a peer that only answers our pings stays a peer', async () => {
  const at = await new WireStage('inbound').join();
  await at.guest.next(); // our Hello
  for (let left = 4; left > 0; left -= 1) {
    await at.world.advance(15_000);
    expect((await at.guest.next()).code).toBe(PING);
    at.guest.sendCompressed(PONG, EMPTY_PAYLOAD);
  }
  expect(at.member.log).toHaveLength(1);
  await at.end();
});
