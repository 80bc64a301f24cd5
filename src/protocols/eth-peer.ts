/**
 * One peer that speaks eth: sends our Status, reads what comes, answers with nothing, and passes on announcements. What
 * begins and ends the session is decided by the chart `eth-session`.
 */
import type { EventFeed } from '../api/event-feed.ts';
import type { Peer } from '../api/peer.ts';
import type { Message, Port } from '../api/protocol.ts';
import type { ActorOptions, ProtocolTools } from '../api/protocol-tools.ts';
import { TokenBucket } from '../io/process/token-bucket.ts';
import { WireError } from '../io/wire/error.ts';
import {
  decodeEth,
  ETH_CODES,
  type EthMessage,
  type EthMessageType,
  type EthVersion,
  encodeEth,
  ethTypeOf,
} from '../io/wire/eth-message.ts';
import type { BlockRange, EthStatus } from '../io/wire/eth-status.ts';
import { type Chain, checkForkId, forkIdAt, type Head, headAtTime } from '../io/wire/fork-id.ts';
import { readTransaction, type Transaction } from '../io/wire/transaction.ts';
import type { StatusFacts, WrongMessage } from '../machines/eth/eth-endings.ts';
import {
  type EthEnding,
  type EthSessionEmitted,
  ethSessionMachine,
} from '../machines/eth/eth-session.ts';
import type { Facts } from '../machines/reason-states.ts';
import { emptyAnswer } from './eth-answers.ts';
import type {
  AnnouncedBlock,
  AnnouncedTransaction,
  EthEvents,
  EthPeer,
  PeerBlockRange,
  ReceivedTransaction,
} from './eth-observer.ts';
import type { ItemFeed } from './item-feed.ts';
import type { RecentHashes } from './recent-hashes.ts';
import { type FulfilResult, RequestTracker } from './request-tracker.ts';
import type { Source, TransactionRetrieval } from './transaction-retrieval.ts';

/** Requests of a peer at once, and in a second. Ours: go-ethereum has no limit; a node that fetches everything from one peer asks some ten times in a second. */
export const REQUEST_LIMIT = { size: 512, perSecond: 100 } as const;

/** Answers to no request that waits, at once and in a second: those that come too late. Ours: go-ethereum takes none. */
export const STALE_ANSWERS = { size: 16, perSecond: 0.2 } as const;

/** Bytes of transactions that are hashed in one turn of the event loop: some ms. Ours. */
const TURN_BYTES = 64 * 1024;

/** What a small transaction costs besides, as bytes. Ours: a hash of 136 bytes takes as long as one of fewer. */
const TRANSACTION_OVERHEAD_BYTES = 136;

/** What the sessions of one observer share. */
export type EthSettings = {
  readonly chain: Chain;
  /** Null: by the time of day. */
  readonly head: (() => Head) | null;
  /** Bounded by the peers of the server. */
  readonly sessions: Map<string, EthPeer>;
  readonly events: EventFeed<EthEvents>;
  readonly txHashes: ItemFeed<AnnouncedTransaction>;
  readonly transactions: ItemFeed<ReceivedTransaction>;
  readonly blockRanges: ItemFeed<PeerBlockRange>;
  readonly newBlocks: ItemFeed<AnnouncedBlock>;
  readonly retrieval: TransactionRetrieval;
  readonly announced: RecentHashes;
  readonly received: RecentHashes;
};

export type EthRun = {
  readonly peer: Peer;
  readonly port: Port;
  readonly tools: ProtocolTools;
  readonly settings: EthSettings;
};

/** Runs until the peer has ended. */
export const runEth = (version: EthVersion, run: EthRun): Promise<void> =>
  new EthSession(version, run).run();

class EthSession implements EthPeer, Source {
  readonly peer: Peer;
  readonly version: EthVersion;
  readonly ours: EthStatus;
  theirs: EthStatus | null = null;
  state = 'awaitingStatus';
  blockRange: BlockRange | null = null;
  readonly received: Partial<Record<EthMessageType, number>> = {};
  readonly #head: Head;
  readonly #run: EthRun;
  readonly #requests: TokenBucket;
  readonly #staleAnswers: TokenBucket;
  readonly #tracker: RequestTracker;
  /** Hashes that were asked for, by request; bounded by the tracker. */
  readonly #asked = new Map<bigint, ReadonlySet<string>>();
  readonly #actor: ReturnType<typeof startSession>;
  #isOver = false;

