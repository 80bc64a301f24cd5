/** Every way a peer ends: one named case for each leaf, written out by hand. */
import { describe, expect, test } from 'vitest';

import type { PeerLinkEvent } from '../../../src/io/link/link-events.ts';
import type { DisconnectReason } from '../../../src/io/wire/disconnect.ts';
import type { WireFault } from '../../../src/io/wire/error.ts';
import { FAREWELL_MS } from '../../../src/machines/connection/connection.ts';
import type { PeerEvent } from '../../../src/machines/peer/peer.ts';
import type {
  AskableReason,
  PeerFailureReason,
  PeerRefusalReason,
  PeerRejectionReason,
} from '../../../src/machines/peer/peer-endings.ts';
import type { Facts } from '../../../src/machines/reason-states.ts';
import {
  closed,
  PEER_LINK_EVENTS,
  type PeerRun,
  runPeer,
  runPeerTo,
} from '../../support/peer-run.ts';

type Way = {
  /** What happens, to a peer with one protocol. */
  readonly on: PeerEvent | ((run: PeerRun) => void);
  readonly facts?: Facts;
};

const garbled = (fault: WireFault): Way => ({
  on: { type: 'link.garbled', fault, detail: 'why' },
  facts: { fault, detail: 'why' },
});
const asked = <Reason extends AskableReason>(reason: Reason) => ({
  on: { type: 'disconnect' as const, reason },
  wireReason: reason,
});
const told = (reason: PeerRefusalReason, code: number): Way => ({
  on: { type: 'disconnect.received', reason, code },
  facts: { code },
});

/** `wireReason` is the word the other side hears. */
const REJECTED = {
  requested: asked('requested'),
  breachOfProtocol: asked('breachOfProtocol'),
  uselessPeer: asked('uselessPeer'),
  tooManyPeers: asked('tooManyPeers'),
  alreadyConnected: asked('alreadyConnected'),
  incompatibleVersion: asked('incompatibleVersion'),
  invalidIdentity: asked('invalidIdentity'),
  clientQuitting: asked('clientQuitting'),
  unexpectedIdentity: asked('unexpectedIdentity'),
  self: asked('self'),
  readTimeout: asked('readTimeout'),
  subprotocolError: asked('subprotocolError'),
  churned: { on: { type: 'disconnect', reason: 'churned' }, wireReason: 'uselessPeer' },
  protocolReturned: {
    on: ({ handlers }) => handlers.report({ type: 'handler.returned' }),
    facts: { protocol: 'eth/69' },
    wireReason: 'clientQuitting',
  },
  protocolFailed: {
    on: ({ handlers }) => handlers.report({ type: 'handler.failed', message: 'Error: no chain' }),
    facts: { protocol: 'eth/69', error: 'Error: no chain' },
    wireReason: 'subprotocolError',
  },
  handlerStalled: {
    on: PEER_LINK_EVENTS['handler.stalled'],
    facts: { protocol: 'eth/69' },
    wireReason: 'subprotocolError',
  },
  pongTimeout: { on: PEER_LINK_EVENTS['pong.overdue'], wireReason: 'readTimeout' },
  silence: { on: PEER_LINK_EVENTS['link.silent'], wireReason: 'readTimeout' },
  pingFlood: { on: PEER_LINK_EVENTS['ping.flooded'], wireReason: 'breachOfProtocol' },
  secondHello: { on: PEER_LINK_EVENTS['hello.repeated'], wireReason: 'breachOfProtocol' },
  unroutableMessage: {
    on: PEER_LINK_EVENTS['message.unroutable'],
    facts: { code: 99 },
    wireReason: 'breachOfProtocol',
  },
  oversizedMessage: { ...garbled('messageTooBig'), wireReason: 'breachOfProtocol' },
  malformedMessage: { ...garbled('malformedSnappy'), wireReason: 'breachOfProtocol' },
} as const satisfies Record<PeerRejectionReason, Way & { readonly wireReason: DisconnectReason }>;

const REFUSED = {
  requested: told('requested', 0x00),
  networkError: told('networkError', 0x01),
  breachOfProtocol: told('breachOfProtocol', 0x02),
  uselessPeer: told('uselessPeer', 0x03),
  tooManyPeers: told('tooManyPeers', 0x04),
  alreadyConnected: told('alreadyConnected', 0x05),
  incompatibleVersion: told('incompatibleVersion', 0x06),
  invalidIdentity: told('invalidIdentity', 0x07),
  clientQuitting: told('clientQuitting', 0x08),
  unexpectedIdentity: told('unexpectedIdentity', 0x09),
  self: told('self', 0x0a),
  readTimeout: told('readTimeout', 0x0b),
  subprotocolError: told('subprotocolError', 0x10),
  unrecognised: { on: { type: 'disconnect.received', reason: 'unrecognised', code: null } },
} as const satisfies Record<PeerRefusalReason, Way>;

const FAILED = {
  connectionClosed: { on: closed },
  connectionReset: {
    on: { type: 'link.closed', how: 'reset', detail: 'ECONNRESET' },
    facts: { detail: 'ECONNRESET' },
  },
  connectionBroken: {
    on: { type: 'link.closed', how: 'broken', detail: 'EPIPE' },
    facts: { detail: 'EPIPE' },
  },
  badHeaderMac: garbled('badHeaderMac'),
  badFrameMac: garbled('badFrameMac'),
  writeStalled: { on: PEER_LINK_EVENTS['link.stalled'], facts: { unsentBytes: 9 } },
  internalError: {
    on: PEER_LINK_EVENTS['link.faulted'],
    facts: { message: 'TypeError: oops' },
  },
} as const satisfies Record<PeerFailureReason, Way>;

