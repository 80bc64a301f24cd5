/**
 * Every way a peer stops being one, and the pure rules that choose one.
 * Each key is a state under `ending.ours`, `ending.theirs` or `ending.failed` of peer and an event of that name.
 */
import type { CloseKind } from '../io/actors/link-events.ts';
import type { DisconnectReason } from '../io/wire/disconnect.ts';
import type { WireFault } from '../io/wire/error.ts';
import type { Facts } from './leaves.ts';

/** We end it; `spoken` goes out as a Disconnect. The first twelve are what a caller may ask for by name. */
export const OUR_ENDINGS = {
  requested: { spoken: 'requested', sentence: 'Asked for by the user of this server.' },
  breachOfProtocol: { spoken: 'breachOfProtocol', sentence: 'They broke a rule of a protocol.' },
  uselessPeer: { spoken: 'uselessPeer', sentence: 'They are of no use to us.' },
  tooManyPeers: { spoken: 'tooManyPeers', sentence: 'A subprotocol has no room for them.' },
  alreadyConnected: { spoken: 'alreadyConnected', sentence: 'They are connected twice.' },
  incompatibleVersion: { spoken: 'incompatibleVersion', sentence: 'They speak another version.' },
  invalidIdentity: { spoken: 'invalidIdentity', sentence: 'Their identity is of no use.' },
  clientQuitting: { spoken: 'clientQuitting', sentence: 'This server is stopping.' },
  unexpectedIdentity: { spoken: 'unexpectedIdentity', sentence: 'They are somebody else.' },
  self: { spoken: 'self', sentence: 'They are ourselves.' },
  readTimeout: { spoken: 'readTimeout', sentence: 'A message was awaited for too long.' },
  subprotocolError: { spoken: 'subprotocolError', sentence: 'A subprotocol has a reason.' },
  protocolReturned: {
    spoken: 'clientQuitting',
    sentence: 'A protocol handler returned; go-ethereum says the same word then.',
  },
  protocolFailed: { spoken: 'subprotocolError', sentence: 'A protocol handler threw.' },
  handlerStalled: {
    spoken: 'subprotocolError',
    sentence: 'A protocol handler left its queue full for too long.',
  },
  pongTimeout: { spoken: 'readTimeout', sentence: 'A ping of ours was not answered.' },
  silence: { spoken: 'readTimeout', sentence: 'No whole message came for 30 s.' },
  pingFlood: { spoken: 'breachOfProtocol', sentence: 'They ping too often.' },
  secondHello: { spoken: 'breachOfProtocol', sentence: 'They said Hello twice.' },
  unroutableMessage: {
    spoken: 'breachOfProtocol',
    sentence: 'A message id belongs to no capability we share.',
  },
  oversizedMessage: { spoken: 'breachOfProtocol', sentence: 'A message is over its limit.' },
  malformedMessage: { spoken: 'breachOfProtocol', sentence: 'A message cannot be decoded.' },
} as const satisfies Record<string, SpokenEnding> & Record<AskableReason, SpokenEnding>;

/** They end it with a Disconnect, which is not answered. */
export const THEIR_ENDINGS = {
  requested: { sentence: 'They asked to disconnect: often deliberate churn.' },
  networkError: { sentence: 'They report a network error.' },
  breachOfProtocol: { sentence: 'They say we broke a protocol.' },
  uselessPeer: { sentence: 'We are of no use to them.' },
  tooManyPeers: { sentence: 'They have no room for us.' },
  alreadyConnected: { sentence: 'They hold another connection to us.' },
  incompatibleVersion: { sentence: 'They speak another version.' },
  invalidIdentity: { sentence: 'They do not accept our identity.' },
  clientQuitting: { sentence: 'They are shutting down, or a handler of theirs returned.' },
  unexpectedIdentity: { sentence: 'They expected somebody else.' },
  self: { sentence: 'They take us for themselves.' },
  readTimeout: { sentence: 'They waited too long for a message of ours.' },
  subprotocolError: { sentence: 'A subprotocol of theirs ended it.' },
  unrecognised: { sentence: 'They disconnected with a reason that nobody knows.' },
} as const satisfies Record<DisconnectReason | 'unrecognised', Ending>;

/** The link broke: nothing can be said any more. */
export const BROKEN_ENDINGS = {
  connectionClosed: { sentence: 'They closed the connection without a word.' },
  connectionReset: { sentence: 'The connection was reset.' },
  connectionBroken: { sentence: 'The socket reported an error.' },
  badHeaderMac: { sentence: 'The MAC of a frame header is wrong.' },
  badFrameMac: { sentence: 'The MAC of a frame body is wrong.' },
  writeStalled: { sentence: 'They stopped taking our bytes.' },
  internalError: { sentence: 'A mistake of ours; the log has its stack.' },
} as const satisfies Record<string, Ending>;

type Ending = { readonly sentence: string };
type SpokenEnding = Ending & { readonly spoken: DisconnectReason };

/** What `peer.disconnect()` accepts. `networkError` never goes on the wire. */
export type AskableReason = Exclude<DisconnectReason, 'networkError'>;

export type OurEnding = keyof typeof OUR_ENDINGS;
export type TheirEnding = keyof typeof THEIR_ENDINGS;
export type BrokenEnding = keyof typeof BROKEN_ENDINGS;

export type PeerEndingEvent =
  | { [R in OurEnding]: { readonly type: `leave.${R}`; readonly facts: Facts } }[OurEnding]
  | { [R in TheirEnding]: { readonly type: `left.${R}`; readonly facts: Facts } }[TheirEnding]
  | { [R in BrokenEnding]: { readonly type: `broke.${R}`; readonly facts: Facts } }[BrokenEnding];

/** Whether a fault can still be answered: only where frames stay in step. Handshake faults cannot happen any more. */
const FAULT_ENDS_AS = {
  badHeaderMac: 'broke.badHeaderMac',
  badFrameMac: 'broke.badFrameMac',
  frameTooBig: 'leave.oversizedMessage',
  messageTooBig: 'leave.oversizedMessage',
  malformedFrame: 'leave.malformedMessage',
  malformedSnappy: 'leave.malformedMessage',
  malformedRlp: 'leave.malformedMessage',
  malformedHello: 'leave.secondHello',
  invalidIdentity: 'leave.secondHello',
  handshakeSizeOutOfRange: 'broke.internalError',
  invalidPublicKey: 'broke.internalError',
  undecryptable: 'broke.internalError',
  malformedHandshake: 'broke.internalError',
  unrecoverableSignature: 'broke.internalError',
} as const satisfies Record<WireFault, PeerEndingEvent['type']>;

const CLOSE_ENDS_AS = {
  closed: 'broke.connectionClosed',
  reset: 'broke.connectionReset',
  broken: 'broke.connectionBroken',
} as const satisfies Record<CloseKind, PeerEndingEvent['type']>;

/** Unacceptable bytes from a peer. */
export function judgePeerFault(fault: WireFault, detail: string): PeerEndingEvent {
  return { type: FAULT_ENDS_AS[fault], facts: { fault, detail } };
}

/** A Disconnect from a peer. `code` is what stood on the wire, if a number did. */
export function judgeLeaving(reason: TheirEnding, code: number | null): PeerEndingEvent {
  return { type: `left.${reason}`, facts: code === null ? {} : { code } };
}

/** The end of a peer's stream. */
export function judgePeerClose(how: CloseKind, detail: string): PeerEndingEvent {
  return { type: CLOSE_ENDS_AS[how], facts: detail === '' ? {} : { detail } };
}
