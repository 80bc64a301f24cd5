/**
 * From how something ended to one sentence about the cause, what to do about it, how sure that is, and why we think
 * so. Pure; a guess from outside. The state stays the fact.
 */

import type { ConnectionStats, DroppedPeer, EndedConnection, FailedDial } from '../api/endings.ts';
import type { Explanation } from '../api/explanation.ts';
import { printable } from '../io/wire/printable.ts';
import type { Facts } from '../machines/reason-states.ts';
import { RULES } from './confidence-rules.ts';
import { type EndState, wordsOf } from './end-states.ts';
import type { Case } from './rule.ts';

/** Longest piece of a stranger's text in the evidence, in UTF-16 units. Ours. */
const MAX_EVIDENCE_CHARS = 128;

/** The events that say how something ended, or as much of them as it takes. */
export type Outcome =
  | ({ readonly type: 'ended' } & EndedConnection)
  | ({ readonly type: 'dialFailed' } & FailedDial)
  | ({ readonly type: 'drop' } & DroppedPeer);

export function explain(outcome: Outcome): Explanation {
  const { state } = outcome;
  const words = wordsOf(state);
  if (!words)
    return {
      verdict: 'It ended in a way that nobody has described.',
      remedy: 'Report it with its state.',
      confidence: 'unknown',
      evidence: evidenceOf(outcome),
    };
  const seen = caseOf(outcome);
  const known = RULES[state as EndState]?.find(({ when }) => when(seen));
  return {
    verdict: known?.verdict ?? words.sentence,
    remedy: known?.remedy ?? words.remedy,
    confidence: known?.confidence ?? words.confidence,
    evidence: evidenceOf(outcome),
  };
}

/** States in which a connection is over already. */
const OVER = /^(?:rejected|refused|failed|closed)(?:\.|$)/;

/** The last state of a trail before its ending. */
export const duringOf = (trail: readonly string[]): string =>
  trail.findLast((state) => !OVER.test(state)) ?? 'encHandshake'; // where every connection begins

function caseOf(outcome: Outcome): Case {
  switch (outcome.type) {
    case 'dialFailed':
      return {
        direction: null,
        during: null,
        duringMs: 0,
        bytesIn: 0,
        client: '',
        protocols: [],
        facts: {},
      };
    case 'ended': {
      const { direction, trail, bytesIn, identity, facts } = outcome;
      return {
        direction,
        during: duringOf(trail),
        duringMs: duringMsOf(outcome),
        bytesIn,
        client: identity.hello?.client ?? '',
        protocols: [],
        facts,
      };
    }
    case 'drop': {
      const { peer, ms, bytesIn, facts } = outcome;
      const { direction, client, protocols } = peer;
      return { direction, during: 'peer', duringMs: ms, bytesIn, client, protocols, facts };
    }
  }
}

function duringMsOf({ trail, trailMs, ms }: EndedConnection): number {
  const since = trail.findLastIndex((state) => !OVER.test(state));
  return ms - (trailMs[since] ?? 0);
}

function evidenceOf(outcome: Outcome): readonly string[] {
  switch (outcome.type) {
    case 'dialFailed': {
      const { state, detail } = outcome;
      return [`the dial ended in ${state}`, ...factLines(detail === '' ? {} : { detail })];
    }
    case 'ended': {
      const { direction, state, trail, identity, facts } = outcome;
      const { hello } = identity;
      return [
        `${direction === 'inbound' ? 'they called' : 'we dialled'}: ${duringOf(trail)} → ${state}`,
        `${duringMsOf(outcome)} ms in ${duringOf(trail)}, ${effortLine(outcome)}`,
        ...(hello ? helloLines(hello) : []),
        ...factLines(facts),
      ];
    }
    case 'drop': {
      const { peer, state, facts } = outcome;
      const { direction, protocols } = peer;
      return [
        `${direction === 'inbound' ? 'they called' : 'we dialled'}: peer → ${state}`,
        `as a peer ${effortLine(outcome)}`,
        ...helloLines(peer),
        `shared: ${protocols.join(' ') || 'nothing'}`,
        ...factLines(facts),
      ];
    }
  }
}

const effortLine = ({ ms, bytesIn, bytesOut }: ConnectionStats): string =>
  `${ms} ms in all, ${bytesIn} bytes in, ${bytesOut} out`;

/** Who they say they are. */
type Introduction = {
  readonly client: string;
  readonly capabilities: readonly { readonly name: string; readonly version: number }[];
};

export function helloLines({ client, capabilities }: Introduction): string[] {
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
