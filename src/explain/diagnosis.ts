/**
 * Why a node has as many peers as it has, in one sentence, with a remedy. Pure: facts in, words out. How one connection
 * ended is explained in explain.ts. Longer than 300 lines: one rule after the other, in the order of their weight.
 */
import type { DialResult } from './dial-result.ts';
import type { StatusText } from './discovery-status.ts';
import { GIVE_PROTOCOLS } from './setup-rules.ts';

/** A node that is kept connected. */
export type StaticNodeFacts = {
  readonly status: 'connected' | 'dialling' | 'queued' | 'waiting' | 'heldBack' | 'ready';
  /** ms until it may be dialled again; null unless `waiting`. */
  readonly msLeft: number | null;
  /** Null before its first dial has ended. */
  readonly last: PastResult | null;
};

export type PastResult = DialResult & { readonly msAgo: number };

export type NodeFacts = {
  /** Phase of the server, such as `running` or `starting.listening`. */
  readonly state: string;
  /** Why the last start failed; null when it did not. */
  readonly startFailure: { readonly step: string; readonly message: string } | null;
  /** ms since the start. */
  readonly runningMs: number;
  readonly peers: number;
  readonly maxPeers: number;
  /** Our Hello names no protocol. */
  readonly offersNothing: boolean;
  /** Connections and dials that are not peers yet. */
  readonly pending: number;
  /** Host it listens on; null when it does not. */
  readonly listening: string | null;
  /** Whether it may dial at all. */
  readonly isDialling: boolean;
  /** Inbound connections since the start, admitted or not. */
  readonly inboundCalls: number;
  readonly statics: readonly StaticNodeFacts[];
  readonly bootnodes: number;
  /** Of the bootnodes, how many netRestrict excludes. */
  readonly bootnodesExcluded: number;
  /** Whether there is a source of candidates. */
  readonly hasCandidates: boolean;
  /** Whether discovery finds nodes; null while it does not run. */
  readonly discovery: StatusText | null;
  /** The latest dial of any node; null before the first. */
  readonly lastDial: PastResult | null;
  /** End states of the latest connections of the last 5 minutes, without those that were asked to end. */
  readonly recentEndings: readonly string[];
  /** Connections turned away in the last minute because every slot for a peer was taken. */
  readonly turnedAwayFull: number;
};

/** Which case it is; each has a row in the tests. */
export type DiagnosisCase =
  | 'startFailed'
  | 'portInUse'
  | 'notRunning'
  | 'noneAllowed'
  | 'full'
  | 'healthy'
  | 'netRestrict'
  | 'uselessPeers'
  | 'othersFull'
  | 'allAlike'
  | 'staticNodes'
  | 'discovery'
  | 'searching'
  | 'nothingConfigured';

export type Diagnosis = StatusText & { readonly is: DiagnosisCase };

/** A public node is called sooner than this, in ms. Ours. */
const NO_CALL_MS = 60_000;

/** With peers of its own a node may be called later, in ms. Ours. */
const NO_CALL_WITH_PEERS_MS = 600_000;

/** From so many connections that end alike on, it is no chance. Ours. */
const MANY_ALIKE = 3;

export function diagnose(facts: NodeFacts): Diagnosis {
  const { state, startFailure, peers, maxPeers } = facts;
  if (startFailure && state === 'idle') return failedStart(startFailure);
  if (state !== 'running') return notRunning(facts);
  if (maxPeers === 0)
    return bad('noneAllowed', 'No peers are allowed: maxPeers is 0.', 'Raise maxPeers.');
  if (peers >= maxPeers) return full(facts);
  if (peers > 0) return healthy(facts);
  return withoutPeers(facts);
}

function failedStart({ step, message }: { step: string; message: string }): Diagnosis {
  if (/EADDRINUSE|already in use/.test(message))
    return bad(
      'portInUse',
      `The port is in use: the start failed${placeIn(message)}.`,
      'Stop the other process, or choose another port: --port, or listen.port in a program.',
    );
  return bad(
    'startFailed',
    `The start failed at ${step}: ${withoutDot(message)}.`,
    'Fix what the message names, then start again.',
  );
}

