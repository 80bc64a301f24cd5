/**
 * Explains an ending: the cause in one sentence, a remedy, a confidence and the evidence. Pure. The state is a fact;
 * the explanation is an inference from what this side observed.
 */

import type { ConnectionStats, DroppedPeer, EndedConnection, FailedDial } from '../api/endings.ts';
import type { Explanation } from '../api/explanation.ts';
import { formatEndpoint } from '../io/wire/endpoint.ts';
import { kindOfHost } from '../io/wire/ip-address.ts';
import { printable } from '../io/wire/printable.ts';
import type { TriedAddress } from '../machines/dialing/dial-task.ts';
import type { Facts } from '../machines/reason-states.ts';
import { RULES } from './confidence-rules.ts';
import { type EndState, reasonTextOf } from './end-states.ts';
import { type EndingFacts, lasting, type Rule } from './rule.ts';

/** Longest text of a remote in the evidence, in UTF-16 units. Ours. */
const MAX_EVIDENCE_CHARS = 128;

/** The events that report an ending. */
export type Outcome =
  | ({ readonly type: 'ended' } & EndedConnection)
  | ({ readonly type: 'dialFailed' } & FailedDial)
  | ({ readonly type: 'drop' } & DroppedPeer);

/** Total: a state that is no end state gives an explanation with confidence `unknown`. */
export function explain(outcome: Outcome): Explanation {
  const { state } = outcome;
  const words = reasonTextOf(state);
  if (!words)
    return {
      verdict: 'It ended in a state that has no description.',
      remedy: 'Report it as a bug, with its state.',
      confidence: 'unknown',
      evidence: evidenceOf(outcome),
    };
  const seen = endingFactsOf(outcome);
  const known = RULES[state as EndState]?.find(({ when }) => when(seen));
  return {
    verdict: verdictOfTried(outcome) ?? verdictOf(known, seen) ?? words.sentence,
    remedy: known?.remedy ?? words.remedy,
    confidence: known?.confidence ?? words.confidence,
    evidence: evidenceOf(outcome),
  };
}

function verdictOf(rule: Rule | undefined, seen: EndingFacts): string | undefined {
  const verdict = rule?.verdict;
  return typeof verdict === 'function' ? verdict(seen) : verdict;
}

/** When several addresses of a node were tried: what happened at each of them. */
function verdictOfTried(outcome: Outcome): string | null {
  if (outcome.type !== 'dialFailed' || !outcome.tried) return null;
  if (!(outcome.state in TRIED)) return null;
  return `No address of the node took the connection: ${triedLine(outcome.tried)}.`;
}

const TRIED = {
  connectionRefused: 'refused at',
  lostAtOnce: 'cut at once by',
  connectTimeout: 'no answer from',
  connectFailed: 'the system could not connect to',
  unreachable: 'no route to',
  notInNetRestrict: 'netRestrict excludes',
} as const satisfies Record<TriedAddress['failure'], string>;

/** Such as `refused at 127.0.0.1:30303 and [::1]:30303; no route to 192.0.2.1:30303`. */
function triedLine(tried: readonly TriedAddress[]): string {
  const failures = [...new Set(tried.map(({ failure }) => failure))];
  return failures
    .map((failure) => {
      const at = tried.filter((one) => one.failure === failure).map(formatEndpoint);
      return `${TRIED[failure]} ${at.join(' and ')}`;
    })
    .join('; ');
}

/** States of a connection after its ending. */
const ENDED = /^(?:rejected|refused|failed|closed)(?:\.|$)/;

/** The last state of a trail before the ending. */
export const duringOf = (trail: readonly string[]): string =>
  trail.findLast((state) => !ENDED.test(state)) ?? 'encHandshake'; // where every connection begins

/** From here on our Hello has been sent. */
const HELLO_SENT = 'protoHandshake';

