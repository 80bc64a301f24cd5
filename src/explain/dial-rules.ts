/** Rules for dials that did not lead to a connection. */
import { WE_WERE_LATE } from './pause-rules.ts';
import { isNear, peerAgo, type Rule, wasPeer } from './rule.ts';

/** They took the connection and reset it at once. */
export const LOST_RULES: readonly Rule[] = [
  {
    when: isNear,
    verdict: 'They accepted the connection and closed it at once: they filter our address.',
    remedy: 'Ask whether they restrict networks.',
    confidence: 'likely',
  },
];

export const CONNECT_TIMEOUT_RULES: readonly Rule[] = [
  WE_WERE_LATE,
  {
    when: wasPeer,
    verdict: (seen) =>
      `They were our peer ${peerAgo(seen)}, and their address does not answer now: their machine is down, frozen or overloaded, or the network between us is broken.`,
    remedy: 'Try again later, and try other nodes: if none answers, look at your own network.',
    confidence: 'likely',
  },
];

/** Nothing listens. */
export const REFUSED_RULES: readonly Rule[] = [
  {
    when: wasPeer,
    verdict: (seen) =>
      `They were our peer ${peerAgo(seen)}, and nothing listens at that address and port now: their node stopped, or listens elsewhere.`,
    remedy: 'Try again when their node is back.',
    confidence: 'likely',
  },
];
