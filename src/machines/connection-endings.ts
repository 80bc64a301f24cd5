/**
 * Every way a connection ends before it is a peer, and the pure rules that choose one.
 * Each key is a state under `rejected`, `refused` or `failed` of connection-setup and an event of that name.
 */
import type { CloseKind } from '../io/actors/link-events.ts';
import type { DisconnectReason } from '../io/wire/disconnect.ts';
import type { WireFault } from '../io/wire/error.ts';
import type { Facts } from './leaves.ts';

/** We say no. `spoken` goes out as a Disconnect; `metric` is go-ethereum's name for the bucket. */
export const REJECTIONS = {
  serverStopped: {
    spoken: 'clientQuitting',
    metric: 'other',
    sentence: 'This server is stopping.',
  },
  nodeRemoved: {
    spoken: 'requested',
    metric: 'other',
    sentence: 'The node was removed while its connection was being set up.',
  },
  tooManyPeers: {
    spoken: 'tooManyPeers',
    metric: 'saturated',
    sentence: 'Every slot for a peer of this kind is taken.',
  },
  crowdedSubnet: {
    spoken: 'tooManyPeers',
    metric: 'saturated',
    sentence: 'Enough peers come from this IPv4 /24 or IPv6 /48 already.',
  },
  alreadyConnected: {
    spoken: 'alreadyConnected',
    metric: 'known',
    sentence: 'This node is already a peer over another connection.',
  },
  self: {
    spoken: 'self',
    metric: 'self',
    sentence: 'The other side has our own key.',
  },
  uselessPeer: {
    spoken: 'uselessPeer',
    metric: 'useless',
    sentence: 'We share no capability of the same name and version.',
  },
  unexpectedIdentity: {
    spoken: 'unexpectedIdentity',
    metric: 'id/unexpected',
    sentence: 'Hello claims another key than the one proven by the enc handshake.',
  },
  invalidIdentity: {
    spoken: 'invalidIdentity',
    metric: 'rlpx/proto',
    sentence: 'Hello carries no usable key: not 64 bytes, or all zero.',
  },
  unexpectedMessage: {
    spoken: 'breachOfProtocol',
    metric: 'rlpx/proto',
    sentence: 'Something other than Hello or Disconnect came first.',
  },
  malformedHello: {
    spoken: 'breachOfProtocol',
    metric: 'rlpx/proto',
    sentence: 'Hello cannot be decoded.',
  },
  oversizedHello: {
    spoken: 'breachOfProtocol',
    metric: 'rlpx/proto',
    sentence: 'The first message announces more than 2048 bytes.',
  },
  helloTimeout: {
    spoken: 'readTimeout',
    metric: 'rlpx/proto',
    sentence: 'No Hello came in time.',
  },
} as const satisfies Record<string, Ending & { readonly spoken: DisconnectReason }>;

/** They say no: a Disconnect instead of Hello. It is never answered. */
export const REFUSALS = {
  requested: { metric: 'rlpx/proto', sentence: 'They asked to disconnect, without a reason.' },
  networkError: { metric: 'rlpx/proto', sentence: 'They report a network error.' },
  breachOfProtocol: { metric: 'rlpx/proto', sentence: 'They say we broke the protocol.' },
  uselessPeer: { metric: 'useless', sentence: 'They share no capability with us.' },
  tooManyPeers: { metric: 'saturated', sentence: 'They have no free slot.' },
  alreadyConnected: { metric: 'known', sentence: 'They hold another connection to us.' },
  incompatibleVersion: { metric: 'rlpx/proto', sentence: 'They speak another p2p version.' },
  invalidIdentity: { metric: 'rlpx/proto', sentence: 'They found no usable key in our Hello.' },
  clientQuitting: { metric: 'rlpx/proto', sentence: 'They are shutting down.' },
  unexpectedIdentity: {
    metric: 'id/unexpected',
    sentence: 'They expected another key behind our address.',
  },
  self: { metric: 'self', sentence: 'They have the same key as we do.' },
  readTimeout: { metric: 'rlpx/proto', sentence: 'They waited too long for a message of ours.' },
  subprotocolError: { metric: 'rlpx/proto', sentence: 'A subprotocol of theirs refused us.' },
  unrecognised: {
    metric: 'rlpx/proto',
    sentence: 'They disconnected with a reason that nobody knows.',
  },
} as const satisfies Record<DisconnectReason | 'unrecognised', Ending>;