/** Such as ` at 0.0.0.0:30303`. */
const placeIn = (message: string): string => {
  const place = /(?:in use:?|EADDRINUSE:?) (\S+:\d+)/.exec(message)?.[1];
  return place === undefined ? '' : ` at ${place}`;
};

const withoutDot = (text: string): string => text.replace(/\.$/, '');

const PHASES: Readonly<Record<string, string>> = {
  idle: 'Not started yet.',
  starting: 'The node is starting.',
  stopping: 'The node is stopping: peers are being disconnected.',
  stopped: 'The node has stopped.',
  rollingBack: 'The start failed: what was begun is being undone.',
};

function notRunning({ state }: NodeFacts): Diagnosis {
  const sentence = PHASES[state.split('.')[0]!] ?? `The node is in state ${state}.`;
  return { is: 'notRunning', tone: 'waiting', sentence, remedy: '' };
}

function full({ peers, maxPeers, turnedAwayFull }: NodeFacts): Diagnosis {
  const away = turnedAwayFull > 0 ? `, ${turnedAwayFull} turned away in the last minute` : '';
  return {
    is: 'full',
    tone: 'good',
    sentence: `Full: ${peers} of ${maxPeers} peers${away}.`,
    remedy:
      turnedAwayFull > 0
        ? 'Raise maxPeers to let more in; trusted nodes are admitted in any case.'
        : '',
  };
}

function healthy(facts: NodeFacts): Diagnosis {
  const { peers, maxPeers } = facts;
  const closed = noCall(facts, NO_CALL_WITH_PEERS_MS);
  return {
    is: 'healthy',
    tone: 'good',
    sentence: `${peers} ${peers === 1 ? 'peer' : 'peers'} of ${maxPeers}${closed && `; ${closed}`}.`,
    remedy: closed && OPEN_PORT,
  };
}

const OPEN_PORT = 'Allow the TCP port in the firewall, and forward it on the router.';
const ALLOW_DIALS = 'Leave out --nodial, or noDial in a program, so that it may dial.';
const ADD_NODE = 'Add a node to connect to: --static, addPeer, or "Add peer" under Peers.';

function withoutPeers(facts: NodeFacts): Diagnosis {
  const { statics, bootnodes, hasCandidates, isDialling } = facts;
  return (
    excluded(facts) ??
    useless(facts) ??
    (statics.length > 0 && isDialling ? staticNodes(facts) : null) ??
    allAlike(facts) ??
    (isDialling ? discovering(facts) : null) ??
    ((bootnodes > 0 || hasCandidates || facts.discovery) && isDialling ? searching(facts) : null) ??
    nothingConfigured(facts)
  );
}

function excluded({
  statics,
  bootnodes,
  bootnodesExcluded,
  hasCandidates,
}: NodeFacts): Diagnosis | null {
  const configured = statics.length + bootnodes;
  if (configured === 0 || hasCandidates || bootnodesExcluded < bootnodes) return null;
  if (!statics.every(({ last }) => last?.state === 'notInNetRestrict')) return null;
  const nodes = `${configured} ${configured === 1 ? 'node' : 'nodes'}`;
  return bad(
    'netRestrict',
    `0 peers: netRestrict excludes every configured node (${nodes}).`,
    'Add the network of the nodes to netRestrict, or take the restriction away.',
  );
}

const lastName = (state: string): string => state.slice(state.lastIndexOf('.') + 1);

function useless({ recentEndings, offersNothing }: NodeFacts): Diagnosis | null {
  const number = recentEndings.length;
  if (number === 0 || !recentEndings.every((state) => lastName(state) === 'uselessPeer'))
    return null;
  return bad(
    'uselessPeers',
    `0 peers: ${lastOnes(number)} ended as ${number === 1 ? 'a useless peer' : 'useless peers'}: ${offersNothing ? 'we offer no protocol' : 'no shared capability'}.`,
    offersNothing
      ? GIVE_PROTOCOLS
      : 'Offer a capability that they offer: name and version must both match.',
  );
}

