/** Explains why static nodes are not dialled while the share of dialled peers is taken. Pure. */
import type { Explanation } from '../api/explanation.ts';

export type HeldBackCounts = {
  /** Static nodes that are held back. */
  readonly nodes: number;
  /** Peers that we dialled, and how many of them there may be. */
  readonly dialled: number;
  readonly maxDialed: number;
};

const ROOM =
  'Raise maxPeers, lower dialRatio, set staticExempt, or have fewer static nodes. Trusting a node does not help: that exempts it from the limits once it is connected.';

const DIALS = 'Give maxPeers room for peers, and leave noDial out.';

export function explainHeldBack({ nodes, dialled, maxDialed }: HeldBackCounts): Explanation {
  const these =
    nodes === 1 ? 'A static node is not dialled' : `${nodes} static nodes are not dialled`;
  const neverDials = maxDialed === 0;
  return {
    verdict: neverDials
      ? `${these}: this server dials no node.`
      : `${these}: all ${maxDialed} places for peers that we dial are taken.`,
    remedy: neverDials ? DIALS : ROOM,
    confidence: 'certain',
    evidence: [`peers that we dialled: ${dialled} of ${maxDialed}`],
  };
}
