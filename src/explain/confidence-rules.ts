/**
 * Rules that say more about an end state than its table, from the phase, the time, the bytes and the client. Where
 * none fits, sentence, remedy and confidence of the table stand.
 * Sources: go-ethereum p2p/server.go and eth/dropper.go, reth, Besu and Nethermind, and threads of people who asked.
 */

import type { EndState } from './end-states.ts';
import type { Case, Rule } from './rule.ts';
import { GONE, NO_RLPX, SILENT, UNREADABLE } from './setup-rules.ts';

/** A peer that leaves sooner than this never wanted us, in ms. Ours; more than the 5 s of an eth handshake. */
const EARLY_MS = 10_000;

/** Peers younger than this are never dropped on purpose, in ms. Source: go-ethereum eth/dropper.go. */
const CHURN_MS = 600_000;

/** Around the 5 s that go-ethereum waits for Status, in ms. Source: eth/protocols/eth/handshake.go. */
const STATUS_MS = { least: 4_000, most: 8_000 };

const isEarly = ({ duringMs }: Case): boolean => duringMs < EARLY_MS;
const isOld = ({ duringMs }: Case): boolean => duringMs >= CHURN_MS;
const sharesEth = ({ protocols }: Case): boolean => protocols.some((p) => p.startsWith('eth/'));
const isClient = (name: RegExp) => (seen: Case) => name.test(seen.client);
const isGeth = isClient(/^geth\//i);
const isNethermind = isClient(/^nethermind/i);

const OTHER_CHAIN =
  'Compare network id, genesis hash and fork id: both Status messages must name the same chain.';
const CHURN = 'Nothing: such clients change some peers every few minutes; we dial again.';

/** Of each end state that has any; the first that fits counts. */
export const RULES: Readonly<Partial<Record<EndState, readonly Rule[]>>> = {
  'failed.encHandshakeTimeout': SILENT,
  'failed.handshakeSizeOutOfRange': NO_RLPX,
  'failed.invalidPublicKey': UNREADABLE,
  'failed.undecryptable': UNREADABLE,
  'failed.connectionClosed': GONE,
  'failed.connectionReset': GONE,
  'ending.refused.requested': [
    {
      when: isOld,
      verdict:
        'They ended it after 10 min or more without a reason: deliberate churn, or a badly encoded reason that reads as 0.',
      remedy: CHURN,
      confidence: 'possible',
    },
  ],
  'ending.refused.uselessPeer': [
    {
      when: (seen) => isNethermind(seen) && isEarly(seen),
      verdict: 'We are on another network than they: Nethermind says "useless peer" for that.',
      remedy: OTHER_CHAIN,
      confidence: 'likely',
    },
    {
      when: (seen) => isGeth(seen) && isOld(seen),
      verdict: 'They are full and changed one peer for another: deliberate churn of go-ethereum.',
      remedy: CHURN,
      confidence: 'likely',
    },
    {
      when: (seen) => seen.protocols.length === 0,
      verdict: 'We share no capability of the same name and version.',
      remedy: 'Offer one that they offer: name and version must both match.',
      confidence: 'certain',
    },
  ],
  'ending.refused.tooManyPeers': [
    {
      when: isEarly,
      verdict: 'They are full: they looked again after our Hello.',
      remedy:
        'Try others, or later; only their operator can make room, by making us a trusted node.',
      confidence: 'certain',
    },
  ],
  'ending.refused.readTimeout': [
    {
      when: (seen) =>
        sharesEth(seen) && seen.duringMs >= STATUS_MS.least && seen.duringMs <= STATUS_MS.most,
      verdict: 'They waited 5 s for the Status of eth, and we sent none.',
      remedy: 'Send Status as soon as the handler of eth starts.',
      confidence: 'likely',
    },
  ],
  'ending.refused.subprotocolError': [
    {
      when: (seen) => sharesEth(seen) && isEarly(seen),
      verdict:
        'Their eth handshake refused ours: another network id, genesis or fork id, or no Status in time.',
      remedy: OTHER_CHAIN,
      confidence: 'likely',
    },
  ],
  'ending.failed.connectionClosed': inMidSession(),
  'ending.failed.connectionReset': inMidSession(),
};

/** A peer whose stream ended without a Disconnect. */
function inMidSession(): Rule[] {
  return [
    {
      when: isEarly,
      verdict: 'They left within seconds of becoming a peer, without a reason.',
      remedy: 'Try again; if it repeats, only their log can tell.',
      confidence: 'unknown',
    },
    {
      when: () => true,
      verdict:
        'They went away in the middle of a session without a word: a crash, a NAT that forgot us, or bytes they could not authenticate.',
      remedy:
        'Nothing, if it is one node; if all end like this, look for a NAT or firewall that forgets quiet connections.',
      confidence: 'possible',
    },
  ];
}