  constructor(version: EthVersion, run: EthRun) {
    const { peer, tools, settings } = run;
    const { chain } = settings;
    this.version = version;
    this.peer = peer;
    this.#run = run;
    this.#head = settings.head?.() ?? headAtTime(chain, Math.floor(tools.unixTimeMs() / 1_000));
    this.ours = ourStatus(version, chain, this.#head);
    this.#requests = new TokenBucket({ clock: tools.clock, ...REQUEST_LIMIT });
    this.#staleAnswers = new TokenBucket({ clock: tools.clock, ...STALE_ANSWERS });
    this.#tracker = new RequestTracker(tools.clock, tools.requests, (id) => this.#asked.delete(id));
    this.#actor = startSession(tools, {
      input: { protocol: `eth/${version}`, ours: factsOf(this.ours) },
      onSnapshot: ({ value }) => {
        this.state = typeof value === 'string' ? value : Object.entries(value)[0]!.join('.');
      },
      onEmitted: (event) => this.#onEmitted(event),
    });
  }

  get pendingRequests(): number {
    return this.#tracker.pending;
  }

  /** Asks for transactions by their hashes. */
  request(hashes: readonly string[]): bigint | null {
    const requestId = new DataView(this.#run.tools.random(8).slice().buffer).getBigUint64(0);
    const result = this.#tracker.track({
      ...{ id: requestId, code: ETH_CODES.getPooledTransactions },
      ...{ answerCode: ETH_CODES.pooledTransactions, maxItems: hashes.length },
    });
    if (result !== 'tracked') return null;
    this.#asked.set(requestId, new Set(hashes));
    void this.#send({ type: 'getPooledTransactions', requestId, hashes });
    return requestId;
  }

  async run(): Promise<void> {
    const { port, tools, settings } = this.#run;
    settings.sessions.set(this.peer.id, this);
    try {
      void this.#send({ type: 'status', status: this.ours }); // their Status is read meanwhile
      for await (const message of port) {
        if (this.#isOver) break;
        await this.#read(message);
      }
      const { outcome, state } = tools.ending() ?? UNKNOWN_ENDING;
      this.#actor.send({ type: 'peer.ended', outcome, state });
    } catch (error) {
      this.#actor.send({ type: 'handler.faulted', message: String(error) });
      throw error;
    } finally {
      settings.retrieval.remove(this);
      this.#tracker.stop();
      if (settings.sessions.get(this.peer.id) === this) settings.sessions.delete(this.peer.id);
    }
  }

  #onEmitted(event: EthSessionEmitted): void {
    const { events } = this.#run.settings;
    switch (event.type) {
      case 'session.accepted':
        this.#run.settings.retrieval.add(this, this.#run.tools.clock);
        return events.emit({ type: 'accepted', session: this });
      case 'session.confirmed':
        return events.emit({ type: 'confirmed', session: this });
      case 'session.ending':
        return this.#end(event);
    }
  }

  #end({
    ending,
    wireReason,
  }: {
    readonly ending: EthEnding;
    readonly wireReason: 'readTimeout' | 'subprotocolError' | 'breachOfProtocol' | null;
  }): void {
    this.#isOver = true;
    this.state = ending.state;
    this.#run.settings.events.emit({ type: 'ended', session: this, ending });
    if (wireReason) this.peer.disconnect(wireReason);
  }

  async #read({ code, payload }: Message): Promise<void> {
    const type = ethTypeOf(this.version, code);
    if (type !== null) this.received[type] = (this.received[type] ?? 0) + 1;
    if (this.theirs === null && type !== 'status') {
      this.#actor.send({ type: 'status.missing', code });
      return;
    }
    if (type === null) return this.#reject('unknownMessage', { code });
    try {
      await this.#take(decodeEth(this.version, type, payload));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (type === 'status') this.#actor.send({ type: 'status.malformed', detail: error.detail });
      else this.#reject('badMessage', { message: type, detail: error.detail });
    }
  }

  async #take(message: EthMessage): Promise<void> {
    if (message.type === 'status') return this.#onStatus(message.status);
    if (this.state === 'active.unconfirmed') this.#actor.send({ type: 'message.received' });
    const answer = emptyAnswer(message);
    if (answer) return this.#answer(answer);
    switch (message.type) {
      case 'newPooledTransactionHashes':
        return this.#onAnnouncements(message.announcements);
      case 'transactions':
        return this.#onTransactions(message.items);
      case 'pooledTransactions':
        return this.#onAnswer(message.requestId, message.items);
      case 'newBlockHashes':
        for (const block of message.blocks) this.#onBlock(block.hash, block.number);
        return;
      case 'newBlock':
        return this.#onBlock(message.hash, message.number);
      case 'blockRangeUpdate':
        return this.#onRange(message);
      default:
        return this.#reject('badAnswer', { message: message.type, why: 'nothing was asked' });
    }
  }

  #onStatus(status: EthStatus): void {
    if (this.theirs === null) this.theirs = status;
    const range = 'earliest' in status ? status : null;
    this.#actor.send({
      type: 'status.received',
      ...factsOf(status),
      forkId: checkForkId(this.#run.settings.chain, this.#head, status.forkId),
      isRangeValid: range === null || isRange(range),
    });
    if (range && this.state.startsWith('active.')) this.#keepRange(range);
  }

  #onRange(range: BlockRange): void {
    if (isRange(range)) this.#keepRange(range);
    else this.#reject('badBlockRange', { in: 'BlockRangeUpdate' });
  }

  #keepRange({ earliest, latest, latestHash }: BlockRange): void {
    this.blockRange = { earliest, latest, latestHash };
    this.#run.settings.blockRanges.push({ ...this.blockRange, peerId: this.peer.id });
  }

  #onBlock(hash: string, number: bigint): void {
    this.#run.settings.newBlocks.push({ hash, number, peerId: this.peer.id });
  }

  #onAnnouncements(announcements: readonly Omit<AnnouncedTransaction, 'peerId'>[]): void {
    for (const announcement of announcements) this.#announce(announcement);
    const { transactions, retrieval } = this.#run.settings;
    if (transactions.hasReaders) retrieval.announce(this, announcements);
  }

  async #onAnswer(id: bigint, items: readonly Uint8Array[]): Promise<void> {
    const code = ETH_CODES.pooledTransactions;
    const result = this.#tracker.fulfil({ id, code, items: items.length });
    const asked = this.#asked.get(id);
    if (result !== 'fulfilled' || !asked) return this.#onWrongAnswer(result);
    this.#asked.delete(id);
    const all = await this.#hashed(items);
    const other = all.find(({ hash }) => !asked.has(hash));
    if (other) return this.#onWrongAnswer('other');
    for (const transaction of all) this.#receive(transaction);
    const hashes = all.map(({ hash }) => hash);
    this.#run.settings.retrieval.answered(this, id, hashes);
  }

  /** One that comes too late is not the fault of the peer; many are. */
  #onWrongAnswer(why: FulfilResult | 'other'): void {
    if (why === 'noMatchingRequest' && this.#staleAnswers.take()) return;
    this.#reject('badAnswer', { message: 'pooledTransactions', why });
  }

  async #onTransactions(items: readonly Uint8Array[]): Promise<void> {
    const { txHashes, transactions } = this.#run.settings;
    if (!txHashes.hasReaders && !transactions.hasReaders) return; // hashing them would be for nothing
    for (const transaction of await this.#hashed(items)) this.#receive(transaction);
  }

  /** In several turns of the event loop, so that other peers are not kept waiting by one that sends many. */
  async #hashed(items: readonly Uint8Array[]): Promise<readonly Transaction[]> {
    const { clock } = this.#run.tools;
    const all: Transaction[] = [];
    let bytes = 0;
    for (const item of items) {
      all.push(readTransaction(item));
      bytes += item.length + TRANSACTION_OVERHEAD_BYTES;
      if (bytes < TURN_BYTES) continue;
      bytes = 0;
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 0));
    }
    return all;
  }

  #receive({ hash, type, bytes }: Transaction): void {
    const { transactions, received } = this.#run.settings;
    const announcement = { hash, type, size: bytes.length };
    this.#announce(announcement);
    if (!transactions.hasReaders || !received.add(hash)) return;
    transactions.push({ ...announcement, bytes, peerId: this.peer.id });
  }

  #announce(announcement: Omit<AnnouncedTransaction, 'peerId'>): void {
    const { txHashes, announced } = this.#run.settings;
    if (!txHashes.hasReaders || !announced.add(announcement.hash)) return;
    txHashes.push({ ...announcement, peerId: this.peer.id });
  }

  /** Waits until it is written, so that a peer that asks and does not read is not read either. */
  async #answer(answer: EthMessage): Promise<void> {
    if (!this.#requests.take()) return this.#reject('tooManyRequests', { ...REQUEST_LIMIT });
    await this.#send(answer);
  }

  /** What cannot be sent is not an error of ours: the peer ends, and the port says so. */
  async #send(message: EthMessage): Promise<void> {
    const payload = encodeEth(this.version, message);
    await this.#run.port.send(ETH_CODES[message.type], payload).catch(() => {});
  }

  #reject(as: WrongMessage, facts: Facts): void {
    this.#actor.send({ type: 'message.wrong', as, facts });
  }
}

