/** The operations of a random run around a server, by name: its script is a list of these. */

import { publicKeyHex } from '../../src/io/crypto/public-key.ts';
import type { DisconnectReason } from '../../src/io/wire/disconnect.ts';
import type { DialTarget } from '../../src/machines/dialing/dial-task.ts';
import { bob } from './handshake.ts';
import {
  BREAKING_FAULTS,
  HANDSHAKE_FAULTS,
  type LinkEvent,
  type ScriptedLink,
} from './scripted-link.ts';
import { FIRST_PORT, IDS, type ServerEnvironment } from './server-environment.ts';
import type { StartFault } from './start-parts.ts';

/** One operation; the numbers choose its target. */
export type Operation = readonly [what: (typeof OPERATIONS)[number], a: number, b: number];

/** Operations that make progress are repeated: else most runs would end before connections interact. */
export const OPERATIONS = [
  ...['call', 'call', 'call', 'go', 'go', 'go', 'go', 'go', 'go', 'go', 'go', 'go', 'go', 'go'],
  ...['trouble', 'hangUp', 'handlerEnds', 'say', 'dropPeer', 'start', 'begin', 'begin'],
  ...['dialConnects', 'dialConnects', 'dialFails', 'keep', 'keep', 'remove', 'trust', 'distrust'],
  ...['wait', 'wait', 'loseSocket', 'bind', 'sabotage', 'stop'],
] as const;

const WAITS_MS = [10, 100, 500, 1_000, 1_000, 2_000, 5_000, 15_000, 35_000, 60_000];

const HOSTS = ['10.0.0.1', '192.0.2.1', '192.0.2.2', '192.0.2.3', '198.51.100.1', '203.0.113.1'];

const SABOTAGES: readonly (StartFault | null)[] = [
  null,
  null,
  null,
  'localNode',
  'socket',
  'datagrams',
  'dialScheduler',
  'slowListener',
];

const REASONS: readonly DisconnectReason[] = ['tooManyPeers', 'requested', 'alreadyConnected'];

const publicKey = publicKeyHex(bob.publicKey);

const target = (id: string): DialTarget => ({
  id,
  publicKey: id === 'y' ? '' : publicKey,
  host: '192.0.2.9',
  hostKind: 'ipv4',
  tcpPort: FIRST_PORT + IDS.indexOf(id),
});

export function perform(environment: ServerEnvironment, [what, a, b]: Operation): void {
  const { checks, tell } = environment;
  const id = oneOf(IDS, b)!;
  switch (what) {
    case 'call': {
      const stream = environment.stream(oneOf(HOSTS, a)!);
      if (environment.parts.socket.live > 0)
        environment.parts.socket.report({ type: 'socket.accepted', stream });
      return;
    }
    case 'go': {
      const link = oneOf(
        checks.alive.filter(({ awaited }) => awaited),
        a,
      );
      return link?.report(answerOf(link, b));
    }
    case 'trouble': {
      const link = oneOf(checks.alive, a);
      if (link) link.report(oneOf(troublesOf(link), b)!);
      return;
    }
    case 'hangUp': {
      const link = oneOf(
        checks.alive.filter(({ lastCommand }) => lastCommand),
        a,
      );
      return link?.report({ type: 'link.closed', how: oneOf(['closed', 'reset'], b)!, detail: '' });
    }
    case 'handlerEnds': {
      const handler = oneOf([...environment.handlers], a);
      if (!handler) return;
      environment.handlers.delete(handler);
      return b % 2 === 0 ? handler.returns() : handler.fails(new Error('oops'));
    }
    case 'say':
      for (const link of checks.links.values()) link.say();
      return;
    case 'dropPeer': {
      const connectionId = oneOf([...checks.peers.keys()], a);
      if (connectionId) environment.connections.peers.dismiss(connectionId, 'uselessPeer');
      return;
    }
    case 'dialConnects': {
      const attempt = oneOf([...environment.attempts], a);
      const stream = environment.stream('192.0.2.9', attempt?.id);
      return attempt?.report({ type: 'socket.connected', stream });
    }
    case 'dialFails':
      return oneOf([...environment.attempts], a)?.report({ type: 'connect.refused', detail: '' });
    case 'keep':
      if (environment.isRunning) checks.forgetDial(id); // it may be dialled at once
      if (id !== 'us') tell({ type: 'static.add', target: target(id) });
      return;
    case 'remove':
      if (environment.isRunning) checks.forgetDial(id);
      return tell({ type: 'peer.remove', id });
    case 'trust':
      if (environment.isRunning) checks.trusted.add(id);
      return tell({ type: 'trusted.add', id });
    case 'distrust':
      if (environment.isRunning) checks.trusted.delete(id);
      return tell({ type: 'trusted.remove', id });
    case 'wait':
      return environment.clock.advance(oneOf(WAITS_MS, a)!);
    case 'loseSocket':
      if (a % 4 !== 0 || environment.parts.socket.live === 0) return;
      checks.seen.lost += 1;
      environment.parts.isBound = false;
      return environment.parts.socket.report({ type: 'socket.closed' });
    case 'bind':
      if (environment.parts.isBound) return loseDatagrams(environment, a);
      return environment.parts.bind();
    case 'start':
      return environment.start();
    case 'begin':
      return begin(environment, a);
    case 'sabotage':
      environment.parts.fault = oneOf(SABOTAGES, a)!;
      return;
    case 'stop':
      if (a % 16 === 0) environment.stop();
  }
}