/** The link or their bytes broke, or we gave up on ourselves. Nothing can be said any more, or yet. */
export const FAILURES = {
  destinationKeyMissing: {
    metric: 'rlpx/enc',
    sentence: 'The record we dialled has no secp256k1 key, so no auth can be made.',
  },
  encHandshakeTimeout: {
    metric: 'rlpx/enc',
    sentence: 'The enc handshake did not end in time.',
  },
  handshakeSizeOutOfRange: {
    metric: 'rlpx/enc',
    sentence: 'What came is not RLPx: the handshake packet announces an impossible size.',
  },
  invalidPublicKey: {
    metric: 'rlpx/enc',
    sentence: 'A public key in their handshake packet is not a point of secp256k1.',
  },
  undecryptable: {
    metric: 'rlpx/enc',
    sentence: 'Their handshake packet is not encrypted for our key, or was altered.',
  },
  malformedHandshake: {
    metric: 'rlpx/enc',
    sentence: 'Their handshake packet decrypts to something that is no auth or ack.',
  },
  unrecoverableSignature: {
    metric: 'rlpx/enc',
    sentence: 'No key can be recovered from the signature in their auth.',
  },
  badHeaderMac: {
    metric: 'rlpx/proto',
    sentence: 'The MAC of a frame header is wrong: altered bytes, or a replayed auth.',
  },
  badFrameMac: { metric: 'rlpx/proto', sentence: 'The MAC of a frame body is wrong.' },
  connectionClosed: { metric: 'other', sentence: 'They closed the connection without a word.' },
  connectionReset: { metric: 'other', sentence: 'The connection was reset.' },
  connectionBroken: { metric: 'other', sentence: 'The socket reported an error.' },
  writeStalled: { metric: 'other', sentence: 'They stopped taking our bytes.' },
  checkpointTimeout: {
    metric: 'other',
    sentence: 'Our own run loop did not answer a checkpoint in time.',
  },
  replaced: {
    metric: 'other',
    sentence: 'It was silent while every slot was taken, so somebody new got its place.',
  },
  aborted: {
    metric: 'other',
    sentence: 'We gave it up before a session existed, so nothing could be said.',
  },
  internalError: {
    metric: 'other',
    sentence: 'A mistake of ours ended this connection; the log has its stack.',
  },
} as const satisfies Record<string, Ending>;

type Ending = { readonly metric: string; readonly sentence: string };

export type RejectionReason = keyof typeof REJECTIONS;
export type RefusalReason = keyof typeof REFUSALS;
export type FailureReason = keyof typeof FAILURES;

export type Rejection = {
  [R in RejectionReason]: { readonly type: `reject.${R}`; readonly facts: Facts };
}[RejectionReason];
export type Refusal = {
  [R in RefusalReason]: { readonly type: `refuse.${R}`; readonly facts: Facts };
}[RefusalReason];
export type Failure = {
  [R in FailureReason]: { readonly type: `fail.${R}`; readonly facts: Facts };
}[FailureReason];

/** Whether a fault before the end of setup can still be answered: only where frames stay in step. */
const FAULT_ENDS_AS = {
  handshakeSizeOutOfRange: 'fail.handshakeSizeOutOfRange',
  invalidPublicKey: 'fail.invalidPublicKey',
  undecryptable: 'fail.undecryptable',
  malformedHandshake: 'fail.malformedHandshake',
  unrecoverableSignature: 'fail.unrecoverableSignature',
  badHeaderMac: 'fail.badHeaderMac',
  badFrameMac: 'fail.badFrameMac',
  frameTooBig: 'reject.oversizedHello',
  malformedFrame: 'reject.malformedHello',
  messageTooBig: 'reject.malformedHello',
  malformedSnappy: 'reject.malformedHello',
  malformedRlp: 'reject.malformedHello',
  malformedHello: 'reject.malformedHello',
  invalidIdentity: 'reject.invalidIdentity',
} as const satisfies Record<WireFault, (Rejection | Failure)['type']>;

const CLOSE_ENDS_AS = {
  closed: 'fail.connectionClosed',
  reset: 'fail.connectionReset',
  broken: 'fail.connectionBroken',
} as const satisfies Record<CloseKind, Failure['type']>;

/** Unacceptable bytes before the connection is a peer. */
export function judgeFault(fault: WireFault, detail: string): Rejection | Failure {
  return { type: FAULT_ENDS_AS[fault], facts: { fault, detail } };
}

/** A Disconnect before the connection is a peer. `code` is what stood on the wire, if a number did. */
export function judgeDisconnect(reason: RefusalReason, code: number | null): Refusal {
  return { type: `refuse.${reason}`, facts: code === null ? {} : { code } };
}

/** A stream that ended before the connection is a peer. */
export function judgeClose(how: CloseKind, detail: string): Failure {
  return { type: CLOSE_ENDS_AS[how], facts: detail === '' ? {} : { detail } };
}
