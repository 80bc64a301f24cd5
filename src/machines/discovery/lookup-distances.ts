/**
 * Which distances a lookup of Node Discovery v5 asks a node for: nodes close to a target are at the distance of the target,
 * or one next to it. Source: go-ethereum p2p/discover/v5_udp.go, lookupDistances.
 */
import { logDistance } from './distance.ts';

/** Distances in one question. Source: go-ethereum p2p/discover/v5_udp.go, lookupRequestLimit. */
const LOOKUP_DISTANCES = 3;

const MAX_DISTANCE = 256;

/** @returns The best one first, each from 0 to 256: that of the target from the node, then the ones around it. */
export function lookupDistances(targetId: string, nodeId: string): readonly number[] {
  const best = logDistance(targetId, nodeId);
  const distances = [best];
  for (let step = 1; distances.length < LOOKUP_DISTANCES; step += 1) {
    if (best + step <= MAX_DISTANCE) distances.push(best + step);
    if (best - step > 0 && distances.length < LOOKUP_DISTANCES) distances.push(best - step);
  }
  return distances;
}
