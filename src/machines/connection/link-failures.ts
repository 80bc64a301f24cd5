/** How a connection fails on its own, in setup and as a peer alike: the stream ends, bytes are forged, we have a bug. */
import type { CloseKind, Stalled } from '../../io/link/link-events.ts';
import type { Facts, ReasonText } from '../reason-states.ts';

/**
 * Each key is a state under `failed` and an event `fail.<key>`. `metric` counts those that end a setup: `rlpx` is
 * `rlpx/enc` or `rlpx/proto`, by the handshake during which it fails.
 */
export const LINK_FAILURES = {
  badHeaderMac: {
    confidence: 'possible',
    metric: 'rlpx/proto',
    sentence: 'The MAC of a frame header is wrong: altered bytes, or a replayed auth.',
    remedy: 'Look for a proxy between you that alters bytes; if many nodes do it, report it.',
  },
  badFrameMac: {
    confidence: 'possible',
    metric: 'rlpx/proto',
    sentence: 'The MAC of a frame body is wrong.',
    remedy: 'Look for a proxy between you that alters bytes; if many nodes do it, report it.',
  },
  connectionClosed: {
    confidence: 'unknown',
    metric: 'rlpx',
    sentence: 'They closed the connection without a Disconnect.',
    remedy: 'Try again later; if it repeats, only their log can say why.',
  },
  connectionReset: {
    confidence: 'unknown',
    metric: 'rlpx',
    sentence: 'The connection was reset.',
    remedy: 'Try again; if every node does it, look for a firewall or NAT that cuts connections.',
  },
  connectionBroken: {
    confidence: 'unknown',
    metric: 'rlpx',
    sentence: 'The socket reported an error.',
    remedy: 'Read the detail: it is the error of the operating system.',
  },
  writeStalled: {
    confidence: 'likely',
    metric: 'rlpx',
    sentence: 'They took no byte of ours for too long, or left too many unsent.',
    remedy:
      'Nothing, if it is one node; if it is all of them, send less at once and check your uplink.',
  },
  internalError: {
    confidence: 'certain',
    metric: 'other',
    sentence: 'Internal error (a peerchart bug); see the log.',
    remedy: 'Report it with the stack from the log.',
  },
} as const satisfies Record<string, ReasonText & { readonly metric: string }>;

type LinkFailureReason = keyof typeof LINK_FAILURES;
export type LinkFailure = {
  [R in LinkFailureReason]: { readonly type: `fail.${R}`; readonly facts: Facts };
}[LinkFailureReason];

const CLOSE_ENDS_AS = {
  closed: 'fail.connectionClosed',
  reset: 'fail.connectionReset',
  broken: 'fail.connectionBroken',
} as const satisfies Record<CloseKind, LinkFailure['type']>;

/** They take our bytes too slowly, or not at all. */
export const judgeStall = ({ unsentBytes, stalledMs }: Stalled): LinkFailure => ({
  type: 'fail.writeStalled',
  facts: { unsentBytes, ...(stalledMs !== undefined && { stalledMs }) },
});

/** The end of the stream. */
export function judgeClose(how: CloseKind, detail: string): LinkFailure {
  return { type: CLOSE_ENDS_AS[how], facts: detail === '' ? {} : { detail } };
}
