/** The table of Node Discovery v4 in the shape of go-ethereum's `debug_discoveryV4Table`. */
import type { NodeTable } from '../machines/discovery/table.ts';
import { STORE_INTERVAL_MS } from '../machines/discovery/table-maintenance.ts';

/** Source: go-ethereum p2p/discover/node.go, BucketNode. */
export type BucketNode = {
  /** The record, or an enode URL without one. */
  readonly node: string;
  /** In ISO 8601, exact to 30 s: the table counts in these steps. */
  readonly addedToTable: string;
  /** The same: the table does not keep it. */
  readonly addedToBucket: string;
  /** Checks that were answered, less those that failed. */
  readonly checks: number;
  /** Whether it answered the last check. */
  readonly live: boolean;
};

/** @param timeOf The time of day so many ms ago, in ISO 8601. */
export const bucketsOf = (
  { buckets, age }: NodeTable,
  timeOf: (agoMs: number) => string,
): readonly (readonly BucketNode[])[] =>
  buckets.map(({ entries }) =>
    entries.map(({ node, addedAt, checks, isLive }) => {
      const added = timeOf((age - addedAt) * STORE_INTERVAL_MS);
      return { node: node.text, addedToTable: added, addedToBucket: added, checks, live: isLive };
    }),
  );
