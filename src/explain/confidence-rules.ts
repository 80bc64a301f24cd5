/**
 * Rules that give a better explanation than the table of an end state, by phase, time, bytes and client. When none
 * applies, the sentence, remedy and confidence of the table are used.
 * Sources: go-ethereum p2p/server.go and eth/dropper.go, reth, Besu and Nethermind, and questions in their forums.
 */

import { CONNECT_TIMEOUT_RULES, LOST_RULES, REFUSED_RULES } from './dial-rules.ts';
import type { EndState } from './end-states.ts';
import { THEY_GAVE_UP, THEY_MAY_HAVE_GIVEN_UP, WE_WERE_LATE } from './pause-rules.ts';
import { type EndingFacts, factMs, lasting, type Rule, theyCalled } from './rule.ts';
import {
  FOREIGN_PROTOCOL_RULES,
  GIVE_PROTOCOLS,
  HANGUP_RULES,
  HELLO_TIMEOUT_RULES,
  TIMEOUT_RULES,
  UNDECRYPTABLE_RULES,
  USELESS_RULES,
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

/** They did not take our bytes. */
const STALL_RULES: readonly Rule[] = [
  {
    when: (seen) => factMs(seen, 'stalledMs') !== null,
    verdict: (seen) =>
      `They took no byte of ours for ${lasting(factMs(seen, 'stalledMs') ?? 0)}: they are gone, frozen or do not read, or the link is broken.`,
    confidence: 'likely',
  },
  {
    when: (seen) => factMs(seen, 'unsentBytes') !== null,
    verdict: 'More bytes wait for them than the limit: they read more slowly than we send.',
    remedy: 'Send less to slow peers: await each send().',
    confidence: 'likely',
  },
];

/** By end state; the first rule that applies wins. */
export const RULES: Readonly<Partial<Record<EndState, readonly Rule[]>>> = {
  lostAtOnce: LOST_RULES,
  connectTimeout: CONNECT_TIMEOUT_RULES,
  connectionRefused: REFUSED_RULES,
  hostLookupTimeout: [WE_WERE_LATE],
  'rejected.helloTimeout': HELLO_TIMEOUT_RULES,
  'refused.uselessPeer': USELESS_RULES,
  'refused.readTimeout': [THEY_GAVE_UP, THEY_MAY_HAVE_GIVEN_UP],
  'failed.encHandshakeTimeout': TIMEOUT_RULES,
  'failed.handshakeSizeOutOfRange': FOREIGN_PROTOCOL_RULES,
  'failed.invalidPublicKey': UNDECRYPTABLE_RULES,
  'failed.undecryptable': UNDECRYPTABLE_RULES,
  'failed.connectionClosed': HANGUP_RULES,
  'failed.connectionReset': HANGUP_RULES,
  'failed.writeStalled': STALL_RULES,
  'ending.failed.writeStalled': STALL_RULES,
  'ending.rejected.pongTimeout': [
    {
      when: (seen) => factMs(seen, 'silentMs') !== null,
      verdict: (seen) =>
        `No byte arrived from them for ${lasting(factMs(seen, 'silentMs') ?? 0)} after our ping: they are gone or frozen, or the link is broken.`,
      confidence: 'likely',
    },
  ],
  'ending.rejected.silence': [
    {
      when: (seen) => factMs(seen, 'silentMs') !== null,
      verdict: (seen) =>
        `No complete message came from them for ${lasting(factMs(seen, 'silentMs') ?? 0)}.`,
      confidence: 'likely',
    },
  ],
  'ending.refused.breachOfProtocol': [
    {
      when: (seen) => sharesEth(seen) && isEarly(seen),
      verdict:
        'They could not decode a message of ours: so early it is our eth Status, if we sent one.',
      remedy:
        'Compare the fields of your Status with the version of eth that is shared: eth/69 changed them.',
      confidence: 'likely',
    },
  ],
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
    ...USELESS_RULES,
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
    THEY_GAVE_UP,
    THEY_MAY_HAVE_GIVEN_UP,
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
    THEY_GAVE_UP,
    {
      when: (seen) => seen.offersNothing && isEarly(seen),
      verdict: 'They hung up within seconds: we offer no protocol, so we are of no use to them.',
      remedy: GIVE_PROTOCOLS,
      confidence: 'likely',
    },
    {
      when: (seen) => theyCalled(seen) && isEarly(seen),
      verdict:
        'The caller hung up within seconds of becoming a peer: a crawler, or it changed its mind.',
      remedy: 'Nothing, if it is one node: crawlers leave like this.',
      confidence: 'possible',
    },
    {
      when: isEarly,
      verdict: 'They hung up within seconds of becoming a peer, without a reason.',
      remedy: 'Try again; if it repeats, only their log can say why.',
      confidence: 'unknown',
    },
    THEY_MAY_HAVE_GIVEN_UP,
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
