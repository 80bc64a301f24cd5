/**
 * Every way a connection ends before it is a peer, and the pure rules that choose one.
 * Each key is a state under `rejected`, `refused` or `failed` of connection-setup and an event of that name.
 */
import type { DisconnectReason } from '../../io/wire/disconnect.ts';
import type { WireFault } from '../../io/wire/error.ts';
import type { Facts, ReasonText } from '../reason-states.ts';
import { LINK_FAILURES } from './link-failures.ts';

/** Rejected by us. `wireReason` goes out as a Disconnect; `metric` is go-ethereum's name for the bucket. */
export const REJECTIONS = {
  serverStopped: {
    confidence: 'certain',
    wireReason: 'clientQuitting',
    metric: 'other',
    sentence: 'This server is stopping.',
    remedy: 'Nothing: connections end with the server.',
  },
  nodeRemoved: {
    confidence: 'certain',
    wireReason: 'requested',
    metric: 'other',
    sentence: 'The node was removed while its connection was being set up.',
    remedy: 'Nothing, if you removed the node; add it again to let it back in.',
  },
  tooManyPeers: {
    confidence: 'certain',
    wireReason: 'tooManyPeers',
    metric: 'saturated',
    sentence: 'Every slot for a peer of this kind is taken.',
    remedy: 'Raise maxPeers, or list the nodes that must always be admitted in trustedNodes.',
  },
  crowdedSubnet: {
    confidence: 'certain',
    wireReason: 'tooManyPeers',
    metric: 'saturated',
    sentence: 'Enough peers come from this IPv4 /24 or IPv6 /48 already.',
    remedy: 'If these peers are yours, raise maxPeersPerSubnet, or list them in trustedNodes.',
  },
  alreadyConnected: {
    confidence: 'certain',
    wireReason: 'alreadyConnected',
    metric: 'known',
    sentence: 'This node is already a peer over another connection.',
    remedy: 'Nothing: the first connection stays.',
  },
  self: {
    confidence: 'certain',
    wireReason: 'self',
    metric: 'self',
    sentence: 'The other side has our own key.',
    remedy:
      'Take your own enode out of your lists of nodes; if it is not there, another node runs with a copy of your key file.',
  },
  uselessPeer: {
    confidence: 'certain',
    wireReason: 'uselessPeer',
    metric: 'useless',
    sentence: 'We share no capability of the same name and version.',
    remedy:
      'Compare the capabilities in their Hello with your protocols: name and version must both match.',
  },
  unexpectedIdentity: {
    confidence: 'certain',
    wireReason: 'unexpectedIdentity',
    metric: 'id/unexpected',
    sentence: 'Hello claims another key than the one proven by the enc handshake.',
    remedy: 'Nothing on this side: their node confuses two keys of its own.',
  },
  invalidIdentity: {
    confidence: 'certain',
    wireReason: 'invalidIdentity',
    metric: 'rlpx/proto',
    sentence: 'Hello carries no usable key: not 64 bytes, or all zero.',
    remedy: 'Nothing on this side: their implementation is broken.',
  },
  unexpectedMessage: {
    confidence: 'certain',
    wireReason: 'breachOfProtocol',
    metric: 'rlpx/proto',
    sentence: 'Their first message was neither Hello nor Disconnect.',
    remedy: 'Nothing on this side: their implementation sends messages before Hello.',
  },
  malformedHello: {
    confidence: 'certain',
    wireReason: 'breachOfProtocol',
    metric: 'rlpx/proto',
    sentence: 'Hello cannot be decoded.',
    remedy: 'Nothing on this side: their implementation is broken, or much newer than ours.',
  },
  oversizedHello: {
    confidence: 'certain',
    wireReason: 'breachOfProtocol',
    metric: 'rlpx/proto',
    sentence: 'The first message announces more than 2048 bytes.',
    remedy:
      'Nothing on this side: they must bring their Hello under the 2048 bytes of devp2p, with fewer capabilities perhaps.',
  },
  helloTimeout: {
    confidence: 'possible',
    wireReason: 'readTimeout',
    metric: 'rlpx/proto',
    sentence: 'No Hello came in time.',
    remedy: 'Try again later: they are overloaded, or behind a slow link.',
  },
} as const satisfies Record<string, Ending & { readonly wireReason: DisconnectReason }>;

