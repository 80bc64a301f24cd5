/** The observer: its options, Status with every version, its events, and what it passes on. */
import { describe, expect, test } from 'vitest';
import { ETH_VERSIONS, type EthMessage } from '../../src/io/wire/eth-message.ts';
import type { EthStatus } from '../../src/io/wire/eth-status.ts';
import { ethEntry, forkIdAt } from '../../src/io/wire/fork-id.ts';
import { encodeRlp } from '../../src/io/wire/rlp.ts';
import { transactionItem } from '../../src/io/wire/transaction.ts';
import type { EthRejectionReason } from '../../src/machines/eth/eth-endings.ts';
import { eth } from '../../src/protocols/eth.ts';
import { REQUEST_LIMIT } from '../../src/protocols/eth-peer.ts';
import { CHAIN, ethPair, HASH, HEAD, statusOf } from '../support/eth-pair.ts';

const status = (changes: Partial<EthStatus> = {}): EthMessage => ({
  type: 'status',
  status: statusOf(69, changes),
});

/** Items that an iterator has now. */
async function taken<Item>(items: AsyncIterableIterator<Item>, count: number): Promise<Item[]> {
  const all: Item[] = [];
  for (let i = 0; i < count; i += 1) all.push((await items.next()).value);
  return all;
}

describe('the exchange of Status', () => {
  test.each(ETH_VERSIONS)(
    'of eth/%d: ours goes out at once, theirs is accepted',
    async (version) => {
      const pair = ethPair(version);
      await pair.settle();
      const [ours] = pair.take();
      const genesis = CHAIN.genesisHash;
      expect(ours).toEqual({
        type: 'status',
        status: {
          ...{ version: BigInt(version), networkId: 1337n, genesis, forkId: forkIdAt(CHAIN, HEAD) },
          ...(version === 68
            ? { totalDifficulty: 0n, head: genesis }
            : { earliest: 0n, latest: 0n, latestHash: genesis }),
        },
      });
      expect(pair.session.state).toBe('awaitingStatus');
      await pair.say({ type: 'status', status: statusOf(version) });
      expect(pair.log).toEqual(['accepted']);
      expect(pair.session).toMatchObject({
        ...{ version, state: 'active.unconfirmed', theirs: statusOf(version) },
        blockRange: version === 68 ? null : { earliest: 3n, latest: 9n, latestHash: HASH(9) },
      });
      await pair.say({ type: 'transactions', items: [] });
      expect([pair.log, pair.session.state]).toEqual([
        ['accepted', 'confirmed'],
        'active.confirmed',
      ]);
      expect(pair.session.received).toEqual({ status: 1, transactions: 1 });
      await pair.end();
      expect(pair.log.at(-1)).toBe('ended refused.laterOn');
      expect([pair.observer.sessions.size, pair.clock.pending]).toEqual([0, 0]);
    },
  );

  test.each<[string, Partial<EthStatus>, EthRejectionReason]>([
    ['of another network', { networkId: 1n }, 'wrongNetwork'],
    ['of another version', { version: 68n }, 'wrongVersion'],
    ['with another genesis', { genesis: HASH(1) }, 'wrongGenesis'],
    [
      'of an old client',
      { forkId: { ...forkIdAt(CHAIN, { block: 150, time: 500 }), next: 0n } },
      'forkIdStale',
    ],
    ['of another branch', { forkId: { hash: '00000000', next: 0n } }, 'forkIdIncompatible'],
    ['with an empty range', { earliest: 10n }, 'badBlockRange'],
    ['without a latest hash', { latestHash: HASH(0) }, 'badBlockRange'],
  ])('with a Status %s is rejected', async (_title, changes, reason) => {
    const pair = ethPair();
    await pair.say(status(changes));
    await Promise.all([pair.us.done, pair.they.done]);
    expect(pair.log).toEqual([`ended rejected.${reason}`]);
    expect(pair.us.disconnectReason).toBe('subprotocolError');
    expect(pair.clock.pending).toBe(0);
  });

  test('of which theirs does not come in 5 s is rejected', async () => {
    const pair = ethPair();
    await pair.settle();
    await pair.advance(4_999);
    expect(pair.log).toEqual([]);
    await pair.advance(1);
    await pair.us.done;
    expect([pair.log, pair.us.disconnectReason]).toEqual([
      ['ended rejected.statusTimeout'],
      'readTimeout',
    ]);
  });

  test.each<[string, number, Uint8Array, EthRejectionReason]>([
    ['another message', 8, new Uint8Array(), 'notStatus'],
    ['a code without a message', 0x0d, new Uint8Array(), 'notStatus'],
    ['bytes that are no Status', 0, Uint8Array.of(0xc0), 'badStatus'],
  ])('is rejected when %s comes first', async (_title, code, payload, reason) => {
    const pair = ethPair();
    await pair.sayBytes(code, payload);
    await pair.us.done;
    expect(pair.log).toEqual([`ended rejected.${reason}`]);
  });

  test('is over when they disconnect before it', async () => {
    const pair = ethPair();
    await pair.settle();
    await pair.end();
    expect(pair.log).toEqual(['ended refused.beforeStatus']);
  });

  test('is over when we disconnect', async () => {
    const pair = ethPair();
    await pair.say(status());
    pair.us.peer.disconnect();
    await pair.us.done;
    expect(pair.log).toEqual(['accepted', 'ended rejected.closedByUs']);
  });
});

