/**
 * How long a node is left alone, by the reason for which its dial, its connection or its time as a peer ended. The redial
 * delay of `dial-scheduler.ts` comes before it; static and trusted nodes never wait here. Ours: go-ethereum has none.
 */
import type {
  FailureReason,
  RefusalReason,
  RejectionReason,
} from '../connection/connection-endings.ts';
import type {
  PeerFailureReason,
  PeerRefusalReason,
  PeerRejectionReason,
} from '../peer/peer-endings.ts';
import type { DialFailure } from './dial-failures.ts';

/** Time from the end to the next dial, in ms, before it is spread; 0: the redial delay alone. */
export const BACK_OFF_MS = {
  /** The reason is ours, or says nothing about the node. */
  none: 0,
  /** The node is good, and has no room now, or it is about to start again. */
  soon: 60_000,
  /** It does not answer, or ended it without a reason that lasts. Short enough for an outage of our own network. */
  later: 300_000,
  /** It would end in the same way each time. */
  long: 3_600_000,
} as const;

type BackOffClass = keyof typeof BACK_OFF_MS;

/** A wait differs from that of the table by this share of it at most, so that nodes that ended together are not dialled together. */
export const BACK_OFF_SPREAD = 0.2;

/** Steps of the random spread: see {@link backOffAfter}. */
export const SPREAD_STEPS = 1_001;

/** Nodes that wait at once. Ours; beyond it, a node waits for the redial delay only. */
export const MAX_BACK_OFFS = 5_000;

/** The wait of one node. */
export type BackOff = {
  /** In which state it ended, such as `connectTimeout`, `refused.tooManyPeers` or `ending.rejected.uselessPeer`. */
  readonly because: string;
  /** From that end to the next dial. */
  readonly ms: number;
};

const DIALS = {
  noTcpPort: 'long',
  nodeNotFound: 'later',
  hostNotFound: 'later',
  hostLookupFailed: 'none',
  hostLookupTimeout: 'none',
  notInNetRestrict: 'long',
  connectionRefused: 'later',
  unreachable: 'none',
  connectTimeout: 'later',
  lostAtOnce: 'later',
  connectFailed: 'none',
  setupFailed: 'none',
  setupTimeout: 'none',
  alreadyConnected: 'none',
  cancelled: 'none',
} as const satisfies Record<DialFailure, BackOffClass>;

const LINK = {
  badHeaderMac: 'later',
  badFrameMac: 'later',
  connectionClosed: 'soon',
  connectionReset: 'soon',
  connectionBroken: 'none',
  writeStalled: 'later',
  internalError: 'none',
} as const satisfies Record<PeerFailureReason, BackOffClass>;

const REJECTED = {
  serverStopped: 'none',
  nodeRemoved: 'none',
  tooManyPeers: 'none',
  crowdedSubnet: 'later',
  alreadyConnected: 'none',
  self: 'long',
  uselessPeer: 'long',
  unexpectedIdentity: 'long',
  invalidIdentity: 'long',
  unexpectedMessage: 'long',
  malformedHello: 'long',
  oversizedHello: 'long',
  helloTimeout: 'later',
} as const satisfies Record<RejectionReason, BackOffClass>;

const REFUSED = {
  requested: 'later',
  networkError: 'later',
  breachOfProtocol: 'long',
  uselessPeer: 'long',
  tooManyPeers: 'soon',
  alreadyConnected: 'soon',
  incompatibleVersion: 'long',
  invalidIdentity: 'long',
  clientQuitting: 'soon',
  unexpectedIdentity: 'long',
  self: 'long',
  readTimeout: 'later',
  subprotocolError: 'long',
  unrecognised: 'later',
} as const satisfies Record<RefusalReason, BackOffClass>;

const FAILED = {
  destinationKeyMissing: 'long',
  encHandshakeTimeout: 'later',
  handshakeSizeOutOfRange: 'long',
  invalidPublicKey: 'long',
  undecryptable: 'long',
  malformedHandshake: 'long',
  unrecoverableSignature: 'long',
  replayedAuth: 'long',
  serverBusy: 'none',
  checkpointTimeout: 'none',
  replaced: 'none',
  aborted: 'none',
  ...LINK,
} as const satisfies Record<FailureReason, BackOffClass>;

const PEER_REJECTED = {
  requested: 'later',
  breachOfProtocol: 'long',
  uselessPeer: 'long',
  tooManyPeers: 'soon',
  alreadyConnected: 'none',
  incompatibleVersion: 'long',
  invalidIdentity: 'long',
  clientQuitting: 'none',
  unexpectedIdentity: 'long',
  self: 'long',
  readTimeout: 'later',
  subprotocolError: 'long',
  churned: 'later',
  protocolReturned: 'none',
  protocolFailed: 'none',
  handlerStalled: 'none',
  pongTimeout: 'later',
  silence: 'later',
  pingFlood: 'long',
  secondHello: 'long',
  unroutableMessage: 'long',
  oversizedMessage: 'long',
  malformedMessage: 'long',
} as const satisfies Record<PeerRejectionReason, BackOffClass>;

/** A node that let us in before may do so again: what ends a setup for long often ends a peer for a time only. */
const PEER_REFUSED = {
  ...REFUSED,
  networkError: 'none',
  uselessPeer: 'later',
} as const satisfies Record<PeerRefusalReason, BackOffClass>;

/** By the state in which a dial, a setup or a peer ends. */
export const BACK_OFFS: Readonly<Record<string, BackOffClass>> = {
  ...DIALS,
  ...under('rejected', REJECTED),
  ...under('refused', REFUSED),
  ...under('failed', FAILED),
  ...under('ending.rejected', PEER_REJECTED),
  ...under('ending.refused', PEER_REFUSED),
  ...under('ending.failed', LINK),
};

/**
 * How long a node waits after it ended in this state; null when it does not.
 * @param draw A random whole number from 0 to `SPREAD_STEPS` - 1: the least and the greatest wait.
 */
export function backOffAfter(state: string, draw: number): BackOff | null {
  const ms = BACK_OFF_MS[BACK_OFFS[state] ?? 'none'];
  if (ms === 0) return null;
  const spread = BACK_OFF_SPREAD * ((2 * draw) / (SPREAD_STEPS - 1) - 1);
  return { because: state, ms: Math.round(ms * (1 + spread)) };
}

function under<Table extends Readonly<Record<string, BackOffClass>>>(place: string, table: Table) {
  return Object.fromEntries(
    Object.entries(table).map(([reason, wait]) => [`${place}.${reason}`, wait]),
  );
}