const lastOnes = (number: number): string =>
  number === 1 ? 'the last connection' : `all of the last ${number} connections`;

const areFull = (states: readonly (string | undefined)[]): boolean =>
  states.length > 0 &&
  states.every(
    (state) => state !== undefined && /^(?:ending\.)?refused\.tooManyPeers$/.test(state),
  );

const WAIT_FOR_ROOM =
  'Wait, or add other nodes; the operator of a full node can make room by trusting this one.';

/** Without static nodes, which are described one by one. */
function allAlike({ recentEndings }: NodeFacts): Diagnosis | null {
  const number = recentEndings.length;
  const first = lastName(recentEndings[0] ?? '');
  if (areFull(recentEndings))
    return {
      is: 'othersFull',
      tone: 'waiting',
      sentence: `0 peers: ${number === 1 ? 'the node we reached is' : `all of the last ${number} nodes we reached are`} full.`,
      remedy: WAIT_FOR_ROOM,
    };
  if (number < MANY_ALIKE || recentEndings.some((state) => lastName(state) !== first)) return null;
  return bad(
    'allAlike',
    `0 peers: ${lastOnes(number)} ended for the same reason: ${spaced(first)}.`,
    'Open Reasons for what it means and what to do.',
  );
}

const spaced = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function staticNodes({ statics }: NodeFacts): Diagnosis {
  const [one] = statics;
  if (statics.length > 1 && areFull(statics.map(({ last }) => last?.state)))
    return {
      is: 'othersFull',
      tone: 'waiting',
      sentence: `0 peers: all ${statics.length} static nodes are full${soonest(statics)}.`,
      remedy: WAIT_FOR_ROOM,
    };
  const said = statics.length === 1 && one ? oneStatic(one) : manyStatics(statics);
  const isDead = statics.every(({ last }) => last !== null && last.state !== 'connected');
  return {
    is: 'staticNodes',
    tone: isDead ? 'bad' : 'waiting',
    sentence: `0 peers: ${said}.`,
    remedy: isDead ? remedyFor(statics.map(({ last }) => last?.state ?? '')) : '',
  };
}

function oneStatic({ last, ...next }: StaticNodeFacts): string {
  const result = last ? `, ${sayResult(last)}` : '';
  const then = nextTry(next);
  return `1 static node${result}${then && `, ${then}`}`;
}

/** Such as `3 static nodes: 2 refused, 1 no answer; next try in 13 s`. */
function manyStatics(statics: readonly StaticNodeFacts[]): string {
  const counts = new Map<string, number>();
  for (const { last } of statics) {
    const did = last?.did ?? 'not dialled yet';
    counts.set(did, (counts.get(did) ?? 0) + 1);
  }
  const results = [...counts].map(([did, number]) => `${number} ${did}`).join(', ');
  return `${statics.length} static nodes: ${results}${soonest(statics)}`;
}

/** What comes next of any of them, behind a semicolon. */
function soonest(statics: readonly StaticNodeFacts[]): string {
  const busy = statics.find(({ status }) => status === 'dialling' || status === 'queued');
  const waits = statics.flatMap(({ msLeft }) => msLeft ?? []);
  const next = busy ?? { status: 'waiting', msLeft: waits.length > 0 ? Math.min(...waits) : null };
  const then = nextTry(next);
  return then && `; ${then}`;
}

function sayResult({ did, why, msAgo }: PastResult): string {
  return `${did} ${span(msAgo)} ago${why && `: ${why}`}`;
}

function nextTry({ status, msLeft }: Pick<StaticNodeFacts, 'status' | 'msLeft'>): string {
  if (status === 'dialling') return 'being dialled now';
  if (status === 'queued') return 'waiting for a free dial slot';
  if (status === 'heldBack') return 'waiting for a place among the peers that we dialled';
  return msLeft === null ? '' : `next try in ${span(msLeft)}`;
}