describe('a session ends with', () => {
  const after = async (code: number, payload: Uint8Array) => {
    const pair = ethPair();
    await pair.say(status());
    await pair.sayBytes(code, payload);
    await pair.us.done;
    return pair.log.at(-1);
  };

  test.each<[string, number, Uint8Array, EthRejectionReason]>([
    ['a code that has no message', 0x0d, Uint8Array.of(0xc0), 'unknownMessage'],
    ['bytes that are no message', 8, Uint8Array.of(0x80), 'badMessage'],
    ['a second Status that cannot be read', 0, Uint8Array.of(0xc0), 'extraStatus'],
    ['an answer of a kind that we never ask for', 0x04, encodeRlp([1, []]), 'badAnswer'],
    ['a range that is none', 0x11, encodeRlp([2, 1, new Uint8Array(32).fill(1)]), 'badBlockRange'],
  ])('%s', async (_title, code, payload, reason) => {
    expect(await after(code, payload)).toBe(`ended rejected.${reason}`);
  });

  test('a second Status', async () => {
    const pair = ethPair();
    await pair.say(status(), status());
    await pair.us.done;
    expect(pair.log).toEqual(['accepted', 'ended rejected.extraStatus']);
    expect(pair.us.disconnectReason).toBe('subprotocolError');
  });

  test('P18: more requests than a node without blocks is asked', async () => {
    const pair = ethPair();
    const ask = { type: 'getBlockBodies', requestId: 1n, hashes: [] } as const;
    await pair.say(status(), ...Array.from({ length: REQUEST_LIMIT.size }, () => ask));
    for (let i = 0; i < 100; i += 1) await pair.settle();
    expect(pair.take()).toHaveLength(1 + REQUEST_LIMIT.size);
    await pair.say(ask);
    expect(pair.log.at(-1)).toBe('ended rejected.tooManyRequests');
    await pair.us.done;
    expect(pair.us.disconnectReason).toBe('breachOfProtocol');
  });
});

