/**
 * What the handshake of eth adds to the explanation of a peer, for people. Pure. Whether two Status messages go together is
 * decided by the chart `eth-session`.
 */
import type { Explanation } from '../api/explanation.ts';
import type { ForkId } from '../io/wire/fork-id.ts';
import { printable } from '../io/wire/printable.ts';
import {
  ETH_FAILURES,
  ETH_REFUSALS,
  ETH_REJECTIONS,
  type EthRejectionReason,
} from '../machines/eth/eth-endings.ts';
import type { ReasonText } from '../machines/reason-states.ts';

/** What a Status says of a chain. */
export type ChainClaim = {
  readonly networkId: bigint;
  /** Name of a public network with this id and genesis, or the given one; null for others. */
  readonly network: string | null;
  /** 64 hex digits. */
  readonly genesis: string;
  readonly forkId: ForkId;
};

/** In the order in which they are looked at. */
const MISMATCHES = ['wrongNetwork', 'wrongGenesis', 'forkIdStale', 'forkIdIncompatible'] as const;
export type ChainMismatch = (typeof MISMATCHES)[number];

/** One session of eth, as far as it came. */
export type EthSeen = {
  /** Such as `eth/69`. */
  readonly protocol: string;
  readonly ours: ChainClaim;
  /** Null when no Status came that can be read. */
  readonly theirs: ChainClaim | null;
  /** The state of `eth-session` in which it ended, or rested last when we ended the peer. */
  readonly state: string;
};

type Claims = { readonly ours: ChainClaim; readonly theirs: ChainClaim };

type Words = Omit<Explanation, 'evidence'>;

const AWAITING = 'awaitingStatus';
const CONFIRMED = 'active.confirmed';
const UNCONFIRMED = 'active.unconfirmed';

/** Of a peer that stayed. @param ms How long, as a peer. */
export function keptWords({ protocol, ours, state }: EthSeen, ms: number): Words | null {
  const stayed = `stayed connected for ${Math.round(ms / 100) / 10} s`;
  const network = networkText(ours);
  switch (state) {
    case CONFIRMED:
      return {
        verdict: `They are our peer on network ${network}: they accept our Status of ${protocol}, and ${stayed}.`,
        remedy: 'Nothing.',
        confidence: 'certain',
      };
    case UNCONFIRMED:
      return {
        verdict: `They are our peer on network ${network}: we accept their Status of ${protocol}, they have not refused ours, and ${stayed}.`,
        remedy: 'Nothing; with --stay 10 it is certain that they accept our Status.',
        confidence: 'likely',
      };
    case AWAITING:
      return {
        verdict: `They ${stayed}, and sent no Status of ${protocol} yet.`,
        remedy: 'Give a longer --stay.',
        confidence: 'unknown',
      };
    default:
      return null;
  }
}

/**
 * The explanation of a peer that ended, with what its session of eth says.
 *
 * @param state How the peer ended, such as `ending.refused.subprotocolError`.
 */
export function explainEth(explanation: Explanation, state: string, seen: EthSeen): Explanation {
  const { ours, theirs } = seen;
  const evidence = [
    ...explanation.evidence,
    ...claimLines(ours, theirs),
    `session of ${seen.protocol}: ${seen.state}`,
  ];
  return { ...(endedWords(state, seen) ?? explanation), evidence };
}

function endedWords(state: string, { ours, theirs, state: session }: EthSeen): Words | null {
  const [outcome, reason = ''] = session.split('.');
  if (outcome === 'rejected') {
    const mismatch = MISMATCHES.find((one) => one === reason);
    if (mismatch && theirs) return mismatchWords(mismatch, { ours, theirs });
    return rejectionWords(reason);
  }
  if (outcome !== 'refused') return null;
  if (state === 'ending.refused.subprotocolError' && reason === 'afterStatus')
    return REFUSED_STATUS;
  return state === 'ending.refused.readTimeout' ? LATE_STATUS : null;
}

