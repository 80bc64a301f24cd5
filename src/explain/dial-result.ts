/** How a dial ended, in the few words that follow "1 static node, …". The whole explanation is in explain.ts. */
import { duringOf, type Outcome } from './explain.ts';
import { AWAITING_ACK } from './setup-rules.ts';

/** `did` comes before "12 s ago", `why` after it. */
export type DialResult = {
  /** End state, such as `connectionRefused` or `refused.tooManyPeers`; `connected` for a peer. */
  readonly state: string;
  /** Such as `refused`. */
  readonly did: string;
  /** Such as `too many peers`; empty when `did` says it all. */
  readonly why: string;
};

export const CONNECTED: DialResult = { state: 'connected', did: 'connected', why: '' };

/** Failures of a dial that need other words than those of their state. */
const DIALS: Readonly<Record<string, string>> = {
  noTcpPort: 'has no TCP port',
  nodeNotFound: 'not found',
  hostNotFound: 'name not found',
  hostLookupFailed: 'name server failed',
  hostLookupTimeout: 'name server did not answer',
  notInNetRestrict: 'excluded by netRestrict',
  connectionRefused: 'refused',
  unreachable: 'no route',
  connectTimeout: 'no answer',
  lostAtOnce: 'closed at once',
  connectFailed: 'could not connect',
};

const ENDED: readonly (readonly [prefix: string, did: string])[] = [
  ['ending.rejected.', 'dropped by us'],
  ['ending.refused.', 'disconnected us'],
  ['ending.failed.', 'connection lost'],
  ['rejected.', 'rejected by us'],
  ['refused.', 'refused us'],
  ['failed.', 'failed'],
];

export function dialResult(outcome: Outcome): DialResult {
  const { state } = outcome;
  if (isHangupOnAuth(outcome))
    return { state, did: 'hung up on our auth', why: isKeyInDoubt(outcome) ? WRONG_KEY : '' };
  return resultOf(state);
}

/** The end state alone, such as `refused us: too many peers`. */
export function endWords(state: string): string {
  const { did, why } = resultOf(state);
  return why === '' ? did : `${did}: ${why}`;
}

function resultOf(state: string): DialResult {
  for (const [prefix, did] of ENDED)
    if (state.startsWith(prefix)) return { state, did, why: words(state.slice(prefix.length)) };
  return { state, did: DIALS[state] ?? words(state), why: '' };
}

const WRONG_KEY = 'the key in its enode is probably wrong';

/** A node that was our peer has the key, and one that did not wait for us says nothing about it. */
const isKeyInDoubt = ({ sincePeerMs, ourPause }: Outcome): boolean =>
  sincePeerMs === undefined && ourPause === undefined;

/** A node with another key cannot decrypt our auth, and closes without a byte. */
const isHangupOnAuth = (outcome: Outcome): boolean =>
  outcome.type === 'ended' &&
  /^failed\.connection(?:Closed|Reset)$/.test(outcome.state) &&
  outcome.direction !== 'inbound' &&
  outcome.bytesIn === 0 &&
  duringOf(outcome.trail) === AWAITING_ACK;

/** `tooManyPeers` as `too many peers`. */
const words = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
