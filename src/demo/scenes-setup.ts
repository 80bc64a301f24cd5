/** A scene for every way in which a connection ends before it is a peer. */
import { rawPublicKey } from '../io/crypto/public-key.ts';
import { EMPTY_PAYLOAD, HELLO, PING } from '../io/wire/base-message.ts';
import type { DISCONNECT_CODES } from '../io/wire/disconnect.ts';
import { encodeAuthBody } from '../io/wire/handshake-message.ts';
import type { Hello } from '../io/wire/hello.ts';
import { REPLACEABLE_AFTER_MS } from '../machines/listening/handshake-slots.ts';
import { mapKeys } from '../machines/reason-states.ts';
import type { DisconnectForm } from '../testing/raw-peer/disconnect-forms.ts';
import type { Shown } from './coverage.ts';
import { MAX_PEERS, MAX_PENDING } from './demo-node.ts';
import type { RemoteNode } from './remote-nodes.ts';
import { type Act, type Scene, sealedFor } from './scene.ts';
import type { Guest, Role, Script, Stage } from './stage.ts';

/** For which a guest stays a peer that is in somebody's way, in ms. */
const STAY_MS = 3_000;

/** For the first packet of a handshake to arrive, in ms. */
const PACKET_MS = 200;

/** A web server or a scanner at the wrong port. */
const NOT_RLPX = new TextEncoder().encode('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n');

/** With a connection, or with a session; `act` is what makes it end, or time when there is nothing. */
const meeting =
  (upTo: 'connected' | 'keys', act: Act = () => {}, role?: Role): Script =>
  (stage) =>
    stage.withGuest(role ?? stage.anyRole, async (guest) => {
      if (upTo === 'keys') await stage.agree(guest);
      await act(guest, stage);
    });

const scene = (...meets: Parameters<typeof meeting>): Scene => ({ play: meeting(...meets) });

const sayingHello =
  (changes: Partial<Hello>): Act =>
  ({ stranger, wire }, stage) =>
    wire.sendHello(stage.helloOf(stranger, changes));

/** Somebody is a peer while somebody else comes, who may look like the first one. */
const whileAnother = (second: (first: RemoteNode, stage: Stage) => Promise<void>): Script => {
  return (stage) =>
    stage.withGuest('inbound', async (guest) => {
      await stage.join(guest);
      await second(guest.stranger, stage);
      guest.wire.sendDisconnect('clientQuitting', 'compressed');
    });
};

/** Gone as soon as the node says no, which may be before the last word of the handshake. */
const trying = (guest: Guest, stage: Stage): Promise<void> => stage.agree(guest);

/** Guests take the places that are left, until one is too many. */
const crowding: Script = async (stage) => {
  const { peers } = stage.server;
  const inbound = peers.filter(({ direction }) => direction === 'inbound').length;
  const left = Math.max(0, Math.min(MAX_PEERS - peers.length, (MAX_PEERS * 2) / 3 - inbound));
  const staying = Array.from({ length: left }, () =>
    stage.withGuest('inbound', async (guest) => {
      await stage.join(guest);
      await stage.wait(STAY_MS);
      guest.wire.sendDisconnect('requested', 'compressed');
    }),
  );
  await stage.wait(STAY_MS / 2);
  await Promise.allSettled([...staying, stage.withGuest('inbound', (late) => trying(late, stage))]);
};

/** Silent callers take every slot; somebody comes after so many ms. */
const besieging =
  (afterMs: number): Script =>
  async (stage) => {
    const silent = Array.from({ length: MAX_PENDING }, () =>
      stage.withGuest('inbound', async ({ wire }) => {
        await stage.wait(afterMs + REPLACEABLE_AFTER_MS);
        wire.close();
      }),
    );
    await stage.wait(afterMs);
    const late = stage.withGuest('inbound', ({ wire }) => wire.close());
    await Promise.allSettled([...silent, late]);
  };

export const rejections = {
  'rejected.nodeRemoved': scene(
    'keys',
    async ({ stranger }, stage) => {
      await stage.wait(PACKET_MS);
      stage.forget(stranger.enode);
    },
    'dialled',
  ),
  'rejected.tooManyPeers': { play: crowding, aloneMs: 2 * STAY_MS },
  'rejected.crowdedSubnet': {
    play: whileAnother(({ host }, stage) =>
      stage.withGuest('inbound', (neighbour) => trying(neighbour, stage), {
        address: host.address.replace(/\d+$/, '2'),
      }),
    ),
  },
  'rejected.alreadyConnected': {
    play: whileAnother(({ key }, stage) =>
      stage.withGuest('inbound', (twin) => trying(twin, stage), { key }),
    ),
  },
  'rejected.self': {
    play: (stage) =>
      stage.withGuest('inbound', (mirror) => trying(mirror, stage), {
        key: stage.observed.node.key,
      }),
  },
  'rejected.uselessPeer': scene(
    'keys',
    sayingHello({ capabilities: [{ name: 'eth', version: 69 }] }),
  ),
  'rejected.unexpectedIdentity': scene('keys', sayingHello({ publicKey: 'ef'.repeat(64) })),
  'rejected.invalidIdentity': scene('keys', sayingHello({ publicKey: '00'.repeat(64) })),
  'rejected.unexpectedMessage': scene('keys', ({ wire }) => wire.send(PING, EMPTY_PAYLOAD)),
  'rejected.malformedHello': scene('keys', ({ wire }) => wire.sendHello(Uint8Array.of(1, 2, 3))),
  'rejected.oversizedHello': scene('keys', ({ wire }) => wire.sendHello(new Uint8Array(2_049))),
  'rejected.helloTimeout': scene('keys'),
} satisfies Partial<Record<Extract<Shown, `rejected.${string}`>, Scene>>;

