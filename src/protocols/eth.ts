/**
 * `eth/68` to `eth/72` as an observer: it has no blocks and no transactions of its own, exchanges Status, answers what it is
 * asked with nothing, and passes on what peers announce. What one peer does is in `eth-peer.ts`.
 */
import { EventFeed } from '../api/event-feed.ts';
import type { Peer } from '../api/peer.ts';
import type { Protocol } from '../api/protocol.ts';
import { unixTimeMs } from '../io/process/wall-time.ts';
import { ETH_LENGTHS, ETH_VERSIONS, type EthVersion } from '../io/wire/eth-message.ts';
import { type Chain, ethEntry, forkIdAt, type Head, headAtTime } from '../io/wire/fork-id.ts';
import type { EthEvents, EthObserver, EthPeer, ReceivedTransaction } from './eth-observer.ts';
import { type EthSettings, runEth } from './eth-peer.ts';
import { ItemFeed } from './item-feed.ts';
import { RecentHashes } from './recent-hashes.ts';
import { TransactionRetrieval } from './transaction-retrieval.ts';

/** Items that wait for one iterator; beyond that the oldest are dropped and counted. Ours: four announcements of the recommended size. */
const MAX_FEED_ITEMS = 16_384;

/** Announced transactions that are remembered, so that each is passed on once. Ours: more than an hour of mainnet. */
const MAX_KNOWN_HASHES = 65_536;

export type EthOptions = {
  /** Network id, genesis and forks of the chain: those of `NETWORKS`, or others. */
  readonly chain: Chain;
  /** What is offered. Default: 68 to 72. */
  readonly versions?: readonly EthVersion[];
  /**
   * The latest block, for the fork id. Default: after every fork by block, at the time of day: that of a node which follows
   * the chain.
   */
  readonly head?: () => Head;
  /** Nodes of the chain, to try once each; mixed with the other sources of the server. */
  readonly candidates?: NonNullable<Protocol['dialCandidates']>;
};

/**
 * An observer for one server.
 * @throws {TypeError} A version is not known, or the chain is none.
 */
export function eth({ chain, versions = ETH_VERSIONS, head, candidates }: EthOptions): EthObserver {
  checkVersions(versions);
  checkChain(chain);
  const sessions = new Map<string, EthPeer>();
  const events = new EventFeed<EthEvents>(() => {}); // a listener that throws changes nothing
  const received = new RecentHashes(MAX_KNOWN_HASHES);
  const transactions = new ItemFeed<ReceivedTransaction>(MAX_FEED_ITEMS, () => retrieval.resume());
  const retrieval = new TransactionRetrieval({
    room: () => transactions.room,
    isReceived: (hash) => received.has(hash),
    onMissed: (count) => transactions.drop(count),
  });
  const settings: EthSettings = {
    chain,
    head: head ?? null,
    sessions,
    events,
    txHashes: new ItemFeed(MAX_FEED_ITEMS),
    ...{ transactions, retrieval },
    blockRanges: new ItemFeed(MAX_FEED_ITEMS),
    newBlocks: new ItemFeed(MAX_FEED_ITEMS),
    announced: new RecentHashes(MAX_KNOWN_HASHES),
    received,
  };
  const now = (head ?? (() => headAtTime(chain, unixTimeMs() / 1_000)))();
  const attributes = { eth: ethEntry(forkIdAt(chain, now)) };
  return {
    protocols: versions.map((version) => ({
      name: 'eth',
      version,
      length: ETH_LENGTHS[version],
      attributes,
      ...(candidates && { dialCandidates: candidates }),
      run: (peer, port, tools) => runEth(version, { peer, port, tools, settings }),
      nodeInfo: () => ({ network: chain.networkId, genesis: `0x${chain.genesisHash}` }),
      peerInfo: (peer: Peer) => infoOf(sessions.get(peer.id)),
    })),
    sessions,
    txHashes: (options) => settings.txHashes.read(options),
    transactions: (options) => settings.transactions.read(options),
    blockRanges: (options) => settings.blockRanges.read(options),
    newBlocks: (options) => settings.newBlocks.read(options),
    on: (type, listener) => events.on(type, listener),
  };
}

/** As go-ethereum shows it: undefined during the handshake. */
function infoOf(session: EthPeer | undefined) {
  if (!session?.theirs) return undefined;
  const { version, blockRange } = session;
  return {
    version,
    ...(blockRange && {
      earliestBlock: Number(blockRange.earliest),
      latestBlock: Number(blockRange.latest),
      latestBlockHash: `0x${blockRange.latestHash}`,
    }),
  };
}

function checkVersions(versions: readonly number[]): void {
  const unknown = versions.find((version) => !ETH_LENGTHS[version as EthVersion]);
  if (unknown !== undefined || versions.length === 0)
    throw new TypeError(
      `"versions" of eth expected some of ${ETH_VERSIONS.join(', ')}; got ${unknown ?? 'none'}`,
    );
}

function checkChain({ networkId, genesisHash, genesisTime, blocks, times }: Chain): void {
  const isNumber = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!isNumber(networkId))
    throw new TypeError(`"chain.networkId" of eth expected an integer; got ${networkId}`);
  if (!/^[\da-f]{64}$/.test(genesisHash))
    throw new TypeError(`"chain.genesisHash" of eth expected 64 hex digits; got ${genesisHash}`);
  const wrong = [genesisTime, ...blocks, ...times].find((value) => !isNumber(value));
  if (wrong !== undefined)
    throw new TypeError(`"chain" of eth expected forks as integers; got ${wrong}`);
}
