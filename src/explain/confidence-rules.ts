/**
 * Rules that give a better explanation than the table of an end state, by phase, time, bytes and client. When none
 * applies, the sentence, remedy and confidence of the table are used.
 * Sources: go-ethereum p2p/server.go and eth/dropper.go, reth, Besu and Nethermind, and questions in their forums.
 */

import type { EndState } from './end-states.ts';
import type { EndingFacts, Rule } from './rule.ts';
import {
  FOREIGN_PROTOCOL_RULES,
  HANGUP_RULES,
  TIMEOUT_RULES,
  UNDECRYPTABLE_RULES,
} from './setup-rules.ts';

/** A peer that leaves sooner than this rejected us at its first checks, in ms. Ours; more than the 5 s of an eth handshake. */
const EARLY_MS = 10_000;

/** go-ethereum drops no peer younger than this to make room, in ms. Source: eth/dropper.go. */
const CHURN_MS = 600_000;

/** Around the 5 s that go-ethereum waits for Status, in ms. Source: eth/protocols/eth/handshake.go. */
const STATUS_MS = { least: 4_000, most: 8_000 };

const isEarly = ({ duringMs }: EndingFacts): boolean => duringMs < EARLY_MS;
const isOld = ({ duringMs }: EndingFacts): boolean => duringMs >= CHURN_MS;
const sharesEth = ({ protocols }: EndingFacts): boolean =>
  protocols.some((p) => p.startsWith('eth/'));
const isClient = (name: RegExp) => (seen: EndingFacts) => name.test(seen.client);
const isGeth = isClient(/^geth\//i);
const isNethermind = isClient(/^nethermind/i);

const OTHER_CHAIN =
  'Compare network id, genesis hash and fork id: both Status messages must name the same chain.';
const CHURN = 'Nothing: such clients replace some peers every few minutes; we dial again.';

/** By end state; the first rule that applies wins. */
export const RULES: Readonly<Partial<Record<EndState, readonly Rule[]>>> = {
  'failed.encHandshakeTimeout': TIMEOUT_RULES,
  'failed.handshakeSizeOutOfRange': FOREIGN_PROTOCOL_RULES,
  'failed.invalidPublicKey': UNDECRYPTABLE_RULES,
  'failed.undecryptable': UNDECRYPTABLE_RULES,
  'failed.connectionClosed': HANGUP_RULES,
  'failed.connectionReset': HANGUP_RULES,
  'ending.refused.requested': [
    {
      when: isOld,
      verdict:
        'They disconnected after 10 min or more without a reason: deliberate churn, or a badly encoded reason that reads as 0.',
      remedy: CHURN,
      confidence: 'possible',
    },
  ],
  'ending.refused.uselessPeer': [
    {
      when: (seen) => isNethermind(seen) && isEarly(seen),
      verdict: 'We are on another network than they are: Nethermind sends "useless peer" for that.',
      remedy: OTHER_CHAIN,
      confidence: 'likely',
    },
    {
      when: (seen) => isGeth(seen) && isOld(seen),
      verdict: 'They are full and replaced one peer by another: deliberate churn of go-ethereum.',
      remedy: CHURN,
      confidence: 'likely',
    },
    {
      when: (seen) => seen.protocols.length === 0,
      verdict: 'We share no capability of the same name and version.',
      remedy: 'Offer a capability that they offer: name and version must both match.',
      confidence: 'certain',
    },
  ],
  'ending.refused.tooManyPeers': [
    {
      when: isEarly,
      verdict: 'They are full: they counted their peers again after our Hello.',
      remedy:
        'Try others, or later; only their operator can make room, by making us a trusted node.',
      confidence: 'certain',
    },
  ],
  'ending.refused.readTimeout': [
    {
      when: (seen) =>
        sharesEth(seen) && seen.duringMs >= STATUS_MS.least && seen.duringMs <= STATUS_MS.most,
      verdict: 'They waited 5 s for our eth Status, and we sent none.',
      remedy: 'Send Status as soon as your eth handler starts.',
      confidence: 'likely',
    },
  ],
  'ending.refused.subprotocolError': [
    {
      when: (seen) => sharesEth(seen) && isEarly(seen),
      verdict:
        'Their eth handshake failed with ours: another network id, genesis or fork id, or no Status in time.',
      remedy: OTHER_CHAIN,
      confidence: 'likely',
    },
  ],
  'ending.failed.connectionClosed': hangupOfPeerRules(),
  'ending.failed.connectionReset': hangupOfPeerRules(),
};

/** The stream of a peer ended without a Disconnect. */
function hangupOfPeerRules(): Rule[] {
  return [
    {
      when: isEarly,
      verdict: 'They hung up within seconds of becoming a peer, without a reason.',
      remedy: 'Try again; if it repeats, only their log can say why.',
      confidence: 'unknown',
    },
    {
      when: () => true,
      verdict:
        'They hung up in the middle of a session without a Disconnect: a crash, a NAT that dropped the connection, or bytes they could not authenticate.',
      remedy:
        'Nothing, if it is one node; if all end like this, look for a NAT or firewall that drops idle connections.',
      confidence: 'possible',
    },
  ];
}
