/** Every way out of connection-setup: one named case for each leaf, written out by hand. */
import { describe, expect, test } from 'vitest';

import type { SetupLinkEvent } from '../../../src/io/link/link-events.ts';
import type { DisconnectReason } from '../../../src/io/wire/disconnect.ts';
import type { WireFault } from '../../../src/io/wire/error.ts';
import type { ConnectionSetupEvent } from '../../../src/machines/connection/connection.ts';
import { type EndedSetup, FAREWELL_MS } from '../../../src/machines/connection/connection.ts';
import type {
  FailureReason,
  RefusalReason,
  RejectionReason,
} from '../../../src/machines/connection/connection-endings.ts';
import {
  CHECKPOINT_TIMEOUT_MS,
  ENC_HANDSHAKE_TIMEOUT_MS,
  HELLO_TIMEOUT_MS,
} from '../../../src/machines/connection/connection-setup.ts';
import type { Facts } from '../../../src/machines/reason-states.ts';
import {
  ROLES,
  type Role,
  runSetup,
  runSetupTo,
  theirHello,
  them,
} from '../../support/setup-run.ts';

type Way = {
  /** Where it waits when it happens. */
  readonly at: string | Record<Role, string>;
  /** What happens: an event, or that many milliseconds of nothing. */
  readonly on: ConnectionSetupEvent | number;
  readonly facts?: Facts;
};

const firstWait = { inbound: 'encHandshake.awaitingAuth', static: 'encHandshake.sendingAuth' };
const otherKey = '11'.repeat(64);

const garbled = (fault: WireFault): SetupLinkEvent => ({
  type: 'link.garbled',
  fault,
  detail: 'why',
});
const closed = (how: 'closed' | 'reset' | 'broken', detail = ''): SetupLinkEvent => ({
  type: 'link.closed',
  how,
  detail,
});
const told = (reason: RefusalReason, code: number | null): SetupLinkEvent => ({
  type: 'disconnect.received',
  reason,
  code,
});

/** `wireReason` is the word the other side hears. */
const REJECTED = {
  serverStopped: {
    at: 'postHandshakeCheckpoint',
    on: { type: 'stop' },
    wireReason: 'clientQuitting',
  },
  nodeRemoved: { at: 'protoHandshake', on: { type: 'cancel' }, wireReason: 'requested' },
  tooManyPeers: {
    at: 'postHandshakeCheckpoint',
    on: { type: 'reject.tooManyPeers', facts: { peers: 50, limit: 50 } },
    facts: { peers: 50, limit: 50 },
    wireReason: 'tooManyPeers',
  },
  crowdedSubnet: {
    at: 'addPeerCheckpoint.asking',
    on: { type: 'reject.crowdedSubnet', facts: { subnet: '198.51.100.0/24', peers: 3, limit: 3 } },
    facts: { subnet: '198.51.100.0/24', peers: 3, limit: 3 },
    wireReason: 'tooManyPeers',
  },
  alreadyConnected: {
    at: 'addPeerCheckpoint.held',
    on: { type: 'reject.alreadyConnected', facts: { connection: '3' } },
    facts: { connection: '3' },
    wireReason: 'alreadyConnected',
  },
  self: {
    at: 'addPeerCheckpoint.asking',
    on: { type: 'reject.self', facts: { id: them.id } },
    facts: { id: them.id },
    wireReason: 'self',
  },
  uselessPeer: {
    at: 'addPeerCheckpoint.asking',
    on: { type: 'reject.uselessPeer', facts: { ours: 'eth/68', theirs: 'les/4' } },
    facts: { ours: 'eth/68', theirs: 'les/4' },
    wireReason: 'uselessPeer',
  },
  unexpectedIdentity: {
    at: 'protoHandshake',
    on: { type: 'hello.received', hello: { ...theirHello, publicKey: otherKey } },
    wireReason: 'unexpectedIdentity',
  },
  invalidIdentity: {
    at: 'protoHandshake',
    on: garbled('invalidIdentity'),
    facts: { fault: 'invalidIdentity', detail: 'why' },
    wireReason: 'invalidIdentity',
  },
  unexpectedMessage: {
    at: 'protoHandshake',
    on: { type: 'message.unexpected', code: 2 },
    facts: { code: 2 },
    wireReason: 'breachOfProtocol',
  },
  malformedHello: {
    at: 'protoHandshake',
    on: garbled('malformedHello'),
    facts: { fault: 'malformedHello', detail: 'why' },
    wireReason: 'breachOfProtocol',
  },
  oversizedHello: {
    at: 'protoHandshake',
    on: garbled('frameTooBig'),
    facts: { fault: 'frameTooBig', detail: 'why' },
    wireReason: 'breachOfProtocol',
  },
  helloTimeout: { at: 'protoHandshake', on: HELLO_TIMEOUT_MS, wireReason: 'readTimeout' },
} as const satisfies Record<RejectionReason, Way & { readonly wireReason: DisconnectReason }>;

