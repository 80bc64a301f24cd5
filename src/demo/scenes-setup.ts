/** A scene for every ending of a connection before it is a peer. */
import { rawPublicKey } from '../io/crypto/public-key.ts';
import { makeAuth } from '../io/crypto/rlpx-handshake.ts';
import { EMPTY_PAYLOAD, HELLO, PING } from '../io/wire/base-message.ts';
import type { DISCONNECT_CODES } from '../io/wire/disconnect.ts';
import { encodeAuthBody } from '../io/wire/handshake-message.ts';
import type { Hello } from '../io/wire/hello.ts';
import { REPLACEABLE_AFTER_MS } from '../machines/listening/handshake-slots.ts';
import { mapKeys } from '../machines/reason-states.ts';
import type { DisconnectForm } from '../testing/raw-peer/disconnect-forms.ts';
import { fastPrimitives } from '../testing/raw-peer/fast-crypto.ts';
import type { CoveredOccurrence } from './coverage.ts';
import { MAX_PEERS, MAX_PENDING } from './demo-node.ts';
import type { RemoteNode } from './remote-nodes.ts';
import { encryptForNode, type Scene, type SceneStep } from './scene.ts';
import type { RemoteConnection, Role, SceneContext, SceneScript } from './scene-context.ts';

/** How long a remote stays a peer to block another connection, in ms. */
const PEER_TIME_MS = 3_000;

/** Time until the first handshake packet has arrived, in ms. */
const PACKET_WAIT_MS = 200;

/** What a web client or a scanner sends. */
const NOT_RLPX = new TextEncoder().encode('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n');

/** Connects, with or without the enc handshake, and runs `step`. Without a step, a timeout ends the connection. */
const connecting =
  (upTo: 'connected' | 'keys', step: SceneStep = () => {}, role?: Role): SceneScript =>
  (context) =>
    context.withConnection(role ?? context.randomRole, async (connection) => {
      if (upTo === 'keys') await context.handshake(connection);
      await step(connection, context);
    });

const scene = (...args: Parameters<typeof connecting>): Scene => ({ run: connecting(...args) });

const sendingHello =
  (changes: Partial<Hello>): SceneStep =>
  ({ remote, peer }, context) =>
    peer.sendHello(context.helloOf(remote, changes));

/** Runs `second` while a remote is a peer. */
const whileConnected = (
  second: (first: RemoteNode, context: SceneContext) => Promise<void>,
): SceneScript => {
  return (context) =>
    context.withConnection('inbound', async (connection) => {
      await context.becomePeer(connection);
      await second(connection.remote, context);
      connection.peer.sendDisconnect('clientQuitting', 'compressed');
    });
};

/** Ends when the demo node rejects it, possibly during the handshake. */
const attempt = (connection: RemoteConnection, context: SceneContext): Promise<void> =>
  context.handshake(connection);

/** Peers fill the free places, then one more connects. */
const exceedingPeerLimit: SceneScript = async (context) => {
  const { peers } = context.server;
  const inbound = peers.filter(({ direction }) => direction === 'inbound').length;
  const free = Math.max(0, Math.min(MAX_PEERS - peers.length, (MAX_PEERS * 2) / 3 - inbound));
  const staying = together(free, () =>
    context.withConnection('inbound', async (connection) => {
      await context.becomePeer(connection);
      await context.wait(PEER_TIME_MS);
      connection.peer.sendDisconnect('requested', 'compressed');
    }),
  );
  await context.wait(PEER_TIME_MS / 2);
  await together(1, () => context.withConnection('inbound', (late) => attempt(late, context)));
  await staying;
};

/** Resolves when all have ended. Observed from the start: the end of the demo rejects them while a scene waits. */
const together = (count: number, run: () => Promise<void>): Promise<unknown> =>
  Promise.allSettled(Array.from({ length: count }, run));