/** Refused by them: a Disconnect instead of Hello. It is never answered. */
export const REFUSALS = {
  requested: {
    confidence: 'unknown',
    metric: 'rlpx/proto',
    sentence: 'They asked to disconnect, without a reason.',
    remedy:
      'Ask the operator of the node; many clients send this to nodes that they banned or do not want.',
  },
  networkError: {
    confidence: 'unknown',
    metric: 'rlpx/proto',
    sentence: 'They report a network error.',
    remedy: 'Try again; if it repeats, look for a device between you that breaks connections.',
  },
  breachOfProtocol: {
    confidence: 'likely',
    metric: 'rlpx/proto',
    sentence: 'They report that we broke the protocol.',
    remedy:
      'Look at what we sent just before; if you changed nothing, report it with the name and version of their client.',
  },
  uselessPeer: {
    confidence: 'likely',
    metric: 'useless',
    sentence: 'They share no capability with us.',
    remedy:
      'Offer a protocol that they speak, with the same version, or dial nodes of another network.',
  },
  tooManyPeers: {
    confidence: 'certain',
    metric: 'saturated',
    sentence: 'They have no free slot.',
    remedy: 'Try others, or later; only their operator can make room, by making us a trusted node.',
  },
  alreadyConnected: {
    confidence: 'likely',
    metric: 'known',
    sentence: 'They hold another connection to us.',
    remedy:
      'Wait for the other connection to end; if there is none, another node runs with a copy of your key file.',
  },
  incompatibleVersion: {
    confidence: 'certain',
    metric: 'rlpx/proto',
    sentence: 'They speak another p2p version.',
    remedy: 'Dial another node: this one wants a version of the p2p protocol other than 5.',
  },
  invalidIdentity: {
    confidence: 'certain',
    metric: 'rlpx/proto',
    sentence: 'They found no usable key in our Hello.',
    remedy:
      'Check that nothing changes our Hello on the way; otherwise report it with the name of their client.',
  },
  clientQuitting: {
    confidence: 'likely',
    metric: 'rlpx/proto',
    sentence: 'They are shutting down.',
    remedy: 'Try again when their node is back.',
  },
  unexpectedIdentity: {
    confidence: 'likely',
    metric: 'id/unexpected',
    sentence: 'They expected another key behind our address.',
    remedy:
      'Give them our current enode: the one they have for our address has another key, as after a change of the key file.',
  },
  self: {
    confidence: 'certain',
    metric: 'self',
    sentence: 'They have the same key as we do.',
    remedy:
      'Make a new key: another node runs with a copy of your key file, or you dialled yourself.',
  },
  readTimeout: {
    confidence: 'likely',
    metric: 'rlpx/proto',
    sentence: 'They waited too long for our message.',
    remedy: 'Look at your uplink and at how busy this process is: our bytes came too late.',
  },
  subprotocolError: {
    confidence: 'possible',
    metric: 'rlpx/proto',
    sentence: 'One of their subprotocols refused us.',
    remedy: 'See what their protocol demands, such as the same chain; their log has the reason.',
  },
  unrecognised: {
    confidence: 'unknown',
    metric: 'rlpx/proto',
    sentence: 'They disconnected with a reason that devp2p does not define.',
    remedy: 'Look up the code of the facts in the documentation of their client.',
  },
} as const satisfies Record<DisconnectReason | 'unrecognised', Ending>;

