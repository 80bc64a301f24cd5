/** A scene for every way in which a peer stops being one. */

import type { Protocol } from '../api/protocol.ts';
import { HANDLER_STALL_MS, MAX_UNREAD_MESSAGES, PING_BURST } from '../io/link/message-router.ts';
import { BASE_PROTOCOL_LENGTH, EMPTY_PAYLOAD, HELLO, PING } from '../io/wire/base-message.ts';
import type { DisconnectReason } from '../io/wire/disconnect.ts';
import { encodeRlp } from '../io/wire/rlp.ts';
import type { AskableReason } from '../machines/peer/peer-endings.ts';
import { mapKeys } from '../machines/reason-states.ts';
import type { DisconnectForm } from '../testing/raw-peer/disconnect-forms.ts';
import type { Shown } from './coverage.ts';
import { MAX_MESSAGE_BYTES, peerOf } from './demo-node.ts';
import type { Act, Scene } from './scene.ts';
import type { Stage } from './stage.ts';

/** A reserved message of the base protocol, which is ignored. */
const RESERVED = 0x04;

/** More than all buffers on the way hold, in bytes. */
const NOISE_BYTES = 300_000;

/** From one sign of life to the next of who never answers a ping, in ms. */
const SIGN_OF_LIFE_MS = 10_000;

/** A guest is a peer, talks a while, and then does this. `manners` is what the node's handler does with it. */
const scene = (act: Act, manners?: Protocol['run']): Scene => ({
  play: (stage) =>
    stage.withGuest(
      stage.openRole,
      async (guest) => {
        await stage.join(guest);
        if (!manners) stage.say(guest, 'hello from a stranger');
        await stage.wait(stage.random.between(500, 2_500));
        await act(guest, stage);
      },
      {},
      ({ key }) => {
        if (manners) stage.observed.manners.set(key.id, manners);
      },
    ),
});

const asked = (reason: AskableReason): Scene =>
  scene(({ stranger }, { observed }) => peerOf(observed, stranger.key.id)?.disconnect(reason));

const saying = (
  code: number,
  payload: Uint8Array = EMPTY_PAYLOAD,
  manners?: Protocol['run'],
): Scene => scene(({ wire }) => wire.sendCompressed(code, payload), manners);

const takeOne: Protocol['run'] = async (_, port) => {
  await port[Symbol.asyncIterator]().next();
};

/** Takes nothing, and does not mind the end either. */
const sleep: Protocol['run'] = (_, { signal }) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

const noise = ({ random }: Stage): Uint8Array => encodeRlp(random.bytes(NOISE_BYTES));

export const ourEndings = {
  'ending.rejected.requested': asked('requested'),
  'ending.rejected.breachOfProtocol': asked('breachOfProtocol'),
  'ending.rejected.uselessPeer': asked('uselessPeer'),
  'ending.rejected.tooManyPeers': asked('tooManyPeers'),
  'ending.rejected.alreadyConnected': asked('alreadyConnected'),
  'ending.rejected.incompatibleVersion': asked('incompatibleVersion'),
  'ending.rejected.invalidIdentity': asked('invalidIdentity'),
  'ending.rejected.unexpectedIdentity': asked('unexpectedIdentity'),
  'ending.rejected.self': asked('self'),
  'ending.rejected.readTimeout': asked('readTimeout'),
  'ending.rejected.subprotocolError': asked('subprotocolError'),
  'ending.rejected.protocolReturned': saying(BASE_PROTOCOL_LENGTH, undefined, takeOne),
  'ending.rejected.protocolFailed': saying(BASE_PROTOCOL_LENGTH, undefined, async (peer, port) => {
    await takeOne(peer, port);
    throw new Error('not what was expected');
  }),
  'ending.rejected.handlerStalled': scene(async ({ wire }, stage) => {
    for (let left = MAX_UNREAD_MESSAGES; left >= 0; left -= 1)
      wire.sendCompressed(BASE_PROTOCOL_LENGTH, EMPTY_PAYLOAD);
    await stage.wait(HANDLER_STALL_MS);
  }, sleep),
  'ending.rejected.pongTimeout': scene(async ({ wire }, stage) => {
    for (let left = 3; left > 0; left -= 1) {
      wire.sendCompressed(RESERVED, EMPTY_PAYLOAD);
      await stage.wait(SIGN_OF_LIFE_MS);
    }
  }),
  // a word would be heard later than the ping of ours that is not answered
  'ending.rejected.silence': scene(() => {}, sleep),
  'ending.rejected.pingFlood': scene(({ wire }) => {
    for (let left = PING_BURST; left >= 0; left -= 1) wire.sendCompressed(PING, EMPTY_PAYLOAD);
  }),
  'ending.rejected.secondHello': saying(HELLO),
  'ending.rejected.unroutableMessage': saying(0x7f),
  'ending.rejected.oversizedMessage': saying(
    BASE_PROTOCOL_LENGTH,
    new Uint8Array(MAX_MESSAGE_BYTES + 1),
  ),
  'ending.rejected.malformedMessage': scene(({ wire }) =>
    wire.send(BASE_PROTOCOL_LENGTH, Uint8Array.of(9, 9)),
  ),
} satisfies Partial<Record<Extract<Shown, `ending.rejected.${string}`>, Scene>>;

const LEFT_BY = {
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
    Extract<Shown, `ending.refused.${string}`>,
    readonly [spoken: DisconnectReason | number, form: DisconnectForm]
  >
>;

export const theirEndings = mapKeys(LEFT_BY, (name): Scene => {
  const [spoken, form] = LEFT_BY[name];
  return scene(({ wire }) => wire.sendDisconnect(spoken, 'compressed', form));
});

export const brokenEndings = {
  'ending.failed.connectionClosed': scene(({ wire }) => wire.close()),
  'ending.failed.connectionReset': scene(({ wire }) => wire.reset()),
  'ending.failed.connectionBroken': scene(({ stranger }, { observed }) =>
    observed.mishaps
      .endAt(stranger.host.address)
      ?.stream.duplex.destroy(new Error('read EIO, as the system has it')),
  ),
  'ending.failed.badHeaderMac': scene(({ wire }) => {
    const frame = wire.seal(PING, EMPTY_PAYLOAD);
    wire.write(frame.with(0, frame[0]! ^ 1));
  }),
  'ending.failed.badFrameMac': scene(({ wire }) => {
    const frame = wire.seal(PING, EMPTY_PAYLOAD);
    wire.write(frame.with(-1, frame.at(-1)! ^ 1));
  }),
  // they want an echo of more than anything on the way can hold, and never read it
  'ending.failed.writeStalled': scene(({ wire }, stage) => {
    wire.sendCompressed(BASE_PROTOCOL_LENGTH, noise(stage));
    wire.stream.duplex.pause();
  }),
  'ending.failed.internalError': scene(({ stranger }, { observed }) =>
    observed.mishaps
      .endAt(stranger.host.address)
      ?.report({ type: 'link.faulted', message: 'a mistake of ours, on purpose' }),
  ),
} satisfies Partial<Record<Extract<Shown, `ending.failed.${string}`>, Scene>>;