const startSession = (tools: ProtocolTools, options: ActorOptions<typeof ethSessionMachine>) =>
  tools.startActor(ethSessionMachine, options);

/** A handler whose messages ended although its peer has not: the port of a test, or one that the server closed at once. */
const UNKNOWN_ENDING = { outcome: 'failed', state: '' } as const;

const NO_HASH = '0'.repeat(64);

/** Source: go-ethereum eth/protocols/eth/handshake.go, `BlockRangeUpdatePacket.Validate`. */
const isRange = ({ earliest, latest, latestHash }: BlockRange): boolean =>
  earliest <= latest && latestHash !== NO_HASH;

/** Of a node that has the genesis block alone. */
function ourStatus(version: EthVersion, chain: Chain, head: Head): EthStatus {
  const genesis = chain.genesisHash;
  const base = {
    ...{ version: BigInt(version), networkId: BigInt(chain.networkId), genesis },
    forkId: forkIdAt(chain, head),
  };
  return version === 68
    ? { ...base, totalDifficulty: 0n, head: genesis }
    : { ...base, earliest: 0n, latest: 0n, latestHash: genesis };
}

const factsOf = ({ version, networkId, genesis, forkId }: EthStatus): StatusFacts => ({
  ...{ version: `${version}`, networkId: `${networkId}`, genesis },
  ...{ forkHash: forkId.hash, forkNext: `${forkId.next}` },
});
