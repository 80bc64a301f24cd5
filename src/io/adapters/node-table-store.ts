/** What table-maintenance tells the store of nodes, and what it reports. */
import type { Node } from '../crypto/node.ts';

export type NodeTableStoreCommand =
  /** Up to `count` nodes that answered in the last `maxAgeMs`; answered by `seeds.found` or `seeds.failed`. */
  | { readonly type: 'seeds.wanted'; readonly count: number; readonly maxAgeMs: number }
  /** Answered by `nodes.saved` once they are written, or when they cannot be. */
  | { readonly type: 'nodes.save'; readonly nodes: readonly Node[] };

export type NodeTableStoreEvent =
  | { readonly type: 'seeds.found'; readonly nodes: readonly Node[] }
  | { readonly type: 'seeds.failed'; readonly message: string }
  | { readonly type: 'nodes.saved' };