/** The socket of discovery is lost, restored, or lost for good. */
function loseDatagrams({ parts, checks }: ServerEnvironment, a: number): void {
  if (parts.datagrams.live === 0 || !parts.isDatagramsBound) return;
  checks.seen.lostDatagrams += 1;
  if (a % 4 === 0) return parts.datagrams.report({ type: 'network.closed' });
  parts.datagrams.report({ type: 'network.lost', message: 'EBADF', retryInMs: 1_000 });
  if (a % 4 !== 1) parts.datagrams.report({ type: 'network.restored' });
}

/** Ends the current step of the start, mostly without a failure. */
function begin(environment: ServerEnvironment, a: number): void {
  if (a % 4 !== 0) {
    if (environment.parts.isDatagramsBound) environment.parts.bindDatagramsV5();
    else if (environment.parts.isBound) environment.parts.bindDatagrams();
    else if (environment.parts.isReady) environment.parts.bind();
    else environment.parts.ready();
  } else if (!environment.parts.isReady && environment.parts.localNode.live > 0)
    environment.parts.localNode.report({ type: 'localNode.failed', message: 'oops' });
  else if (!environment.parts.isBound && environment.parts.socket.live > 0)
    environment.parts.socket.report({ type: 'bind.failed', message: 'EADDRINUSE' });
  else if (!environment.parts.isDatagramsBound && environment.parts.datagrams.live > 0)
    environment.parts.datagrams.report({ type: 'network.failed', message: 'EADDRINUSE' });
  else if (!environment.parts.isDatagramsV5Bound && environment.parts.datagramsV5.live > 0)
    environment.parts.datagramsV5.report({ type: 'network.failed', message: 'EADDRINUSE' });
}

/** The event that the link waits for; some Hellos are wrong. */
function answerOf(link: ScriptedLink, b: number): LinkEvent {
  const { awaited: type } = link;
  switch (type) {
    case 'auth.queued':
      return { type };
    case 'auth.received':
    case 'ack.received': {
      const id = link.id || oneOf(IDS, b)!;
      return { type, publicKey: `key of ${id}`, id };
    }
    case 'hello.received': {
      const isLiar = b % 16 === 15;
      const name = b % 16 === 14 ? 'les' : 'eth';
      const capabilities = [
        { name, version: 69 },
        ...(b % 2 ? [{ name: 'snap', version: 1 }] : []),
      ];
      const publicKey = isLiar ? 'key of another node' : `key of ${link.id}`;
      const hello = { version: 5, client: 'test/1', capabilities, listenPort: 0, publicKey };
      return { type, hello };
    }
    default:
      return { type } as LinkEvent;
  }
}

/** Everything else that a link can report at this point. */
function troublesOf({ awaited, phase }: ScriptedLink): readonly LinkEvent[] {
  const events: LinkEvent[] = [
    { type: 'link.closed', how: 'closed', detail: '' },
    { type: 'link.closed', how: 'broken', detail: 'oops' },
    { type: 'link.stalled', unsentBytes: 9 },
    { type: 'link.faulted', message: 'oops' },
  ];
  const garbled = (faults: readonly Garbled['fault'][]): void => {
    for (const fault of faults) events.push({ type: 'link.garbled', fault, detail: '' });
  };
  if (awaited === 'auth.queued' || awaited === 'auth.received' || awaited === 'ack.received')
    garbled(HANDSHAKE_FAULTS);
  if (awaited !== 'hello.received' && phase !== 'routing') return events;
  garbled([...BREAKING_FAULTS, 'frameTooBig', 'malformedRlp', 'malformedHello', 'invalidIdentity']);
  for (const reason of REASONS) events.push({ type: 'disconnect.received', reason, code: null });
  if (phase !== 'routing') return [...events, { type: 'message.unexpected', code: 0x10 }];
  events.push({ type: 'link.silent' }, { type: 'ping.flooded' }, { type: 'hello.repeated' });
  events.push({ type: 'message.unroutable', code: 99 });
  events.push({ type: 'handler.stalled', protocol: 'eth/69' });
  if (awaited === 'pong.received') events.push({ type: 'pong.overdue' });
  return events;
}

type Garbled = Extract<LinkEvent, { type: 'link.garbled' }>;

/** By any number. */
function oneOf<Value>(values: readonly Value[], index: number): Value | undefined {
  return values[index % Math.max(1, values.length)];
}