const refusal = (reason: RefusalReason, code: number): Way => ({
  at: 'protoHandshake',
  on: told(reason, code),
  facts: { code },
});

const REFUSED = {
  requested: refusal('requested', 0x00),
  networkError: refusal('networkError', 0x01),
  breachOfProtocol: refusal('breachOfProtocol', 0x02),
  uselessPeer: refusal('uselessPeer', 0x03),
  tooManyPeers: refusal('tooManyPeers', 0x04),
  alreadyConnected: refusal('alreadyConnected', 0x05),
  incompatibleVersion: refusal('incompatibleVersion', 0x06),
  invalidIdentity: refusal('invalidIdentity', 0x07),
  clientQuitting: refusal('clientQuitting', 0x08),
  unexpectedIdentity: refusal('unexpectedIdentity', 0x09),
  self: refusal('self', 0x0a),
  readTimeout: refusal('readTimeout', 0x0b),
  subprotocolError: { ...refusal('subprotocolError', 0x10), at: 'addPeerCheckpoint.asking' },
  unrecognised: { at: 'protoHandshake', on: told('unrecognised', null), facts: {} },
} as const satisfies Record<RefusalReason, Way>;

const handshakeFault = (fault: WireFault): Way => ({
  at: { inbound: 'encHandshake.awaitingAuth', static: 'encHandshake.awaitingAck' },
  on: garbled(fault),
  facts: { fault, detail: 'why' },
});
const frameFault = (fault: WireFault): Way => ({
  at: 'protoHandshake',
  on: garbled(fault),
  facts: { fault, detail: 'why' },
});

/** A record without a key fails before it waits for anything: it has a test of its own below. */
const FAILED = {
  encHandshakeTimeout: { at: firstWait, on: ENC_HANDSHAKE_TIMEOUT_MS },
  handshakeSizeOutOfRange: handshakeFault('handshakeSizeOutOfRange'),
  invalidPublicKey: handshakeFault('invalidPublicKey'),
  undecryptable: handshakeFault('undecryptable'),
  malformedHandshake: handshakeFault('malformedHandshake'),
  unrecoverableSignature: handshakeFault('unrecoverableSignature'),
  replayedAuth: handshakeFault('replayedAuth'),
  serverBusy: {
    at: { inbound: 'encHandshake.awaitingTurn', static: 'encHandshake.awaitingAck' },
    on: { type: 'fail.serverBusy', facts: { waiting: 256 } },
    facts: { waiting: 256 },
  },
  badHeaderMac: frameFault('badHeaderMac'),
  badFrameMac: frameFault('badFrameMac'),
  connectionClosed: { at: firstWait, on: closed('closed') },
  connectionReset: {
    at: 'protoHandshake',
    on: closed('reset', 'ECONNRESET'),
    facts: { detail: 'ECONNRESET' },
  },
  connectionBroken: {
    at: 'postHandshakeCheckpoint',
    on: closed('broken', 'EPIPE'),
    facts: { detail: 'EPIPE' },
  },
  writeStalled: {
    at: 'protoHandshake',
    on: { type: 'link.stalled', unsentBytes: 9 },
    facts: { unsentBytes: 9 },
  },
  checkpointTimeout: { at: 'postHandshakeCheckpoint', on: CHECKPOINT_TIMEOUT_MS },
  replaced: { at: firstWait, on: { type: 'make.room' } },
  aborted: { at: firstWait, on: { type: 'stop' } },
  internalError: {
    at: 'protoHandshake',
    on: { type: 'link.faulted', message: 'TypeError: oops' },
    facts: { message: 'TypeError: oops' },
  },
} as const satisfies Record<Exclude<FailureReason, 'destinationKeyMissing'>, Way>;

