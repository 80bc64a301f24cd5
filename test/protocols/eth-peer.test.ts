/** One peer of eth over a server: its session is an actor, and its end is that of the peer. */
import { expect, test } from 'vitest';
import type { Protocol } from '../../src/api/protocol.ts';
import { eth } from '../../src/protocols/eth.ts';
import { pairedPeers } from '../../src/testing/protocol/paired-peers.ts';
import { CHAIN, HEAD } from '../support/eth-pair.ts';
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