/** Silent callers take every slot; another one connects `afterMs` later. */
const fillingAllSlots =
  (afterMs: number): SceneScript =>
  async (context) => {
    const silent = together(MAX_PENDING, () =>
      context.withConnection('inbound', async ({ peer }) => {
        await context.wait(afterMs + REPLACEABLE_AFTER_MS);
        peer.close();
      }),
    );
    await context.wait(afterMs);
    await together(1, () => context.withConnection('inbound', ({ peer }) => peer.close()));
    await silent;
  };

export const rejections = {
  'rejected.nodeRemoved': scene(
    'keys',
    async ({ remote }, context) => {
      await context.wait(PACKET_WAIT_MS);
      context.removePeer(remote.enode);
    },
    'dialled',
  ),
  'rejected.tooManyPeers': { run: exceedingPeerLimit, exclusiveMs: 2 * PEER_TIME_MS },
  'rejected.crowdedSubnet': {
    run: whileConnected(({ host }, context) =>
      context.withConnection('inbound', (second) => attempt(second, context), {
        address: host.address.replace(/\d+$/, '2'),
      }),
    ),
  },
  'rejected.alreadyConnected': {
    run: whileConnected(({ key }, context) =>
      context.withConnection('inbound', (second) => attempt(second, context), { key }),
    ),
  },
  'rejected.self': {
    run: (context) =>
      context.withConnection('inbound', (second) => attempt(second, context), {
        key: context.demoNode.node.key,
      }),
  },
  'rejected.uselessPeer': scene(
    'keys',
    sendingHello({ capabilities: [{ name: 'eth', version: 69 }] }),
  ),
  'rejected.unexpectedIdentity': scene('keys', sendingHello({ publicKey: 'ef'.repeat(64) })),
  'rejected.invalidIdentity': scene('keys', sendingHello({ publicKey: '00'.repeat(64) })),
  'rejected.unexpectedMessage': scene('keys', ({ peer }) => peer.send(PING, EMPTY_PAYLOAD)),
  'rejected.malformedHello': scene('keys', ({ peer }) => peer.sendHello(Uint8Array.of(1, 2, 3))),
  'rejected.oversizedHello': scene('keys', ({ peer }) => peer.sendHello(new Uint8Array(2_049))),
  'rejected.helloTimeout': scene('keys'),
} satisfies Partial<Record<Extract<CoveredOccurrence, `rejected.${string}`>, Scene>>;

/** Disconnect reasons in the forms that real clients send. */
const DISCONNECTS = {
  'refused.requested': ['requested', 'byte'],
  'refused.networkError': ['networkError', 'list'],
  'refused.breachOfProtocol': ['breachOfProtocol', 'integer'],
  'refused.uselessPeer': ['uselessPeer', 'list'],
  'refused.tooManyPeers': ['tooManyPeers', 'integer'],
  'refused.alreadyConnected': ['alreadyConnected', 'list'],
  'refused.incompatibleVersion': ['incompatibleVersion', 'list'],
  'refused.invalidIdentity': ['invalidIdentity', 'list'],
  'refused.clientQuitting': ['clientQuitting', 'list'],
  'refused.unexpectedIdentity': ['unexpectedIdentity', 'list'],
  'refused.self': ['self', 'byte'],
  'refused.readTimeout': ['readTimeout', 'list'],
  'refused.subprotocolError': ['subprotocolError', 'list'],
  'refused.unrecognised': [0x55, 'list'],
} as const satisfies Partial<
  Record<
    Extract<CoveredOccurrence, `refused.${string}`>,
    readonly [reason: keyof typeof DISCONNECT_CODES | number, form: DisconnectForm]
  >
>;

export const refusals = mapKeys(DISCONNECTS, (name): Scene => {
  const [reason, form] = DISCONNECTS[name];
  return scene('keys', ({ peer }) => peer.sendDisconnect(reason, 'plain', form));
});

