/** One peer of eth over a server: its session is an actor, and its end is that of the peer. */
import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../src/api/protocol.ts';
import type { EthMessage } from '../../src/io/wire/eth-message.ts';
import { encodeRlp } from '../../src/io/wire/rlp.ts';
import { readTransaction, transactionItem } from '../../src/io/wire/transaction.ts';
import { eth } from '../../src/protocols/eth.ts';
import { STALE_ANSWERS } from '../../src/protocols/eth-peer.ts';
import { ARRIVAL_MS } from '../../src/protocols/transaction-retrieval.ts';
import { pairedPeers } from '../../src/testing/protocol/paired-peers.ts';
import { CHAIN, ethPair, HEAD, statusOf } from '../support/eth-pair.ts';
import { StepClock } from '../support/step-clock.ts';
import { World } from '../support/world.ts';

const observer = (networkId = CHAIN.networkId) =>
  eth({ chain: { ...CHAIN, networkId }, head: () => HEAD });

test('two observers accept each other with the highest version, and confirm it after 5 s', async () => {
  const world = new World();
  const [ours, theirs] = [observer(), observer()];
  const a = world.add(1, { protocols: ours.protocols });
  const b = world.add(2, { protocols: theirs.protocols });
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.settle();
  const states = () =>
    [ours, theirs].map(({ sessions }) => [...sessions.values()].map(({ state }) => state));
  await world.advance(1_000);
  expect(states()).toEqual([['active.unconfirmed'], ['active.unconfirmed']]);
  expect([...ours.sessions.values()][0]).toMatchObject({
    version: 72,
    theirs: { networkId: 1337n },
  });
  await world.advance(5_000);
  expect(states()).toEqual([['active.confirmed'], ['active.confirmed']]);
  expect(a.server.peersInfo()[0]!.protocols).toMatchObject({ eth: { version: 72 } });
  const ends: string[] = [];
  for (const { on } of [ours, theirs]) on('ended', ({ ending }) => ends.push(ending.state));
  b.server.peers[0]!.disconnect('tooManyPeers');
  await world.advance(5_000);
  expect(ends.sort()).toEqual(['refused.laterOn', 'rejected.closedByUs']);
  expect([ours.sessions.size, theirs.sessions.size]).toEqual([0, 0]);
  await world.end();
});

test('two observers of different networks end with a subprotocol error, and each knows the reason', async () => {
  const world = new World();
  const [ours, theirs] = [observer(), observer(1)];
  const ends: object[] = [];
  for (const { on } of [ours, theirs]) on('ended', ({ ending }) => ends.push(ending));
  const a = world.add(1, { protocols: ours.protocols });
  const b = world.add(2, { protocols: theirs.protocols });
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.advance(6_000);
  expect(ends).toContainEqual({
    ...{
      outcome: 'rejected',
      state: 'rejected.wrongNetwork',
      facts: { theirs: '1', ours: '1337' },
    },
  });
  expect(ends).toContainEqual({
    ...{
      outcome: 'rejected',
      state: 'rejected.wrongNetwork',
      facts: { theirs: '1337', ours: '1' },
    },
  });
  await world.end();
});

test('a session whose handler breaks fails, and the peer ends', async () => {
  const [protocol] = observer().protocols;
  const { sessions, on, protocols } = observer();
  const ends: object[] = [];
  on('ended', ({ ending }) => ends.push(ending));
  const broken: Protocol = {
    ...protocols.at(-1)!,
    run(peer, { name, version, signal, send }, tools) {
      const next = () => Promise.reject(new Error('on purpose'));
      const port = { name, version, signal, send, [Symbol.asyncIterator]: () => ({ next }) };
      return protocols.at(-1)!.run(peer, port, tools);
    },
  };
  const [us] = pairedPeers([broken], [{ ...protocol!, version: 72, length: 22 }], {
    clock: new StepClock(),
  });
  await expect(us.done).rejects.toThrow('on purpose');
  expect(ends).toEqual([
    { outcome: 'failed', state: 'failed.internalError', facts: { message: 'Error: on purpose' } },
  ]);
  expect(sessions.size).toBe(0);
});