/** By the state that all of them have; otherwise the general one. */
function remedyFor(states: readonly string[]): string {
  const [first = '', ...rest] = states;
  if (rest.some((state) => state !== first)) return 'Open Dials for the last result of each node.';
  return REMEDIES[first] ?? 'Open Reasons for what it means and what to do.';
}

const CHECK_NAME_SERVER =
  'Check the name servers of this machine, or give an address instead of a name.';

const CHECK_ENODE = 'Get a fresh enode of the node, and compare its key.';

const REMEDIES: Readonly<Record<string, string>> = {
  connectionRefused: 'Check that the node runs, and that this is its TCP port.',
  connectTimeout: 'The node is down, or a firewall or NAT drops what we send.',
  unreachable: 'Check the address, and your own network.',
  hostNotFound: 'Check the spelling of the name, or give an address.',
  hostLookupFailed: CHECK_NAME_SERVER,
  hostLookupTimeout: CHECK_NAME_SERVER,
  'failed.connectionClosed': CHECK_ENODE,
  'failed.connectionReset': CHECK_ENODE,
  'refused.tooManyPeers': WAIT_FOR_ROOM,
};

/** Discovery that finds no nodes, or none yet. */
function discovering({ discovery }: NodeFacts): Diagnosis | null {
  if (!discovery || discovery.tone === 'good') return null;
  const [first = '', ...rest] = discovery.sentence;
  const sentence = `0 peers: ${first.toLowerCase()}${rest.join('')}`;
  return { ...discovery, is: 'discovery', sentence };
}

function searching({
  bootnodes,
  hasCandidates,
  discovery,
  lastDial,
  pending,
}: NodeFacts): Diagnosis {
  const sources = [
    bootnodes > 0 ? `${bootnodes} ${bootnodes === 1 ? 'bootnode' : 'bootnodes'}` : '',
    hasCandidates ? 'a source of candidates' : '',
    discovery ? 'discovery' : '',
  ];
  const from = sources.filter((source) => source !== '').join(' and ');
  const then = lastDial
    ? `, the last dial ${lastDial.did === 'no answer' ? 'got no answer' : lastDial.did} ${span(lastDial.msAgo)} ago`
    : pending > 0
      ? ', the first is being dialled'
      : ', not dialled yet';
  return {
    is: 'searching',
    tone: 'waiting',
    sentence: `0 peers: ${from}${then}.`,
    remedy: lastDial ? 'Open Reasons for how the dials ended.' : '',
  };
}

function nothingConfigured(facts: NodeFacts): Diagnosis {
  const { listening, isDialling } = facts;
  const what = isDialling
    ? 'nothing configured: no static nodes, bootnodes or candidates'
    : 'dialling is off';
  const calls =
    listening === null
      ? 'it does not listen either'
      : isLoopback(listening)
        ? `it listens on ${listening}, where only this machine can call`
        : noCall(facts, NO_CALL_MS);
  const closed = calls === CLOSED;
  return bad(
    'nothingConfigured',
    `0 peers: ${what}${calls && `; ${calls}`}.`,
    [isDialling ? ADD_NODE : ALLOW_DIALS, closed ? OPEN_PORT : '']
      .filter((text) => text !== '')
      .join(' '),
  );
}

const CLOSED = 'no inbound call yet: the port may be closed from outside';

function noCall({ listening, inboundCalls, runningMs }: NodeFacts, after: number): string {
  if (listening === null || isLoopback(listening)) return '';
  return inboundCalls === 0 && runningMs >= after ? CLOSED : '';
}

const isLoopback = (host: string): boolean => /^(?:127\.|::1$|localhost$)/.test(host);

const bad = (is: DiagnosisCase, sentence: string, remedy: string): Diagnosis => ({
  is,
  tone: 'bad',
  sentence,
  remedy,
});

/** Whole seconds up to a minute, then minutes or hours. */
function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