/** Lets it happen; `said` is what the link was told from then on. */
function take({ on }: Way) {
  const run = runPeer(['eth/69']);
  const before = run.link.commands.length;
  if (typeof on === 'function') on(run);
  else run.send(on);
  run.handlers.report({ type: 'handler.returned' });
  return { run, said: () => run.link.commands.slice(before) };
}

function expectOver(run: PeerRun, outcome: string, state: string, facts: Facts = {}): void {
  expect(run.state()).toBe('closed');
  expect(run.output()).toEqual({ outcome, state, facts, abandoned: [] });
  expect(run.emitted).toEqual([
    { type: 'peer.announced' },
    { type: 'peer.ending', ending: { outcome, state, facts } },
  ]);
  expect([run.link.live, run.clock.pending]).toEqual([0, 0]);
}

describe('rejected by us', () => {
  for (const [reason, way] of Object.entries<Way & { wireReason: DisconnectReason }>(REJECTED))
    test(`${reason}: they get "${way.wireReason}" and 2 s to close the connection`, () => {
      const state = `ending.rejected.${reason}`;
      const { run, said } = take(way);
      expect(said()).toEqual([{ type: 'send.disconnect', reason: way.wireReason }]);
      run.clock.advance(FAREWELL_MS - 1);
      expect(run.state()).toBe(state);
      run.clock.advance(1);
      expectOver(run, 'rejected', state, way.facts);
      expect(said()).toHaveLength(1);
    });
});

describe('refused by them', () => {
  for (const [reason, way] of Object.entries<Way>(REFUSED))
    test(`${reason}: the Disconnect is not answered, and we close our direction`, () => {
      const state = `ending.refused.${reason}`;
      const { run, said } = take(way);
      expect(said()).toEqual([{ type: 'hang.up' }]);
      run.clock.advance(FAREWELL_MS - 1);
      expect(run.state()).toBe(state);
      run.clock.advance(1);
      expectOver(run, 'refused', state, way.facts);
      expect(said()).toHaveLength(1);
    });
});

describe('failed', () => {
  for (const [reason, way] of Object.entries<Way>(FAILED))
    test(`${reason}: nothing is sent and nothing is awaited`, () => {
      const state = `ending.failed.${reason}`;
      const { run, said } = take(way);
      expect(run.trail).toEqual([
        'announcing',
        'running.resting',
        state,
        'awaitingProtocols',
        'closed',
      ]);
      expect(said()).toEqual([]);
      expectOver(run, 'failed', state, way.facts);
    });
});

describe('every report of a link', () => {
  const events: readonly PeerLinkEvent[] = Object.values(PEER_LINK_EVENTS);
  /** The three reports after which nothing more can come from a link. */
  const lastWords: readonly string[] = ['link.closed', 'link.stalled', 'link.faulted'];

  for (const state of ['running.resting', 'running.awaitingPong'] as const)
    for (const event of events)
      test(`${event.type} is handled in ${state}`, () => {
        const run = runPeerTo(state);
        run.link.report(event);
        run.clock.advance(FAREWELL_MS);
        expect(run.isOver()).toBe(!['pong.received', 'pong.deferred'].includes(event.type));
      });

  const ended: readonly [state: string, event: PeerEvent][] = [
    ...Object.keys(REJECTED).map((reason): [string, PeerEvent] => [
      `ending.rejected.${reason}`,
      { type: `reject.${reason as PeerRejectionReason}`, facts: { first: true } },
    ]),
    ...Object.keys(REFUSED).map((reason): [string, PeerEvent] => [
      `ending.refused.${reason}`,
      { type: `refuse.${reason as PeerRefusalReason}`, facts: { first: true } },
    ]),
    ...Object.keys(FAILED).map((reason): [string, PeerEvent] => [
      `ending.failed.${reason}`,
      { type: `fail.${reason as PeerFailureReason}`, facts: { first: true } },
    ]),
  ];
  const late: readonly PeerEvent[] = [
    ...events,
    { type: 'disconnect', reason: 'uselessPeer' },
    { type: 'reject.requested', facts: {} },
    { type: 'refuse.requested', facts: {} },
    { type: 'fail.internalError', facts: {} },
  ];

  for (const [state, first] of ended)
    test(`changes nothing once it is ${state}`, () => {
      for (const event of late) {
        const run = runPeer(['eth/69']);
        run.send(first);
        const commands = [...run.link.commands];
        const isLast = lastWords.includes(event.type) || state.startsWith('ending.failed');
        run.send(event, event);
        expect(run.state()).toBe(isLast ? 'awaitingProtocols' : state);
        run.handlers.report({ type: 'handler.returned' });
        run.clock.advance(FAREWELL_MS);
        expect(run.output()).toMatchObject({ state, facts: { first: true }, abandoned: [] });
        expect(run.link.commands).toEqual(commands);
        expect(run.emitted).toHaveLength(2);
      }
    });
});