export const failures = {
  'failed.destinationKeyMissing': {
    run: (context) =>
      context.withConnection(
        'dialled',
        () => {},
        {},
        ({ key }) => context.demoNode.faults.records.set(key.id, { publicKey: '' }),
      ),
  },
  'failed.encHandshakeTimeout': scene('connected'),
  'failed.handshakeSizeOutOfRange': scene('connected', ({ peer }) => peer.write(NOT_RLPX)),
  'failed.invalidPublicKey': scene('connected', ({ peer }) =>
    peer.write(new Uint8Array(202).with(1, 200)),
  ),
  'failed.undecryptable': scene('connected', async ({ peer }, context) => {
    const packet = await encryptForNode(context, new Uint8Array(200));
    peer.write(packet.with(-1, packet.at(-1)! ^ 1)); // like a packet for another key
  }),
  'failed.malformedHandshake': scene('connected', async ({ peer }, context) =>
    peer.write(await encryptForNode(context, EMPTY_PAYLOAD)),
  ),
  'failed.unrecoverableSignature': scene(
    'connected',
    async ({ peer, remote }, context) => {
      const auth = encodeAuthBody({
        signature: new Uint8Array(65),
        initiatorPublicKey: rawPublicKey(remote.key.publicKey),
        nonce: new Uint8Array(32),
      });
      peer.write(await encryptForNode(context, auth));
    },
    'inbound', // an ack carries no signature
  ),
  'failed.replayedAuth': scene(
    'connected',
    async ({ peer, remote }, context) => {
      const { key } = remote;
      const { publicKey } = context.demoNode.node.key;
      const local = { key, random: context.random.bytes, primitives: fastPrimitives };
      const { packet } = await makeAuth(local, publicKey, 'eip8');
      peer.write(packet);
      await context.withConnection('inbound', (second) => second.peer.write(packet));
    },
    'inbound', // an ack is no auth
  ),
  // handshakes take no time in a simulated world, so the queue is never full there
  'failed.serverBusy': {
    run: (context) =>
      context.withConnection(
        'inbound',
        (connection) => attempt(connection, context),
        {},
        ({ host }) => context.demoNode.faults.withoutTurn.add(host.address),
      ),
  },
  'failed.badHeaderMac': scene('keys', ({ peer }) => {
    const frame = peer.seal(HELLO, EMPTY_PAYLOAD);
    peer.write(frame.with(0, frame[0]! ^ 1));
  }),
  'failed.badFrameMac': scene('keys', ({ peer }) => {
    const frame = peer.seal(HELLO, EMPTY_PAYLOAD);
    peer.write(frame.with(-1, frame.at(-1)! ^ 1));
  }),
  'failed.connectionClosed': scene('connected', async ({ peer }, context) => {
    await context.wait(PACKET_WAIT_MS); // closing before the first byte arrives would be a reset
    peer.close();
  }),
  'failed.connectionReset': scene('connected', async ({ peer }, context) => {
    await context.wait(PACKET_WAIT_MS);
    peer.reset();
  }),
  'failed.connectionBroken': scene('keys', ({ remote }, { demoNode }) =>
    demoNode.faults.nodeEndAt(remote.host.address)?.stream.duplex.destroy(new Error('read EIO')),
  ),
  // everything before a Hello fits into any buffer, so no remote can cause this
  'failed.writeStalled': scene('keys', ({ remote }, { demoNode }) =>
    demoNode.faults
      .nodeEndAt(remote.host.address)
      ?.report({ type: 'link.stalled', unsentBytes: 33_000_000 }),
  ),
  'failed.replaced': { run: fillingAllSlots(REPLACEABLE_AFTER_MS + 300), exclusiveMs: 2_000 },
  'failed.aborted': scene(
    'connected',
    ({ remote }, context) => context.removePeer(remote.enode),
    'dialled',
  ),
  'failed.internalError': scene('keys', ({ remote }, { demoNode }) =>
    demoNode.faults
      .nodeEndAt(remote.host.address)
      ?.report({ type: 'link.faulted', message: 'an injected internal error' }),
  ),
} satisfies Partial<Record<Extract<CoveredOccurrence, `failed.${string}`>, Scene>>;

/** Every slot is held by a recent caller that cannot be replaced yet: the next one is turned away. */
export const allSlotsTaken: Scene = {
  run: fillingAllSlots(REPLACEABLE_AFTER_MS - 300),
  exclusiveMs: 2_000,
};
