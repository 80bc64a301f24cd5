/**
 * Every way a peer ends, and the pure rules that choose one.
 * Each key is a state under `ending.rejected`, `ending.refused` or `ending.failed` of peer and an event
 * `reject.<key>`, `refuse.<key>` or `fail.<key>`.
 */
import type { DisconnectReason } from '../../io/wire/disconnect.ts';
import type { WireFault } from '../../io/wire/error.ts';
import { LINK_FAILURES, type LinkFailure } from '../connection/link-failures.ts';
import type { Facts, ReasonText } from '../reason-states.ts';

/** Rejected by us; `wireReason` goes out as a Disconnect. The first twelve are what a caller may ask for by name. */
export const PEER_REJECTIONS = {
  requested: {
    confidence: 'certain',
    wireReason: 'requested',
    sentence: 'Asked for by the user of this server.',
    remedy: 'Nothing: your own code, or a removed node, asked for it.',
  },
  breachOfProtocol: {
    confidence: 'certain',
    wireReason: 'breachOfProtocol',
    sentence: 'They broke a rule of a protocol.',
    remedy: 'Look in the log of the protocol that ended it for the broken rule.',
  },
  uselessPeer: {
    confidence: 'certain',
    wireReason: 'uselessPeer',
    sentence: 'Your code found them of no use.',
    remedy:
      'Look in the log of the protocol that ended it; it may require another chain, or more data.',
  },
  tooManyPeers: {
    confidence: 'certain',
    wireReason: 'tooManyPeers',
    sentence: 'A subprotocol has no room for them.',
    remedy: 'Raise the limit of the protocol that ended it, not maxPeers.',
  },
  alreadyConnected: {
    confidence: 'certain',
    wireReason: 'alreadyConnected',
    sentence: 'They are connected twice.',
    remedy: 'Nothing: your code prefers the other connection.',
  },
  incompatibleVersion: {
    confidence: 'certain',
    wireReason: 'incompatibleVersion',
    sentence: 'They speak another version.',
    remedy: 'Offer the version of the protocol that they speak as well.',
  },
  invalidIdentity: {
    confidence: 'certain',
    wireReason: 'invalidIdentity',
    sentence: 'Your code does not accept their identity.',
    remedy: 'Look in the log of the protocol that ended it for what it expects of a node.',
  },
  clientQuitting: {
    confidence: 'certain',
    wireReason: 'clientQuitting',
    sentence: 'This server is stopping.',
    remedy: 'Nothing: connections end with the server.',
  },
  unexpectedIdentity: {
    confidence: 'certain',
    wireReason: 'unexpectedIdentity',
    sentence: 'They are another node than your code expected.',
    remedy: 'Correct the entry in which your code expects another node at this address.',
  },
  self: {
    confidence: 'certain',
    wireReason: 'self',
    sentence: 'The peer is this node itself.',
    remedy: 'Take your own enode out of your lists of nodes.',
  },
  readTimeout: {
    confidence: 'certain',
    wireReason: 'readTimeout',
    sentence: 'An expected message did not come in time.',
    remedy: 'Nothing, if it is one node; if it is all of them, look at your link.',
  },
  subprotocolError: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'A subprotocol ended it for a reason of its own.',
    remedy: 'Read the log of the protocol that ended it.',
  },
  churned: {
    confidence: 'certain',
    wireReason: 'uselessPeer',
    sentence: 'It made room for another node: all places were taken, and you turned on churn.',
    remedy: 'Nothing: make nodes that must stay static or trusted, or turn off churn.',
  },
  protocolReturned: {
    confidence: 'certain',
    wireReason: 'clientQuitting',
    sentence: 'A protocol handler returned; go-ethereum sends the same reason.',
    remedy:
      'Let your protocol handler run as long as the peer should stay; its messages end with the peer.',
  },
  protocolFailed: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'A protocol handler threw.',
    remedy: 'Fix your protocol handler; the log has what it threw.',
  },
  handlerStalled: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'A protocol handler left its queue full for too long.',
    remedy: 'Read messages faster in your protocol handler, or discard those it cannot use.',
  },
  pongTimeout: {
    confidence: 'likely',
    wireReason: 'readTimeout',
    sentence: 'Our ping was not answered in time.',
    remedy: 'Nothing, if it is one node; if it is all of them, look at your link.',
  },
  silence: {
    confidence: 'likely',
    wireReason: 'readTimeout',
    sentence: 'No complete message came from them for too long.',
    remedy: 'Nothing, if it is one node; if it is all of them, look at your link.',
  },
  pingFlood: {
    confidence: 'certain',
    wireReason: 'breachOfProtocol',
    sentence: 'They send too many pings.',
    remedy: 'Nothing on this side: their implementation is broken or hostile.',
  },
  secondHello: {
    confidence: 'certain',
    wireReason: 'breachOfProtocol',
    sentence: 'They sent Hello twice.',
    remedy: 'Nothing on this side: their implementation is broken.',
  },
  unroutableMessage: {
    confidence: 'certain',
    wireReason: 'breachOfProtocol',
    sentence: 'A message id belongs to no capability we share.',
    remedy:
      'Compare the number of messages in your protocol with theirs: the ids of all that follow depend on it.',
  },
  oversizedMessage: {
    confidence: 'certain',
    wireReason: 'breachOfProtocol',
    sentence: 'A message is larger than its limit.',
    remedy:
      'Nothing, if their client is known to be broken; otherwise compare the limits of your protocol with its specification.',
  },
  malformedMessage: {
    confidence: 'certain',
    wireReason: 'breachOfProtocol',
    sentence: 'A message cannot be decoded.',
    remedy: 'Nothing on this side: their implementation is broken, or much newer than ours.',
  },
} as const satisfies Record<string, WireRejection> & Record<AskableReason, WireRejection>;