/** The sentence of an end state of `eth-session`. */
export function ethSentenceOf(state: string): string {
  const [outcome = '', reason = ''] = state.split('.');
  const table = { rejected: ETH_REJECTIONS, refused: ETH_REFUSALS, failed: ETH_FAILURES }[outcome];
  return (table as Readonly<Record<string, ReasonText>> | undefined)?.[reason]?.sentence ?? state;
}

/** Null for an ending that has another cause than eth. */
function rejectionWords(reason: string): Words | null {
  if (!Object.hasOwn(ETH_REJECTIONS, reason) || reason === 'closedByUs') return null;
  const { sentence, remedy, confidence } = ETH_REJECTIONS[reason as EthRejectionReason];
  return { verdict: sentence, remedy, confidence };
}

const LATE_STATUS: Words = {
  verdict:
    'They say that our Status did not come in time, and we sent it: the link is slow, or one of the two processes is too busy.',
  remedy: 'Try again later; if it repeats, look at your uplink and at how busy this process is.',
  confidence: 'possible',
};

/** Both sides name their chain, so the cause is certain; which of two is right is not known. */
function mismatchWords(mismatch: ChainMismatch, { ours, theirs }: Claims): Words {
  switch (mismatch) {
    case 'wrongNetwork':
      return {
        verdict: `They are on another network: theirs is ${networkText(theirs)}, ours is ${networkText(ours)}.`,
        remedy:
          theirs.network === null
            ? 'Dial nodes of our network; for theirs, give its chain as a file with --network.'
            : `Dial nodes of our network; for theirs, give --network ${theirs.network}.`,
        confidence: 'certain',
      };
    case 'wrongGenesis':
      return {
        verdict: `They have our network id, ${ours.networkId}, and another genesis block: two chains with one id.`,
        remedy:
          'Compare the genesis hashes with the one of the network: one of the two nodes was made with another genesis file.',
        confidence: 'certain',
      };
    case 'forkIdStale':
      return {
        verdict:
          'Their fork id is too old: they do not know a fork that has passed, so their client needs an update.',
        remedy: 'Try other nodes; only their operator can update their client.',
        confidence: 'certain',
      };
    case 'forkIdIncompatible':
      return ours.forkId.hash === theirs.forkId.hash ? UNKNOWN_NEXT_FORK(theirs) : UNKNOWN_FORKS;
  }
}

const UPDATE =
  'Update this program; if it is up to date, give the forks of the chain as a file with --network.';

const UNKNOWN_NEXT_FORK = ({ forkId: { next } }: ChainClaim): Words => ({
  verdict: `Their fork id is too new: they expect a fork at ${next}, which has passed and is not in our list of forks.`,
  remedy: UPDATE,
  confidence: 'certain',
});

const UNKNOWN_FORKS: Words = {
  verdict:
    'Their fork id is too new, or of another branch: they have passed a fork that is not in our list of forks.',
  remedy: UPDATE,
  confidence: 'certain',
};

/** They refused a Status of the same chain. */
const REFUSED_STATUS: Words = {
  verdict:
    'They ended eth after our Status, although both name the same chain: to them our fork id is too old or too new, or they do not want peers without blocks.',
  remedy: 'Compare the fork ids of the evidence; their log has the reason.',
  confidence: 'likely',
};

/** Lines for the evidence. @param theirs Null when none came. */
export const claimLines = (ours: ChainClaim, theirs: ChainClaim | null): string[] => [
  theirs ? `their Status: ${claimText(theirs)}` : 'no Status of theirs arrived',
  `our Status: ${claimText(ours)}`,
];

function claimText(claim: ChainClaim): string {
  const { genesis, forkId } = claim;
  const next = forkId.next === 0n ? 'no next fork' : `next fork at ${forkId.next}`;
  return `network ${networkText(claim)}, genesis ${genesis.slice(0, 8)}…${genesis.slice(-4)}, fork id ${forkId.hash}, ${next}`;
}

/** Such as `1 (mainnet)`. */
function networkText({ networkId, network }: ChainClaim): string {
  return network === null ? `${networkId}` : `${networkId} (${printable(network)})`;
}