/** What stands on the wire, in the ways of the clients that are out there. */
const REFUSED_BY = {
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
    Extract<Shown, `refused.${string}`>,
    readonly [reason: keyof typeof DISCONNECT_CODES | number, form: DisconnectForm]
  >
>;

export const refusals = mapKeys(REFUSED_BY, (name): Scene => {
  const [reason, form] = REFUSED_BY[name];
  return scene('keys', ({ wire }) => wire.sendDisconnect(reason, 'plain', form));
});

export const failures = {
  'failed.destinationKeyMissing': {
    play: (stage) =>
      stage.withGuest(
        'dialled',
        () => {},
        {},
        ({ key }) => stage.observed.mishaps.records.set(key.id, { publicKey: '' }),
      ),
  },
  'failed.encHandshakeTimeout': scene('connected'),
  'failed.handshakeSizeOutOfRange': scene('connected', ({ wire }) => wire.write(NOT_RLPX)),
  'failed.invalidPublicKey': scene('connected', ({ wire }) =>
    wire.write(new Uint8Array(202).with(1, 200)),
  ),
  'failed.undecryptable': scene('connected', async ({ wire }, stage) => {
    const packet = await sealedFor(stage, new Uint8Array(200));
    wire.write(packet.with(-1, packet.at(-1)! ^ 1)); // as good as for another key
  }),
  'failed.malformedHandshake': scene('connected', async ({ wire }, stage) =>
    wire.write(await sealedFor(stage, EMPTY_PAYLOAD)),
  ),
  'failed.unrecoverableSignature': scene(
    'connected',
    async ({ wire, stranger }, stage) => {
      const auth = encodeAuthBody({
        signature: new Uint8Array(65),
        initiatorPublicKey: rawPublicKey(stranger.key.publicKey),
        nonce: new Uint8Array(32),
      });
      wire.write(await sealedFor(stage, auth));
    },
    'inbound', // an ack carries no signature
  ),
  'failed.badHeaderMac': scene('keys', ({ wire }) => {
    const frame = wire.seal(HELLO, EMPTY_PAYLOAD);
    wire.write(frame.with(0, frame[0]! ^ 1));
  }),
  'failed.badFrameMac': scene('keys', ({ wire }) => {
    const frame = wire.seal(HELLO, EMPTY_PAYLOAD);
    wire.write(frame.with(-1, frame.at(-1)! ^ 1));
  }),
  'failed.connectionClosed': scene('connected', async ({ wire }, stage) => {
    await stage.wait(PACKET_MS); // who leaves before the first byte has come resets the connection
    wire.close();
  }),
  'failed.connectionReset': scene('connected', async ({ wire }, stage) => {
    await stage.wait(PACKET_MS);
    wire.reset();
  }),
  'failed.connectionBroken': scene('keys', ({ stranger }, { observed }) =>
    observed.mishaps
      .endAt(stranger.host.address)
      ?.stream.duplex.destroy(new Error('read EIO, as the system has it')),
  ),
  // what is said before a Hello fits into any buffer, so that no remote can bring this about
  'failed.writeStalled': scene('keys', ({ stranger }, { observed }) =>
    observed.mishaps
      .endAt(stranger.host.address)
      ?.report({ type: 'link.stalled', unsentBytes: 33_000_000 }),
  ),
  'failed.replaced': { play: besieging(REPLACEABLE_AFTER_MS + 300), aloneMs: 2_000 },
  'failed.aborted': scene(
    'connected',
    ({ stranger }, stage) => stage.forget(stranger.enode),
    'dialled',
  ),
  'failed.internalError': scene('keys', ({ stranger }, { observed }) =>
    observed.mishaps
      .endAt(stranger.host.address)
      ?.report({ type: 'link.faulted', message: 'a mistake of ours, on purpose' }),
  ),
} satisfies Partial<Record<Extract<Shown, `failed.${string}`>, Scene>>;

/** Every slot is taken by somebody who came just now: the next one is turned away. */
export const full: Scene = { play: besieging(REPLACEABLE_AFTER_MS - 300), aloneMs: 2_000 };
