/**
 * Every way a session of eth ends, and the pure rules that choose one. Each key is a state under `rejected`, `refused` or
 * `failed` of eth-session and an event `reject.<key>`, `refuse.<key>` or `fail.<key>`.
 */
import type { DisconnectReason } from '../../io/wire/disconnect.ts';
import type { Facts, ReasonText } from '../reason-states.ts';

/** Rejected by us. `wireReason` goes out as a Disconnect. go-ethereum sends 0x10 for all but a late Status. */
export const ETH_REJECTIONS = {
  statusTimeout: {
    confidence: 'likely',
    wireReason: 'readTimeout',
    sentence: 'Their Status did not come within 5 s.',
    remedy: 'Nothing, if it is one node: it is too busy, or speaks eth in its Hello only.',
  },
  notStatus: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'Their first message is no Status.',
    remedy: 'Nothing on this side: their implementation is broken.',
  },
  badStatus: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'Their Status cannot be decoded, or has not the form of the version that we share.',
    remedy: 'Nothing on this side: their implementation is broken.',
  },
  wrongVersion: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'Their Status names another version of eth than the one that we share.',
    remedy: 'Nothing on this side: their implementation is broken.',
  },
  wrongNetwork: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'They are on another network: the network ids differ.',
    remedy: 'Nothing, if it is one node; otherwise compare the network of this node with theirs.',
  },
  wrongGenesis: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'They have another genesis block, with the same network id.',
    remedy: 'Compare the genesis of this node with theirs: one of them is of another chain.',
  },
  forkIdStale: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'They have not passed a fork that we have passed: their client is too old.',
    remedy:
      'Nothing, if it is one node: it needs an update; if it is all of them, look at the forks and the head of this node.',
  },
  forkIdIncompatible: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'They passed a fork that we do not know, or announce one that we passed unknowing.',
    remedy:
      'Update the list of forks of this node, if it is many nodes; otherwise they follow another chain.',
  },
  badBlockRange: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'Their range of blocks begins after its end, or has no hash.',
    remedy: 'Nothing on this side: their implementation is broken.',
  },
  extraStatus: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'They sent Status twice.',
    remedy: 'Nothing on this side: their implementation is broken.',
  },
  unknownMessage: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'They sent a message that the version that we share does not have.',
    remedy: 'Nothing on this side: their implementation is broken.',
  },
  badMessage: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'A message of theirs cannot be decoded, or is larger than its limit.',
    remedy: 'Nothing on this side: their implementation is broken.',
  },
  badAnswer: {
    confidence: 'certain',
    wireReason: 'subprotocolError',
    sentence: 'An answer of theirs has not the type, or more items, or others, than we asked for.',
    remedy: 'Nothing on this side: their implementation is broken.',
  },
  tooManyRequests: {
    confidence: 'certain',
    wireReason: 'breachOfProtocol',
    sentence: 'They ask more than a node without blocks can be asked for.',
    remedy: 'Nothing, if it is one node; otherwise raise the limit of requests.',
  },
  closedByUs: {
    confidence: 'certain',
    wireReason: null,
    sentence: 'We ended the peer for a reason outside of eth.',
    remedy: 'Look at the ending of the peer: it has the reason.',
  },
} as const satisfies Record<string, EthRejectionRow>;

/** Refused by them, with a Disconnect. */
export const ETH_REFUSALS = {
  beforeStatus: {
    confidence: 'possible',
    sentence: 'They disconnected before their Status came.',
    remedy:
      'Look at the reason of their Disconnect; a subprotocol error means that they do not accept our Status.',
  },
  afterStatus: {
    confidence: 'possible',
    sentence: 'They disconnected just after both Status: most probably they do not accept ours.',
    remedy:
      'Compare network id, genesis and fork id of both Status; if all are the same, they may have no room.',
  },
  laterOn: {
    confidence: 'unknown',
    sentence: 'They accepted our Status, and disconnected later.',
    remedy: 'Look at the reason of their Disconnect; many clients change their peers on purpose.',
  },
} as const satisfies Record<string, ReasonText>;

