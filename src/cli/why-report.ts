/** The result of `why`: one object with `--json`, documented here like those in `report.ts`, or lines for people. */

import type { Explanation } from '../api/explanation.ts';
import {
  type ChainClaim,
  claimLines,
  type EthSeen,
  explainEth,
  keptWords,
} from '../explain/eth-verdict.ts';
import { helloLines } from '../explain/explain.ts';
import { withUdpAnswer } from '../explain/udp-verdict.ts';
import type { Node } from '../io/crypto/node.ts';
import { formatEndpoint } from '../io/wire/endpoint.ts';
import { printable, printableStrings } from '../io/wire/printable.ts';
import type { Paint } from './human-line.ts';
import type { Phase, PhaseReport } from './phases.ts';
import type { Probe } from './probe.ts';
import { labelOf } from './report.ts';

export type WhyReport = {
  readonly type: 'why';
  readonly id: string;
  readonly address: string;
  /** Whether they stayed connected until we disconnected. */
  readonly isPeer: boolean;
  readonly phases: readonly PhaseReport[];
  /** The end state; `peer` when they stayed connected. */
  readonly state: string;
  /** Empty unless a connection ended in its setup. */
  readonly trail: readonly string[];
  /** Client name in their Hello; null without a Hello. */
  readonly client: string | null;
  /** Capabilities in their Hello, such as `eth/69`; null without a Hello. */
  readonly capabilities: readonly string[] | null;
  /** Both Status messages of eth, and the state of the session; null when no eth was spoken. Numbers are texts. */
  readonly eth: EthReport | null;
  readonly explanation: Explanation;
  readonly ms: number;
};

type EthReport = {
  /** Such as `eth/69`. */
  readonly protocol: string;
  /** State of the chart `eth-session`. */
  readonly state: string;
  readonly ours: ClaimReport;
  readonly theirs: ClaimReport | null;
};

type ClaimReport = {
  readonly networkId: string;
  readonly network: string | null;
  readonly genesis: string;
  readonly forkId: { readonly hash: string; readonly next: string };
};

/** Facts of the attempt that the result does not contain. */
export type WhyAttempt = {
  readonly node: Node;
  /** In s. */
  readonly timeout: number;
  /** Messages received from their subprotocols. */
  readonly heard: number;
  /** Whether they answered over UDP; null when they were not asked. */
  readonly reached: boolean | null;
  /** Null when no eth was spoken. */
  readonly eth: EthSeen | null;
};

export function whyReport(result: Probe, attempt: WhyAttempt): WhyReport {
  const { end, phases, ms } = result;
  const { node } = attempt;
  const hello = helloOf(end);
  return {
    type: 'why',
    id: node.id,
    address: formatEndpoint({ host: node.host, port: node.tcpPort }),
    isPeer: end.type === 'kept',
    phases: phases.report(end.type === 'kept', 'ms' in end ? end.ms : 0),
    state: end.type === 'kept' ? 'peer' : end.state,
    trail: end.type === 'ended' ? end.trail : [],
    client: hello ? printable(hello.client) : null,
    capabilities: hello ? hello.capabilities.map(labelOf) : null,
    eth: attempt.eth && ethReport(attempt.eth),
    explanation: explanationOf(result, attempt),
    ms,
  };
}

function explanationOf({ end, gaveUp }: Probe, attempt: WhyAttempt): Explanation {
  if (end.type === 'kept') return keptExplanation(end, attempt);
  const { reached, eth } = attempt;
  const udp =
    reached === null ? end.explanation : withUdpAnswer(end.explanation, endingOf(end), reached);
  const explanation = eth ? explainEth(udp, end.state, eth) : udp;
  switch (gaveUp) {
    case null:
      return explanation;
    case 'timeout': {
      const evidence = [...explanation.evidence, `we gave up after ${attempt.timeout} s`];
      return { ...explanation, evidence };
    }
    case 'interrupt':
      return {
        verdict: 'Interrupted before there was a result.',
        remedy: 'Run it again and wait for the result.',
        confidence: 'unknown',
        evidence: explanation.evidence,
      };
  }
}

/** For the question whether UDP can tell more. */
export const endingOf = (end: Probe['end']) => ({
  state: end.type === 'kept' ? 'peer' : end.state,
  trail: end.type === 'ended' ? end.trail : [],
  bytesIn: end.type === 'ended' ? end.bytesIn : 0,
});

type Kept = Extract<Probe['end'], { type: 'kept' }>;

const keptExplanation = ({ peer, ms }: Kept, { heard, eth }: WhyAttempt): Explanation => ({
  verdict: `They are our peer, and stayed connected for ${Math.round(ms / 100) / 10} s.`,
  remedy: 'Nothing, unless one of their subprotocols requires more, as eth requires a Status.',
  confidence: 'certain',
  ...(eth && keptWords(eth, ms)),
  evidence: [
    ...helloLines(peer),
    `shared: ${peer.protocols.join(' ') || 'nothing'}`,
    ...(eth
      ? [...claimLines(eth.ours, eth.theirs), `session of ${eth.protocol}: ${eth.state}`]
      : [`messages from their subprotocols: ${heard}`]),
  ],
});

const ethReport = ({ protocol, state, ours, theirs }: EthSeen): EthReport => ({
  ...{ protocol, state, ours: claimReport(ours), theirs: theirs && claimReport(theirs) },
});

const claimReport = ({ networkId, network, genesis, forkId }: ChainClaim): ClaimReport => ({
  ...{ networkId: `${networkId}`, network, genesis },
  forkId: { hash: forkId.hash, next: `${forkId.next}` },
});

function helloOf(end: Probe['end']) {
  switch (end.type) {
    case 'kept':
    case 'drop':
      return end.peer;
    case 'ended':
      return end.identity.hello ?? null;
    case 'dialFailed':
      return null;
  }
}

const TITLES = {
  dns: 'DNS',
  tcp: 'TCP',
  auth: 'auth',
  ack: 'ack',
  hello: 'Hello',
  capabilities: 'capabilities',
  status: 'eth Status',
  peer: 'as a peer',
} as const satisfies Record<Phase, string>;

/** Width of the longest title, in characters. */
const TITLE_CHARS = 12;

/** Texts of remotes are escaped here once more. */
export function whyLines(report: WhyReport, paint: Paint): string {
  const { id, address, isPeer, phases, state, explanation } = printableStrings(report);
  const { verdict, remedy, confidence, evidence } = explanation;
  return [
    `${paint('bold', id.slice(0, 8))} at ${address}`,
    ...phases.map((phase) => phaseLine(phase, paint)),
    `${paint(isPeer ? 'green' : 'red', 'Verdict')} (${confidence}): ${verdict} ${paint('dim', `[${state}]`)}`,
    `Remedy: ${remedy}`,
    'Evidence:',
    ...evidence.map((line) => `  - ${line}`),
  ].join('\n');
}

function phaseLine({ phase, result, ms }: PhaseReport, paint: Paint): string {
  const title = TITLES[phase].padEnd(TITLE_CHARS);
  switch (result) {
    case 'passed':
      return `  ${title}  ${paint('green', `${ms} ms`)}`;
    case 'failed':
      return `  ${title}  ${paint('red', `failed after ${ms} ms`)}`;
    case 'skipped':
      return `  ${title}  ${paint('dim', 'not needed')}`;
    case 'notReached':
      return `  ${title}  ${paint('dim', 'not reached')}`;
  }
}
