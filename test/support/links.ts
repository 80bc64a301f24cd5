/** Links over a memory stream, with the keys of EIP-8: two that talk to each other, or one that talks to a raw peer. */
import { onTestFinished } from 'vitest';
import type { NodeKey } from '../../src/io/crypto/node-key.ts';
import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import type { ByteStream } from '../../src/io/link/byte-stream.ts';
import type { LinkOptions } from '../../src/io/link/link.ts';
import type { LinkCommand, PeerLinkEvent, SetupLinkEvent } from '../../src/io/link/link-events.ts';
import type { PortPlace } from '../../src/io/link/protocol-port.ts';
import { RecentAuths } from '../../src/io/link/recent-auths.ts';
import { RlpxLink } from '../../src/io/link/rlpx-link.ts';
import { Traffic } from '../../src/io/link/traffic.ts';
import { HandshakeQueue } from '../../src/io/process/handshake-queue.ts';
import type { Hello } from '../../src/io/wire/hello.ts';
import type { RawPeer } from '../../src/testing/raw-peer/raw-peer.ts';
import { newBudgets } from './budgets.ts';
import { seededRandom } from './crypto.ts';
import { alice, bob, primitives } from './handshake.ts';
import { type MemoryOptions, type MemoryPair, memoryPair } from './memory-stream.ts';
import { newRawPeer } from './raw-peer.ts';
import { Reports } from './reports.ts';
import { StepClock } from './step-clock.ts';

export type LinkEvent = SetupLinkEvent | PeerLinkEvent;

/** One link and all it reported. */
export type Side = {
  readonly link: RlpxLink;
  readonly stream: ByteStream;
  readonly clock: StepClock;
  readonly faults: readonly unknown[];
  readonly reports: Reports<LinkEvent>;
  tell(...commands: LinkCommand['type'][]): void;
};

export type LinkSettings = Partial<
  Pick<
    LinkOptions,
    'destination' | 'legacyHandshake' | 'hello' | 'budgets' | 'handshakeQueue' | 'recentAuths'
  >
>;

/** The one protocol of these tests: four messages from 0x10 on. */
export const ECHO: PortPlace = {
  name: 'echo',
  version: 1,
  length: 4,
  offset: 0x10,
  maxMessageBytes: 10 * 1024 * 1024,
};

export function helloOf(key: NodeKey, version = 5): Hello {
  return {
    version,
    client: 'test',
    capabilities: [{ name: ECHO.name, version: ECHO.version }],
    listenPort: 0,
    publicKey: publicKeyHex(key.publicKey),
  };
}

/** A link that is listened to, and released when the test ends. */
export function newSide(stream: ByteStream, key: NodeKey, settings: LinkSettings = {}): Side {
  const clock = new StepClock();
  const faults: unknown[] = [];
  const reports = new Reports<LinkEvent>();
  const link = new RlpxLink({
    stream,
    key,
    primitives,
    random: seededRandom(key.id),
    clock,
    traffic: new Traffic(),
    budgets: newBudgets(),
    destination: null,
    legacyHandshake: false,
    isExpected: false,
    handshakeQueue: new HandshakeQueue(clock),
    recentAuths: new RecentAuths(clock, primitives),
    hello: helloOf(key),
    onFault: (error) => void faults.push(error),
    ...settings,
  });
  link.attach(reports.add);
  onTestFinished(() => {
    link.release(new Error('the test is over'));
    stream.destroy();
  });
  const tell: Side['tell'] = (...commands) => {
    for (const type of commands)
      link.command(type === 'send.disconnect' ? { type, reason: 'tooManyPeers' } : { type });
  };
  return { link, stream, clock, faults, reports, tell };
}

export type Linked = { readonly alice: Side; readonly bob: Side; readonly pair: MemoryPair };

/** Two links on one stream; alice dials bob. */
export function newLinks(settings: LinkSettings = {}, memory: MemoryOptions = {}): Linked {
  const pair = memoryPair(memory);
  return {
    pair,
    alice: newSide(pair.a, alice, { destination: bob.publicKey, ...settings }),
    bob: newSide(pair.b, bob, settings),
  };
}

export async function agreeOnKeys({ alice, bob }: Linked): Promise<void> {
  bob.tell('await.auth');
  alice.tell('send.auth');
  await alice.reports.next('auth.sent');
  alice.tell('await.ack');
  await bob.reports.next('auth.queued');
  bob.tell('process.auth');
  await bob.reports.next('auth.received');
  bob.tell('send.ack');
  await Promise.all([bob.reports.next('ack.sent'), alice.reports.next('ack.received')]);
}

export async function exchangeHellos({ alice, bob }: Linked): Promise<void> {
  for (const side of [alice, bob]) side.tell('send.hello', 'await.hello');
  for (const side of [alice, bob]) await side.reports.next('hello.received');
}

/** Both ends after Hello, with a port for the one protocol. */
export async function startRouting(linked: Linked) {
  await agreeOnKeys(linked);
  await exchangeHellos(linked);
  const [ours, theirs] = [linked.alice, linked.bob].map(({ link, tell }) => {
    const [port] = link.openPorts([ECHO]);
    tell('start.routing');
    return port!;
  });
  return { ours: ours!, theirs: theirs! };
}

export type WithRaw = { readonly side: Side; readonly peer: RawPeer; readonly pair: MemoryPair };

/** A link that dials a raw peer. */
export function newWithRaw(settings: LinkSettings = {}, memory: MemoryOptions = {}): WithRaw {
  const pair = memoryPair(memory);
  const side = newSide(pair.a, alice, { destination: bob.publicKey, ...settings });
  return { side, pair, peer: newRawPeer(pair.b, bob) };
}

/** Up to the session. */
export async function agreeWithRaw(settings: LinkSettings = {}): Promise<WithRaw> {
  const at = newWithRaw(settings);
  at.side.tell('send.auth', 'await.ack');
  await at.peer.answer();
  await at.side.reports.next('ack.received');
  return at;
}

/** Up to routing, with the raw peer speaking `version`. */
export async function routeWithRaw(version = 5) {
  const at = await agreeWithRaw();
  at.side.tell('send.hello', 'await.hello');
  at.peer.sendHello(helloOf(bob, version));
  await at.side.reports.next('hello.received');
  await at.peer.next(); // our Hello
  const [port] = at.side.link.openPorts([ECHO]);
  at.side.tell('start.routing');
  return { ...at, port: port! };
}
