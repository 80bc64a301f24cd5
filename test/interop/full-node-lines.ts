/** The lines of geth-peer/full-node, besides those it has in common with geth-peer. Hashes have 64 hex digits, after 0x where it says so. */
import type { Chain } from '../../src/io/wire/fork-id.ts';

/** `next` is 0 when no fork is to come. */
type ForkIdLine = { readonly hash: string; readonly next: number };

export type FullNodeEvent =
  /** A connection that has its Hellos; eth comes afterwards. */
  | { readonly type: 'added'; readonly peer: string }
  /** What its log says of an eth session: the Status exchange succeeded, failed, or a later message was wrong. */
  | { readonly type: 'ethAccepted'; readonly peer: string }
  | { readonly type: 'ethRejected' | 'ethEnded'; readonly peer: string; readonly error: string }
  /** Transactions that its pool took, by hash after 0x. */
  | { readonly type: 'submitted'; readonly hashes: readonly string[] }
  /** The head after blocks were made; `hash` after 0x. */
  | {
      readonly type: 'committed';
      readonly number: number;
      readonly hash: string;
      readonly forkId: ForkIdLine;
    }
  | {
      readonly type: 'trafficEnded';
      readonly transactions: number;
      readonly announcements: number;
    };

/** What `started` has more. */
export type FullNodeChain = Chain & { readonly forkId: ForkIdLine };

export type FullNodeCommand =
  /** `size` is the data of each, in bytes: above 4,096 a transaction is announced, and never sent unasked. */
  | { readonly cmd: 'submit'; readonly count: number; readonly size: number }
  /** Transactions with a blob of 128 KiB each. */
  | { readonly cmd: 'submitBlobs'; readonly count: number }
  | { readonly cmd: 'commit'; readonly count: number }
  /** Eight transactions a second and an announced range of blocks each 3 s. */
  | { readonly cmd: 'traffic'; readonly ms: number };
