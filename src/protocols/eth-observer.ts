/** What users of the eth observer hold: sessions, what peers announced, events. */
import type { FeedIterator } from '../api/event-feed.ts';
import type { Peer } from '../api/peer.ts';
import type { Protocol } from '../api/protocol.ts';
import type { EthMessageType, EthVersion } from '../io/wire/eth-message.ts';
import type { BlockRange, EthStatus } from '../io/wire/eth-status.ts';
import type { EthEnding } from '../machines/eth/eth-session.ts';
import type { FeedOptions } from './item-feed.ts';

/** A session, as it is now. */
export type EthPeer = {
  readonly peer: Peer;
  readonly version: EthVersion;
  readonly ours: EthStatus;
  /** Null until it came. */
  readonly theirs: EthStatus | null;
  /** The state of the chart `eth-session`, such as `active.confirmed`. */
  readonly state: string;
  /** The latest one; null before Status, and for eth/68 always. */
  readonly blockRange: BlockRange | null;
  /** Requests of ours that wait for an answer. */
  readonly pendingRequests: number;
  /** Messages received, by type. */
  readonly received: Readonly<Partial<Record<EthMessageType, number>>>;
};

/** A transaction that was announced, or sent without being asked for. */
export type AnnouncedTransaction = {
  /** 64 hex digits. */
  readonly hash: string;
  /** Of EIP-2718; 0 for legacy transactions. */
  readonly type: number;
  /** In bytes, as announced. */
  readonly size: number;
  /** Id of the first peer that announced it. */
  readonly peerId: string;
};

/** A transaction with its contents. */
export type ReceivedTransaction = AnnouncedTransaction & {
  /** As it was received: a list for type 0, otherwise type and list; with blobs for type 3 before eth/72. */
  readonly bytes: Uint8Array;
};

/** The blocks that a peer has. */
export type PeerBlockRange = BlockRange & { readonly peerId: string };

/** A block that a peer announced, which none does on a network with proof of stake. */
export type AnnouncedBlock = {
  readonly hash: string;
  readonly number: bigint;
  readonly peerId: string;
};

export type EthEvents = {
  /** Their Status is good for us. Whether ours is for them is not known yet. */
  accepted: { readonly session: EthPeer };
  /** They sent a message after Status, or stayed for 5 s. */
  confirmed: { readonly session: EthPeer };
  /** `session` has their Status, if it came; `ending` is the row of `ETH_REJECTIONS`, `ETH_REFUSALS` or `ETH_FAILURES`. */
  ended: { readonly session: EthPeer; readonly ending: EthEnding };
};

export type EthObserver = {
  /** For the option `protocols` of a server. */
  readonly protocols: readonly Protocol[];
  /** By node id. From the start of the session to its end. */
  readonly sessions: ReadonlyMap<string, EthPeer>;
  /** Each transaction once, when it is first announced or sent. */
  txHashes(options?: FeedOptions): FeedIterator<AnnouncedTransaction>;
  /**
   * Each transaction once, sent or asked for: while there is a reader, peers are asked for what they announce, and only as
   * fast as it is read.
   */
  transactions(options?: FeedOptions): FeedIterator<ReceivedTransaction>;
  /** From Status, and from each update. */
  blockRanges(options?: FeedOptions): FeedIterator<PeerBlockRange>;
  newBlocks(options?: FeedOptions): FeedIterator<AnnouncedBlock>;
  /**
   * Calls `listener` for each event of `type`. What it throws, or its promise rejects with, changes nothing.
   * @returns A function that removes the listener.
   */
  on<Type extends keyof EthEvents>(
    type: Type,
    listener: (event: { readonly type: Type } & EthEvents[Type]) => unknown,
  ): () => void;
};