/** The link or their bytes broke, or this process. */
export const ETH_FAILURES = {
  linkBroke: {
    confidence: 'certain',
    sentence: 'The connection broke.',
    remedy: 'Look at the ending of the peer: it says how.',
  },
  internalError: {
    confidence: 'certain',
    sentence: 'Internal error (a peerchart bug); see the log.',
    remedy: 'Report it with the stack from the log.',
  },
} as const satisfies Record<string, ReasonText>;

/** Null: the peer has ended, and nothing can be sent. */
export type EthWireReason = Extract<
  DisconnectReason,
  'readTimeout' | 'subprotocolError' | 'breachOfProtocol'
> | null;

type EthRejectionRow = ReasonText & { readonly wireReason: EthWireReason };

export type EthRejectionReason = keyof typeof ETH_REJECTIONS;
export type EthRefusalReason = keyof typeof ETH_REFUSALS;
export type EthFailureReason = keyof typeof ETH_FAILURES;

export type EthRejection = {
  [R in EthRejectionReason]: { readonly type: `reject.${R}`; readonly facts: Facts };
}[EthRejectionReason];
export type EthRefusal = {
  [R in EthRefusalReason]: { readonly type: `refuse.${R}`; readonly facts: Facts };
}[EthRefusalReason];
export type EthFailure = {
  [R in EthFailureReason]: { readonly type: `fail.${R}`; readonly facts: Facts };
}[EthFailureReason];

/** What a Status says of its sender, without the hash of its latest block. Numbers of 64 bits are written out. */
export type StatusFacts = {
  readonly version: string;
  readonly networkId: string;
  /** 64 hex digits. */
  readonly genesis: string;
  /** 8 hex digits. */
  readonly forkHash: string;
  readonly forkNext: string;
};

/** A Status that could be read. */
export type StatusSeen = StatusFacts & {
  /** By the four rules of EIP-2124, for their fork id. */
  readonly forkId: 'compatible' | 'remoteStale' | 'localIncompatible';
  /** Whether the blocks that it names are a range; true for eth/68, which names none. */
  readonly isRangeValid: boolean;
};

/** What is wrong with a message that ends the session. */
export type WrongMessage = Extract<
  EthRejectionReason,
  | 'extraStatus'
  | 'unknownMessage'
  | 'badMessage'
  | 'badAnswer'
  | 'badBlockRange'
  | 'tooManyRequests'
>;

type StatusVerdict = { readonly type: 'accept' } | EthRejection;

/** In the order of go-ethereum, so that both sides find the same. Source: eth/protocols/eth/handshake.go, `readStatus`. */
export function judgeStatus(ours: StatusFacts, theirs: StatusSeen): StatusVerdict {
  if (theirs.networkId !== ours.networkId)
    return rejected('wrongNetwork', { theirs: theirs.networkId, ours: ours.networkId });
  if (theirs.version !== ours.version)
    return rejected('wrongVersion', { theirs: theirs.version, ours: ours.version });
  if (theirs.genesis !== ours.genesis)
    return rejected('wrongGenesis', { theirs: theirs.genesis, ours: ours.genesis });
  if (theirs.forkId !== 'compatible')
    return rejected(theirs.forkId === 'remoteStale' ? 'forkIdStale' : 'forkIdIncompatible', {
      theirs: forkIdText(theirs),
      ours: forkIdText(ours),
    });
  if (!theirs.isRangeValid) return rejected('badBlockRange', { in: 'Status' });
  return { type: 'accept' };
}

const forkIdText = ({ forkHash, forkNext }: StatusFacts): string => `${forkHash}/${forkNext}`;

function rejected(reason: EthRejectionReason, facts: Facts): EthRejection {
  return { type: `reject.${reason}`, facts };
}