/** Refused by them: a Disconnect, which is not answered. */
export const PEER_REFUSALS = {
  requested: {
    confidence: 'unknown',
    sentence: 'They asked to disconnect: often deliberate churn.',
    remedy: 'Nothing, if it is one node; many clients change their peers on purpose.',
  },
  networkError: {
    confidence: 'unknown',
    sentence: 'They report a network error.',
    remedy: 'Nothing: they will be dialled again.',
  },
  breachOfProtocol: {
    confidence: 'likely',
    sentence: 'They report that we broke a protocol.',
    remedy: 'Look at what your protocol sent just before; their log has the rule.',
  },
  uselessPeer: {
    confidence: 'possible',
    sentence: 'We are of no use to them.',
    remedy:
      'See what their protocol demands, such as the same chain, or blocks that we do not have.',
  },
  tooManyPeers: {
    confidence: 'likely',
    sentence: 'They have no room for us.',
    remedy: 'Try others, or later: one of their subprotocols has its own limit.',
  },
  alreadyConnected: {
    confidence: 'likely',
    sentence: 'They hold another connection to us.',
    remedy:
      'Nothing: the other connection stays; if there is none, another node runs with a copy of your key file.',
  },
  incompatibleVersion: {
    confidence: 'likely',
    sentence: 'They speak another version.',
    remedy: 'Offer a version of the protocol that they speak.',
  },
  invalidIdentity: {
    confidence: 'likely',
    sentence: 'They do not accept our identity.',
    remedy: 'Report it with the name of their client.',
  },
  clientQuitting: {
    confidence: 'likely',
    sentence: 'They are shutting down, or one of their handlers returned.',
    remedy:
      'Nothing: they may be back soon; if every peer sends it, their handlers end because of what yours sends.',
  },
  unexpectedIdentity: {
    confidence: 'likely',
    sentence: 'They expected another node.',
    remedy:
      'Give them our current enode: the one they have for our address has another key, as after a change of the key file.',
  },
  self: {
    confidence: 'certain',
    sentence: 'They have the same key as this node.',
    remedy: 'Make a new key: another node runs with a copy of your key file.',
  },
  readTimeout: {
    confidence: 'possible',
    sentence: 'They waited too long for our message.',
    remedy: 'Look at your uplink and at how busy this process is: our bytes came too late.',
  },
  subprotocolError: {
    confidence: 'likely',
    sentence: 'One of their subprotocols ended it.',
    remedy:
      'See what their protocol demands, such as the same chain or an answer in time; their log has the reason.',
  },
  unrecognised: {
    confidence: 'unknown',
    sentence: 'They disconnected with a reason that devp2p does not define.',
    remedy: 'Look up the code of the facts in the documentation of their client.',
  },
} as const satisfies Record<DisconnectReason | 'unrecognised', ReasonText>;

/** The link or their bytes broke: no Disconnect can be sent any more. */
export const PEER_FAILURES = LINK_FAILURES;

type WireRejection = ReasonText & { readonly wireReason: DisconnectReason };

/** What the server ends a peer for: what a caller may ask for, or to make room. */
export type DismissalReason = AskableReason | 'churned';

/** What `peer.disconnect()` accepts. `networkError` never goes on the wire. */
export type AskableReason = Exclude<DisconnectReason, 'networkError'>;

/** The other rejections are decided here and have sentences of their own, so that a caller cannot ask for them. */
export const ASKABLE_REASONS = Object.entries(PEER_REJECTIONS).flatMap(
  ([reason, { wireReason }]) => (reason === wireReason ? wireReason : []),
) as readonly AskableReason[];

export type PeerRejectionReason = keyof typeof PEER_REJECTIONS;
export type PeerRefusalReason = keyof typeof PEER_REFUSALS;
export type PeerFailureReason = keyof typeof PEER_FAILURES;

export type PeerRejection = {
  [R in PeerRejectionReason]: { readonly type: `reject.${R}`; readonly facts: Facts };
}[PeerRejectionReason];
export type PeerRefusal = {
  [R in PeerRefusalReason]: { readonly type: `refuse.${R}`; readonly facts: Facts };
}[PeerRefusalReason];
export type PeerFailure = LinkFailure;

/** Whether a fault can still be answered: only where frames stay in step. Handshake faults cannot happen any more. */
const FAULT_ENDS_AS = {
  badHeaderMac: 'fail.badHeaderMac',
  badFrameMac: 'fail.badFrameMac',
  frameTooBig: 'reject.oversizedMessage',
  messageTooBig: 'reject.oversizedMessage',
  malformedFrame: 'reject.malformedMessage',
  malformedSnappy: 'reject.malformedMessage',
  malformedRlp: 'reject.malformedMessage',
  malformedHello: 'reject.secondHello',
  invalidIdentity: 'reject.secondHello',
  handshakeSizeOutOfRange: 'fail.internalError',
  invalidPublicKey: 'fail.internalError',
  undecryptable: 'fail.internalError',
  malformedHandshake: 'fail.internalError',
  unrecoverableSignature: 'fail.internalError',
  replayedAuth: 'fail.internalError',
} as const satisfies Record<WireFault, (PeerRejection | PeerFailure)['type']>;

/** Unacceptable bytes from a peer. */
export function judgePeerFault(fault: WireFault, detail: string): PeerRejection | PeerFailure {
  return { type: FAULT_ENDS_AS[fault], facts: { fault, detail } };
}

/** A Disconnect from a peer. `code` is what stood on the wire, if a number did. */
export function judgePeerDisconnect(reason: PeerRefusalReason, code: number | null): PeerRefusal {
  return { type: `refuse.${reason}`, facts: code === null ? {} : { code } };
}