/** Lets it happen; `said` is what the link was told from then on. */
function take(role: Role, { at, on }: Way) {
  const run = runSetupTo(role, typeof at === 'string' ? at : at[role]);
  const before = run.link.commands.length;
  if (typeof on === 'number') run.clock.advance(on);
  else run.send(on);
  return { run, said: () => run.link.commands.slice(before) };
}

function expectOver(run: ReturnType<typeof runSetup>, state: string, facts: Facts = {}): void {
  const [outcome] = state.split('.');
  expect(run.isOver()).toBe(true);
  expect(run.state()).toBe('closed');
  expect(run.output()).toMatchObject({ outcome, state, facts });
  const output = run.output() as EndedSetup;
  expect(output.facts).toEqual(facts);
  expect(run.link.live).toBe(0);
  expect(run.clock.pending).toBe(0);
}

for (const role of ROLES) {
  describe(`${role}: rejected`, () => {
    for (const [reason, way] of Object.entries(REJECTED) as [RejectionReason, Rejected][])
      test(`${reason}: they get "${way.wireReason}" and 2 s to close the connection`, () => {
        const { run, said } = take(role, way);
        const state = `rejected.${reason}`;
        expect(run.state()).toBe(state);
        expect(run.isOver()).toBe(false);
        expect(said()).toEqual([{ type: 'send.disconnect', reason: way.wireReason }]);
        run.clock.advance(FAREWELL_MS);
        expectOver(run, state, way.facts);
        expect(said()).toHaveLength(1);
        expect(run.trail.filter((entry) => entry.startsWith('rejected'))).toEqual([state]);
      });
  });

  describe(`${role}: refused`, () => {
    for (const [reason, way] of Object.entries<Way>(REFUSED))
      test(`${reason}: their Disconnect is not answered, and we close our direction`, () => {
        const { run, said } = take(role, way);
        const state = `refused.${reason}`;
        expect(run.state()).toBe(state);
        expect(said()).toEqual([{ type: 'hang.up' }]);
        run.clock.advance(FAREWELL_MS);
        expectOver(run, state, way.facts);
        expect(said()).toHaveLength(1);
        expect(run.trail.filter((entry) => entry.startsWith('refused'))).toEqual([state]);
      });
  });

  describe(`${role}: failed`, () => {
    for (const [reason, way] of Object.entries<Way>(FAILED))
      test(`${reason}: it ends at once, and nothing is sent`, () => {
        const { run, said } = take(role, way);
        expect(run.trail.slice(-2)).toEqual([`failed.${reason}`, 'closed']);
        expect(said()).toEqual([]);
        expectOver(run, `failed.${reason}`, way.facts);
      });
  });
}

const identityOf = (run: ReturnType<typeof runSetup>) => (run.output() as EndedSetup).identity;

type Rejected = Way & { readonly wireReason: DisconnectReason };

test('static: a record without a key fails before a byte is sent', () => {
  const run = runSetup('static', false);
  expect(run.trail).toEqual([
    'encHandshake.choosingRole',
    'failed.destinationKeyMissing',
    'closed',
  ]);
  expect(run.link.commands).toEqual([]);
  expectOver(run, 'failed.destinationKeyMissing');
});

describe('the output of an ended setup has the identity as far as it is known', () => {
  test('nothing before the handshake', () => {
    const run = take('inbound', FAILED.aborted).run;
    expect(identityOf(run)).toEqual({});
  });
  test('the key after it', () => {
    const run = take('inbound', FAILED.connectionReset).run;
    expect(identityOf(run)).toEqual(them);
  });
  test('their Hello too, even one with another key', () => {
    const { run } = take('static', REJECTED.unexpectedIdentity);
    run.clock.advance(FAREWELL_MS);
    const hello = { ...theirHello, publicKey: otherKey };
    expect(identityOf(run)).toEqual({ ...them, hello });
  });
});