function endingFactsOf(outcome: Outcome): EndingFacts {
  const { sincePeerMs = null, ourPause: pause = null, offersNothing = false } = outcome;
  const known = { sincePeerMs, pause, offersNothing };
  switch (outcome.type) {
    case 'dialFailed':
      return {
        ...known,
        direction: null,
        remote: kindOfHost(outcome.address.host),
        during: null,
        duringMs: 0,
        ms: 0,
        bytesIn: 0,
        isHelloSent: false,
        client: '',
        protocols: [],
        facts: {},
      };
    case 'ended': {
      const { direction, remote, trail, ms, bytesIn, identity, facts } = outcome;
      return {
        ...known,
        direction,
        remote: kindOfHost(remote.host),
        during: duringOf(trail),
        duringMs: duringMsOf(outcome),
        ms,
        bytesIn,
        isHelloSent: trail.includes(HELLO_SENT),
        client: identity.hello?.client ?? '',
        protocols: [],
        facts,
      };
    }
    case 'drop': {
      const { peer, ms, bytesIn, facts } = outcome;
      const { direction, remote, client, protocols } = peer;
      return {
        ...known,
        direction,
        remote: kindOfHost(remote.host),
        during: 'peer',
        duringMs: ms,
        ms,
        bytesIn,
        isHelloSent: true,
        client,
        protocols,
        facts,
      };
    }
  }
}

function duringMsOf({ trail, trailMs, ms }: EndedConnection): number {
  const since = trail.findLastIndex((state) => !ENDED.test(state));
  return ms - (trailMs[since] ?? 0);
}

const evidenceOf = (outcome: Outcome): readonly string[] => [
  ...seenIn(outcome),
  ...circumstanceLines(outcome),
];

function circumstanceLines({ sincePeerMs, ourPause, offersNothing }: Outcome): string[] {
  return [
    ...(sincePeerMs === undefined ? [] : [`it was our peer until ${lasting(sincePeerMs)} before`]),
    ...(ourPause
      ? [`our process stood still for ${ourPause.ms} ms or more, until ${ourPause.agoMs} ms before`]
      : []),
    ...(offersNothing ? ['we offer no protocol'] : []),
  ];
}

function seenIn(outcome: Outcome): readonly string[] {
  switch (outcome.type) {
    case 'dialFailed': {
      const { state, detail, tried = [] } = outcome;
      return [
        `the dial ended in ${state}`,
        ...tried.map((one) => `${TRIED[one.failure]} ${formatEndpoint(one)}`),
        ...factLines(detail === '' ? {} : { detail }),
      ];
    }
    case 'ended': {
      const { direction, state, trail, identity, facts } = outcome;
      const { hello } = identity;
      return [
        `${direction === 'inbound' ? 'they dialled us' : 'we dialled'}: ${duringOf(trail)} → ${state}`,
        `${duringMsOf(outcome)} ms in ${duringOf(trail)}, ${statsLine(outcome)}`,
        ...(hello ? helloLines(hello) : []),
        ...factLines(facts),
      ];
    }
    case 'drop': {
      const { peer, state, facts } = outcome;
      const { direction, protocols } = peer;
      return [
        `${direction === 'inbound' ? 'they dialled us' : 'we dialled'}: peer → ${state}`,
        `as a peer ${statsLine(outcome)}`,
        ...helloLines(peer),
        `shared: ${protocols.join(' ') || 'nothing'}`,
        ...factLines(facts),
      ];
    }
  }
}

const statsLine = ({ ms, bytesIn, bytesOut }: ConnectionStats): string =>
  `${ms} ms in all, ${bytesIn} bytes in, ${bytesOut} out`;

/** What their Hello says. */
type Introduced = {
  readonly client: string;
  readonly capabilities: readonly { readonly name: string; readonly version: number }[];
};

export function helloLines({ client, capabilities }: Introduced): string[] {
  const labels = capabilities.map(({ name, version }) => `${name}/${version}`);
  return [
    `their client: ${printable(client, MAX_EVIDENCE_CHARS)}`,
    `they offer: ${printable(labels.join(' ') || 'nothing', MAX_EVIDENCE_CHARS)}`,
  ];
}

const factLines = (facts: Facts): string[] =>
  Object.entries(facts).map(
    ([name, value]) => `${name}: ${printable(String(value), MAX_EVIDENCE_CHARS)}`,
  );