describe('announced transactions', () => {
  const raw = (number: number) => Uint8Array.of(2, 0xc1, number);
  const items = (...numbers: readonly number[]) => numbers.map((one) => transactionItem(raw(one)));
  const hashOf = (number: number) => readTransaction(transactionItem(raw(number))).hash;
  const announce = (...numbers: readonly number[]): EthMessage => ({
    type: 'newPooledTransactionHashes',
    announcements: numbers.map((one) => ({ hash: hashOf(one), type: 2, size: 3 })),
  });

  /** A peer that is asked for transactions 1 to 3. */
  async function asked() {
    const pair = ethPair();
    const transactions = pair.observer.transactions();
    await pair.say({ type: 'status', status: statusOf(69) }, announce(1, 2, 3));
    pair.take();
    await pair.advance(ARRIVAL_MS);
    const [request] = pair.take() as [Extract<EthMessage, { type: 'getPooledTransactions' }>];
    const answer = (...numbers: readonly number[]): EthMessage => ({
      ...{ type: 'pooledTransactions', requestId: request.requestId, items: items(...numbers) },
    });
    return { pair, transactions, request, answer };
  }

  test('are asked for while transactions are read, and given to them', async () => {
    const { pair, transactions, request, answer } = await asked();
    expect(request).toMatchObject({
      ...{ type: 'getPooledTransactions', hashes: [1, 2, 3].map(hashOf) },
    });
    expect(pair.session.pendingRequests).toBe(1);
    await pair.say(answer(1, 3));
    const { peer } = pair.us;
    for (const number of [1, 3])
      expect((await transactions.next()).value).toEqual({
        ...{ hash: hashOf(number), type: 2, size: 3, bytes: raw(number), peerId: peer.id },
      });
    expect([pair.session.pendingRequests, pair.take()]).toEqual([0, []]);
    await pair.end();
    expect([transactions.dropped, pair.clock.pending]).toEqual([0, 0]);
  });

  test('are not asked for while none are read', async () => {
    const pair = ethPair();
    await pair.say({ type: 'status', status: statusOf(69) }, announce(1));
    await pair.advance(ARRIVAL_MS);
    expect(pair.take().map(({ type }) => type)).toEqual(['status']);
    await pair.end();
  });

  test('are asked for no more at once than are read', async () => {
    const pair = ethPair();
    const transactions = pair.observer.transactions();
    await pair.say({ type: 'status', status: statusOf(69) });
    const rich = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => {
        const bytes = encodeRlp([from + index, new Uint8Array()]);
        return transactionItem(Uint8Array.of(2, ...bytes));
      });
    for (let sent = 1_000; sent < 17_200; sent += 900)
      await pair.say({ type: 'transactions', items: rich(sent, 900) });
    await pair.say(announce(1));
    pair.take();
    await pair.advance(ARRIVAL_MS);
    expect(pair.take()).toEqual([]);
    for (let read = 0; read < 300; read += 1) await transactions.next();
    await pair.settle();
    expect(pair.take()).toMatchObject([{ type: 'getPooledTransactions' }]);
    await pair.end();
    expect(transactions.dropped).toBe(0);
  });

  test.each<[string, readonly number[]]>([
    ['others than it was asked for', [1, 9]],
    ['more than it was asked for', [1, 2, 3, 1]],
  ])('end the session of a peer that answers with %s', async (_title, numbers) => {
    const { pair, answer } = await asked();
    await pair.say(answer(...numbers));
    await pair.us.done;
    expect(pair.log.at(-1)).toBe('ended rejected.badAnswer');
  });

  test('end the session of a peer that answers with what is none', async () => {
    const { pair, request } = await asked();
    const { requestId } = request;
    await pair.say({ type: 'pooledTransactions', requestId, items: [Uint8Array.of(0x80)] });
    await pair.us.done;
    expect(pair.log.at(-1)).toBe('ended rejected.badMessage');
  });

  test('are hashed 64 KiB at a time, so that other peers have their turns', async () => {
    const pair = ethPair();
    const transactions = pair.observer.transactions();
    await pair.say({ type: 'status', status: statusOf(69) });
    const big = (mark: number) =>
      transactionItem(Uint8Array.of(2, ...encodeRlp([mark, new Uint8Array(40 * 1024)])));
    let turns = 0;
    const { setTimeout } = pair.clock;
    pair.clock.setTimeout = (run, ms) => {
      if (ms === 0) turns += 1;
      return setTimeout(run, ms);
    };
    await pair.say({ type: 'transactions', items: [1, 2, 3, 4, 5].map(big) });
    expect(turns).toBe(2);
    for (let i = 0; i < 5; i += 1) await transactions.next();
    await pair.end();
  });

  test('may come too late now and then, and not all the time', async () => {
    const { pair, answer } = await asked();
    await pair.say(answer(1, 2, 3));
    for (let late = 0; late < STALE_ANSWERS.size; late += 1) await pair.say(answer(1));
    expect(pair.session.state).toBe('active.confirmed');
    await pair.say(answer(1));
    expect(pair.log.at(-1)).toBe('ended rejected.badAnswer');
    await pair.us.done;
  });
});
