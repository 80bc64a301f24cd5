/** A scene for every ending of a peer. */

import type { Peer } from '../api/peer.ts';
import type { Port, Protocol } from '../api/protocol.ts';
import { PONG_TIMEOUT_MS } from '../io/link/link-timeouts.ts';
import { HANDLER_STALL_MS, MAX_UNREAD_MESSAGES, PING_BURST } from '../io/link/message-router.ts';
import { BASE_PROTOCOL_LENGTH, EMPTY_PAYLOAD, HELLO, PING } from '../io/wire/base-message.ts';
import type { DisconnectReason } from '../io/wire/disconnect.ts';
import { encodeRlp } from '../io/wire/rlp.ts';
import { PING_INTERVAL_MS } from '../machines/peer/peer.ts';
import type { AskableReason } from '../machines/peer/peer-endings.ts';
import { mapKeys } from '../machines/reason-states.ts';
import type { DisconnectForm } from '../testing/raw-peer/disconnect-forms.ts';
import type { CoveredOccurrence } from './coverage.ts';
import { MAX_MESSAGE_BYTES, peerOf } from './demo-node.ts';
import type { Scene, SceneStep } from './scene.ts';
import type { SceneContext } from './scene-context.ts';

/** A reserved message of the base protocol, which is ignored. */
const RESERVED = 0x04;

/** More than all buffers hold, in bytes. */
const LARGE_PAYLOAD_BYTES = 300_000;

/** When a remote that never answers pings sends its only message, in ms. */
const ONLY_MESSAGE_MS = 10_000;

/** The remote becomes a peer, waits, and then runs `step`. `handler` replaces the node's echo handler for this peer. */
const scene = (step: SceneStep, handler?: Protocol['run']): Scene => ({
  run: (context) =>
    context.withConnection(
      context.roleWithRoom,
      async (connection) => {
        await context.becomePeer(connection);
        if (!handler) context.sendEcho(connection, 'hello');
        await context.wait(context.random.between(500, 2_500));
        await step(connection, context);
      },
      {},
      ({ key }) => {
        if (handler) context.demoNode.handlers.set(key.id, handler);
      },
    ),
});

const disconnecting = (reason: AskableReason): Scene =>
  scene(({ remote }, { demoNode }) => peerOf(demoNode, remote.key.id)?.disconnect(reason));

const sending = (
  code: number,
  payload: Uint8Array = EMPTY_PAYLOAD,
  handler?: Protocol['run'],
): Scene => scene(({ peer }) => peer.sendCompressed(code, payload), handler);

const readOne = async (_peer: Peer, port: Port): Promise<void> => {
  await port[Symbol.asyncIterator]().next();
};

/** A handler that reads nothing and returns only at the end. */
const ignoreAll: Protocol['run'] = (_, { signal }) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

const largePayload = ({ random }: SceneContext): Uint8Array =>
  encodeRlp(random.bytes(LARGE_PAYLOAD_BYTES));

export const ourEndings = {
  'ending.rejected.requested': disconnecting('requested'),
  'ending.rejected.breachOfProtocol': disconnecting('breachOfProtocol'),
  'ending.rejected.uselessPeer': disconnecting('uselessPeer'),
  'ending.rejected.tooManyPeers': disconnecting('tooManyPeers'),
  'ending.rejected.alreadyConnected': disconnecting('alreadyConnected'),
  'ending.rejected.incompatibleVersion': disconnecting('incompatibleVersion'),
  'ending.rejected.invalidIdentity': disconnecting('invalidIdentity'),
  'ending.rejected.unexpectedIdentity': disconnecting('unexpectedIdentity'),
  'ending.rejected.self': disconnecting('self'),
  'ending.rejected.readTimeout': disconnecting('readTimeout'),
  'ending.rejected.subprotocolError': disconnecting('subprotocolError'),
  'ending.rejected.protocolReturned': sending(BASE_PROTOCOL_LENGTH, undefined, readOne),
  'ending.rejected.protocolFailed': sending(BASE_PROTOCOL_LENGTH, undefined, async (peer, port) => {
    await readOne(peer, port);
    throw new Error('an error of the handler');
  }),
  'ending.rejected.handlerStalled': scene(async ({ peer }, context) => {
    for (let left = MAX_UNREAD_MESSAGES; left >= 0; left -= 1)
      peer.sendCompressed(BASE_PROTOCOL_LENGTH, EMPTY_PAYLOAD);
    await context.wait(HANDLER_STALL_MS);
  }, ignoreAll),
  'ending.rejected.pongTimeout': scene(async ({ peer }, context) => {
    await context.wait(ONLY_MESSAGE_MS);
    peer.sendCompressed(RESERVED, EMPTY_PAYLOAD); // before our ping, and nothing after it
    await context.wait(PING_INTERVAL_MS + PONG_TIMEOUT_MS - ONLY_MESSAGE_MS);
  }),
  // a message would arrive after our unanswered ping and delay the timeout
  'ending.rejected.silence': scene(() => {}, ignoreAll),
  'ending.rejected.pingFlood': scene(({ peer }) => {
    for (let left = PING_BURST; left >= 0; left -= 1) peer.sendCompressed(PING, EMPTY_PAYLOAD);
  }),
  'ending.rejected.secondHello': sending(HELLO),
  'ending.rejected.unroutableMessage': sending(0x7f),
  'ending.rejected.oversizedMessage': sending(
    BASE_PROTOCOL_LENGTH,
    new Uint8Array(MAX_MESSAGE_BYTES + 1),
  ),
  'ending.rejected.malformedMessage': scene(({ peer }) =>
    peer.send(BASE_PROTOCOL_LENGTH, Uint8Array.of(9, 9)),
  ),
} satisfies Partial<Record<Extract<CoveredOccurrence, `ending.rejected.${string}`>, Scene>>;

