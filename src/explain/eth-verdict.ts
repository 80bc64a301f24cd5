/** Why two Status messages of eth do not go together, for people. Pure. Whether they do is decided by the chart `eth-session`. */
import type { Explanation } from '../api/explanation.ts';
import type { ForkId } from '../io/wire/fork-id.ts';
import { printable } from '../io/wire/printable.ts';

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
export type ChainMismatch = 'wrongNetwork' | 'wrongGenesis' | 'forkIdStale' | 'forkIdIncompatible';

export type Claims = { readonly ours: ChainClaim; readonly theirs: ChainClaim };

type Words = Omit<Explanation, 'evidence'>;

/** Both sides name their chain, so the cause is certain; which of two is right is not known. */
export function mismatchWords(mismatch: ChainMismatch, { ours, theirs }: Claims): Words {
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
export const REFUSED_STATUS: Words = {
  verdict:
    'They ended eth after our Status, although both name the same chain: to them our fork id is too old or too new, or they do not want peers without blocks.',
  remedy: 'Compare the fork ids of the evidence; their log has the reason.',
  confidence: 'likely',
};

/** Lines for the evidence. @param theirs Null when none came. */
export const claimLines = (ours: ChainClaim | null, theirs: ChainClaim | null): string[] => [
  theirs ? `their Status: ${claimText(theirs)}` : 'no Status of theirs arrived',
  ours ? `our Status: ${claimText(ours)}` : 'we sent no Status',
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