describe('what peers announce', () => {
  const raw = (number: number) => Uint8Array.of(2, 0xc1, number);
  const announcement = (...hashes: readonly number[]): EthMessage => ({
    type: 'newPooledTransactionHashes',
    announcements: hashes.map((number) => ({ hash: HASH(number), type: 2, size: 100 + number })),
  });

  test('is each transaction once, announced or sent', async () => {
    const pair = ethPair();
    const hashes = pair.observer.txHashes();
    const transactions = pair.observer.transactions();
    await pair.say(status(), announcement(1, 2), announcement(2, 3));
    const peerId = pair.us.peer.id;
    expect(await taken(hashes, 3)).toEqual(
      [1, 2, 3].map((number) => ({ hash: HASH(number), type: 2, size: 100 + number, peerId })),
    );
    const items = [raw(1), raw(2), raw(1)].map(transactionItem);
    await pair.say({ type: 'transactions', items });
    const sent = await taken(transactions, 2);
    expect(sent).toMatchObject([raw(1), raw(2)].map((bytes) => ({ bytes, type: 2, size: 3 })));
    expect(await taken(hashes, 2)).toMatchObject(sent.map(({ hash }) => ({ hash })));
    await pair.end();
    expect([hashes.dropped, transactions.dropped]).toEqual([0, 0]);
  });

  test('is not even read when nothing asks for it', async () => {
    const pair = ethPair();
    await pair.say(status(), { type: 'transactions', items: [Uint8Array.of(0x80)] });
    expect(pair.session.state).toBe('active.confirmed');
    pair.observer.txHashes();
    await pair.say({ type: 'transactions', items: [Uint8Array.of(0x80)] });
    await pair.us.done;
    expect(pair.log.at(-1)).toBe('ended rejected.badMessage');
  });

  test('is the range of blocks, of Status and of updates', async () => {
    const pair = ethPair();
    const stop = new AbortController();
    const ranges = pair.observer.blockRanges({ signal: stop.signal });
    const update = { earliest: 4n, latest: 10n, latestHash: HASH(10) };
    await pair.say(status(), { type: 'blockRangeUpdate', ...update });
    const peerId = pair.us.peer.id;
    expect(await taken(ranges, 2)).toEqual([
      { earliest: 3n, latest: 9n, latestHash: HASH(9), peerId },
      { ...update, peerId },
    ]);
    expect(pair.session.blockRange).toEqual(update);
    const next = ranges.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    await pair.end();
  });

  test('is new blocks, by hash or whole', async () => {
    const pair = ethPair();
    const blocks = pair.observer.newBlocks();
    const header = encodeRlp([1, 2, 3, 4, 5, 6, 7, 8, 77]);
    await pair.say(
      status(),
      { type: 'newBlockHashes', blocks: [{ hash: HASH(5), number: 5n }] },
      {
        ...{ type: 'newBlock', hash: '', number: 0n, totalDifficulty: 1n },
        block: encodeRlp([[1, 2, 3, 4, 5, 6, 7, 8, 77], [], []]),
      },
    );
    expect(await taken(blocks, 2)).toMatchObject([
      { hash: HASH(5), number: 5n },
      { hash: expect.stringMatching(/^[\da-f]{64}$/), number: 77n },
    ]);
    expect(header[0]).toBeGreaterThan(0xc0);
    await pair.end();
  });
});

describe('the options', () => {
  test('become protocols of a server, with the entry eth for its record', () => {
    const { protocols, sessions } = eth({ chain: CHAIN, head: () => HEAD });
    expect(protocols.map(({ name, version, length }) => [name, version, length])).toEqual([
      ...[
        ['eth', 68, 17],
        ['eth', 69, 18],
        ['eth', 70, 18],
        ['eth', 71, 20],
        ['eth', 72, 22],
      ],
    ]);
    for (const { attributes } of protocols)
      expect(attributes).toEqual({ eth: ethEntry(forkIdAt(CHAIN, HEAD)) });
    expect(protocols[0]!.nodeInfo!()).toEqual({ network: 1337, genesis: `0x${'ab'.repeat(32)}` });
    expect(sessions.size).toBe(0);
  });

  test('take the time of day for the fork id, unless a head is given', () => {
    const chain = { ...CHAIN, times: [1_000, 4_000_000_000] };
    const [protocol] = eth({ chain, versions: [72] }).protocols;
    const now = forkIdAt(chain, { block: 100, time: 1_700_000_000 });
    expect(protocol!.attributes).toEqual({ eth: ethEntry(now) });
  });

  test.each<[string, object]>([
    ['a version that does not exist', { versions: [67] }],
    ['no version', { versions: [] }],
    ['a network id that is no integer', { chain: { ...CHAIN, networkId: 1.5 } }],
    ['a genesis that is no hash', { chain: { ...CHAIN, genesisHash: '0xab' } }],
    ['a fork that is no integer', { chain: { ...CHAIN, times: [-1] } }],
  ])('do not have %s', (_title, wrong) => {
    expect(() => eth({ chain: CHAIN, ...wrong })).toThrow(TypeError);
  });

  test('show a peer as go-ethereum does, once its Status came', async () => {
    const pair = ethPair();
    await pair.settle();
    const info = () => pair.observer.protocols[0]!.peerInfo!(pair.us.peer);
    expect(info()).toBeUndefined();
    await pair.say(status());
    expect(info()).toEqual({
      ...{ version: 69, earliestBlock: 3, latestBlock: 9, latestBlockHash: `0x${HASH(9)}` },
    });
    await pair.end();
    expect(info()).toBeUndefined();
  });
});