/** The link or their bytes broke, or we gave up. No Disconnect can be sent any more, or yet. */
export const FAILURES = {
  destinationKeyMissing: {
    confidence: 'certain',
    metric: 'rlpx/enc',
    sentence: 'The record we dialled has no secp256k1 key, so no auth can be made.',
    remedy: 'Dial an enode URL with the full public key, or get a newer record of the node.',
  },
  encHandshakeTimeout: {
    confidence: 'unknown',
    metric: 'rlpx/enc',
    sentence: 'The enc handshake was not complete in time.',
    remedy:
      'Check that the public key in the enode is theirs and that the port speaks devp2p, then try again later.',
  },
  handshakeSizeOutOfRange: {
    confidence: 'likely',
    metric: 'rlpx/enc',
    sentence: 'The bytes are not RLPx: the handshake packet announces an impossible size.',
    remedy:
      'Compare the port with the one the node announces: a web server or a scanner sends such bytes.',
  },
  invalidPublicKey: {
    confidence: 'likely',
    metric: 'rlpx/enc',
    sentence: 'A public key in their handshake packet is not a point of secp256k1.',
    remedy: 'Nothing on this side: the other side does not speak RLPx.',
  },
  undecryptable: {
    confidence: 'likely',
    metric: 'rlpx/enc',
    sentence: 'Their handshake packet is not encrypted for our key, or was altered.',
    remedy:
      'Check the public key: if we dialled, theirs may have changed; if they dialled, our enode that they have is old.',
  },
  malformedHandshake: {
    confidence: 'likely',
    metric: 'rlpx/enc',
    sentence: 'Their handshake packet decrypts to neither auth nor ack.',
    remedy:
      'Nothing on this side: their RLPx is broken; for very old nodes there is legacyHandshake.',
  },
  unrecoverableSignature: {
    confidence: 'likely',
    metric: 'rlpx/enc',
    sentence: 'No key can be recovered from the signature in their auth.',
    remedy: 'Nothing on this side: their auth is broken or was altered on the way.',
  },
  replayedAuth: {
    confidence: 'certain',
    metric: 'rlpx/enc',
    sentence: 'Their auth is a copy of one that came within the last 10 minutes.',
    remedy:
      'Nothing on this side: every node makes a new auth for each connection, so this is a recording or a broken implementation.',
  },
  serverBusy: {
    confidence: 'certain',
    metric: 'other',
    sentence:
      'Too many handshakes were waiting for their turn, so this one could not be answered in time.',
    remedy:
      'Nothing, if it is seldom: callers try again. If it stays, look at what keeps this process busy; trusted and static nodes do not wait behind others.',
  },
  checkpointTimeout: {
    confidence: 'certain',
    metric: 'other',
    sentence: 'Our own run loop did not answer a checkpoint in time.',
    remedy: 'Look for code that blocks the event loop of this process, such as a slow handler.',
  },
  replaced: {
    confidence: 'certain',
    metric: 'other',
    sentence: 'It sent nothing while every slot was taken, so a new connection got its slot.',
    remedy:
      'Nothing, if it is rare; raise maxPendingPeers if honest nodes with slow links are affected.',
  },
  aborted: {
    confidence: 'certain',
    metric: 'other',
    sentence: 'We ended it before a session existed, so no Disconnect could be sent.',
    remedy: 'Nothing: this server stopped, removed the node, or has it as a peer already.',
  },
  ...LINK_FAILURES,
} as const satisfies Record<string, Ending>;

type Ending = ReasonText & { readonly metric: string };

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
  replayedAuth: 'fail.replayedAuth',
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

/** Unacceptable bytes before the connection is a peer. */
export function judgeFault(fault: WireFault, detail: string): Rejection | Failure {
  return { type: FAULT_ENDS_AS[fault], facts: { fault, detail } };
}

/** A Disconnect before the connection is a peer. `code` is what stood on the wire, if a number did. */
export function judgeDisconnect(reason: RefusalReason, code: number | null): Refusal {
  return { type: `refuse.${reason}`, facts: code === null ? {} : { code } };
}