const DISCONNECTS = {
  'ending.refused.requested': ['requested', 'byte'],
  'ending.refused.networkError': ['networkError', 'list'],
  'ending.refused.breachOfProtocol': ['breachOfProtocol', 'integer'],
  'ending.refused.uselessPeer': ['uselessPeer', 'list'],
  'ending.refused.tooManyPeers': ['tooManyPeers', 'integer'],
  'ending.refused.alreadyConnected': ['alreadyConnected', 'list'],
  'ending.refused.incompatibleVersion': ['incompatibleVersion', 'list'],
  'ending.refused.invalidIdentity': ['invalidIdentity', 'list'],
  'ending.refused.clientQuitting': ['clientQuitting', 'list'],
  'ending.refused.unexpectedIdentity': ['unexpectedIdentity', 'list'],
  'ending.refused.self': ['self', 'byte'],
  'ending.refused.readTimeout': ['readTimeout', 'list'],
  'ending.refused.subprotocolError': ['subprotocolError', 'list'],
  'ending.refused.unrecognised': [0, 'emptyList'],
} as const satisfies Partial<
  Record<
    Extract<CoveredOccurrence, `ending.refused.${string}`>,
    readonly [reason: DisconnectReason | number, form: DisconnectForm]
  >
>;

export const theirEndings = mapKeys(DISCONNECTS, (name): Scene => {
  const [reason, form] = DISCONNECTS[name];
  return scene(({ peer }) => peer.sendDisconnect(reason, 'compressed', form));
});

export const brokenEndings = {
  'ending.failed.connectionClosed': scene(({ peer }) => peer.close()),
  'ending.failed.connectionReset': scene(({ peer }) => peer.reset()),
  'ending.failed.connectionBroken': scene(({ remote }, { demoNode }) =>
    demoNode.faults.nodeEndAt(remote.host.address)?.stream.duplex.destroy(new Error('read EIO')),
  ),
  'ending.failed.badHeaderMac': scene(({ peer }) => {
    const frame = peer.seal(PING, EMPTY_PAYLOAD);
    peer.write(frame.with(0, frame[0]! ^ 1));
  }),
  'ending.failed.badFrameMac': scene(({ peer }) => {
    const frame = peer.seal(PING, EMPTY_PAYLOAD);
    peer.write(frame.with(-1, frame.at(-1)! ^ 1));
  }),
  // the remote requests an echo larger than all buffers and never reads it
  'ending.failed.writeStalled': scene(({ peer }, context) => {
    peer.sendCompressed(BASE_PROTOCOL_LENGTH, largePayload(context));
    peer.stream.duplex.pause();
  }),
  'ending.failed.internalError': scene(({ remote }, { demoNode }) =>
    demoNode.faults
      .nodeEndAt(remote.host.address)
      ?.report({ type: 'link.faulted', message: 'an injected internal error' }),
  ),
} satisfies Partial<Record<Extract<CoveredOccurrence, `ending.failed.${string}`>, Scene>>;
