import { describe, expect, test } from 'vitest';

import { MAX_TRUSTED_NODES } from '../../../src/machines/server/server-setup.ts';
import {
  askIn,
  askRoom,
  candidate,
  dropped,
  emittedTypes,
  ending,
  eth,
  runServerTo,
  SERVER_STATES,
  type ServerRun,
  serverInput,
  target,
} from '../../support/server-run.ts';

const noRoom = { type: 'reject.tooManyPeers', facts: { peers: 3, limit: 3 } };

describe('checkpoints', () => {
  for (const state of SERVER_STATES.filter((other) => other !== 'running'))
    test(`are answered with "server stopped" in ${state}`, () => {
      const run = runServerTo(state);
      const stopped = { type: 'reject.serverStopped', facts: {} };
      expect(askRoom(run, candidate('a'))).toEqual(stopped);
      expect(askIn(run, candidate('a'))).toEqual(stopped);
      expect(run.actor.getSnapshot().context.peers.size).toBe(0);
    });

  test('the first one adds no peer', () => {
    const run = runServerTo('running');
    expect(askRoom(run, candidate('a'))).toEqual({ type: 'accept' });
    expect(askRoom(run, candidate('a'))).toEqual({ type: 'accept' });
    expect(run.actor.getSnapshot().context.peers.size).toBe(0);
    expect(run.dialScheduler.commands).not.toContainEqual(
      expect.objectContaining({ type: 'peer.added' }),
    );
  });

  test('the second one adds the peer before it answers', () => {
    const run = runServerTo('running');
    let atReply: unknown;
    const verdict = askIn(run, candidate('a', 'static'), () => {
      atReply = [run.actor.getSnapshot().context.peers.has('a'), [...run.dialScheduler.commands]];
    });
    expect(verdict).toEqual({ type: 'accept' });
    expect(atReply).toEqual([true, [{ type: 'peer.added', id: 'a', direction: 'static' }]]);
    expect(run.actor.getSnapshot().context.peers.get('a')).toEqual({
      ...candidate('a', 'static'),
      trusted: false,
    });
  });

  test('of two inbound connections of one node, the first at the second checkpoint is the peer', () => {
    const run = runServerTo('running');
    expect(askRoom(run, candidate('a', 'inbound', '1'))).toEqual({ type: 'accept' });
    expect(askRoom(run, candidate('a', 'inbound', '2'))).toEqual({ type: 'accept' });
    expect(askIn(run, candidate('a', 'inbound', '2'))).toEqual({ type: 'accept' });
    expect(askIn(run, candidate('a', 'inbound', '1'))).toEqual({
      type: 'reject.alreadyConnected',
      facts: { connection: '2' },
    });
    const added = run.dialScheduler.commands.filter(({ type }) => type === 'peer.added');
    expect(added).toHaveLength(1);
  });

  test('a full server rejects at either checkpoint', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b', 'c']) askIn(run, candidate(id, 'dynamic'));
    expect(askRoom(run, candidate('d', 'dynamic'))).toEqual(noRoom);
    expect(askIn(run, candidate('d', 'dynamic'))).toEqual(noRoom);
    expect(run.actor.getSnapshot().context.peers.size).toBe(3);
  });

  test('the last place goes to the first connection at the second checkpoint', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b']) askIn(run, candidate(id, 'dynamic'));
    expect(askRoom(run, candidate('c', 'dynamic'))).toEqual({ type: 'accept' });
    expect(askRoom(run, candidate('d', 'dynamic'))).toEqual({ type: 'accept' });
    expect(askIn(run, candidate('c', 'dynamic'))).toEqual({ type: 'accept' });
    expect(askIn(run, candidate('d', 'dynamic'))).toEqual(noRoom);
  });

  test('a trusted node is admitted beyond the limit, and marked', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b', 'c']) askIn(run, candidate(id, 'dynamic'));
    expect(askIn(run, candidate('friend'))).toEqual({ type: 'accept' });
    expect(run.actor.getSnapshot().context.peers.get('friend')?.trusted).toBe(true);
  });

  test('a peer without a shared capability is rejected at the second checkpoint only', () => {
    const rules = { ...serverInput().rules, capabilities: [{ name: 'les', version: 4 }] };
    const run = runServerTo('running', { rules });
    expect(askRoom(run, candidate('a'))).toEqual({ type: 'accept' });
    expect(askIn(run, candidate('a'))).toEqual({
      type: 'reject.uselessPeer',
      facts: { ours: 'les/4', theirs: `${eth.name}/${eth.version}` },
    });
  });
});

describe('departures', () => {
  test('the id leaves the set before the departure is reported', () => {
    const run = runServerTo('running');
    askIn(run, candidate('a'));
    let left: unknown;
    run.actor.on('peer.removed', () => {
      left = [run.actor.getSnapshot().context.peers.has('a'), run.journal.at(-1)];
    });
    run.send(dropped('a'));
    expect(left).toEqual([false, 'dialScheduler < peer.removed']);
    expect(run.emitted.at(-1)).toEqual({
      type: 'peer.removed',
      entry: { ...candidate('a'), trusted: false },
      ending,
    });
    const { state } = ending;
    expect(run.dialScheduler.commands.at(-1)).toEqual({ type: 'peer.removed', id: 'a', state });
  });

  test('the end of another connection of the same node changes nothing', () => {
    const run = runServerTo('running');
    askIn(run, candidate('a', 'static', '2'));
    const { length } = run.journal;
    run.send(dropped('a', '1'));
    expect(run.actor.getSnapshot().context.peers.get('a')?.connectionId).toBe('2');
    expect(run.journal).toHaveLength(length);
  });

  test('the end of a connection that was no peer, or a second end, changes nothing', () => {
    const run = runServerTo('running');
    askIn(run, candidate('a'));
    run.send(dropped('b'), dropped('a'), dropped('a'));
    expect(emittedTypes(run)).toEqual(['started', 'peer.removed']);
  });

  test('a departure makes room for another peer', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b', 'c']) askIn(run, candidate(id, 'dynamic'));
    run.send(dropped('b'));
    expect(askIn(run, candidate('d', 'dynamic'))).toEqual({ type: 'accept' });
  });
});

describe('requests', () => {
  test('a static node is passed to the dial scheduler', () => {
    const run = runServerTo('running');
    run.send({ type: 'static.add', target: target('a') });
    expect(run.dialScheduler.commands).toEqual([{ type: 'static.add', target: target('a') }]);
  });

  test('a removed node stops being static before it is disconnected', () => {
    const run = runServerTo('running');
    askIn(run, candidate('a', 'static'));
    run.send({ type: 'peer.remove', id: 'a' });
    expect(run.journal.slice(-2)).toEqual(['dialScheduler < static.remove', 'peer.dismissed']);
    expect(run.emitted.at(-1)).toEqual({
      type: 'peer.dismissed',
      connectionId: 'to a',
      reason: 'requested',
    });
  });

  test('a removed node that is no peer only stops being static', () => {
    const run = runServerTo('running');
    run.send({ type: 'peer.remove', id: 'a' });
    expect(run.dialScheduler.commands).toEqual([{ type: 'static.remove', id: 'a' }]);
    expect(emittedTypes(run)).toEqual(['started']);
  });

  for (const state of SERVER_STATES.filter((other) => other !== 'running'))
    test(`are ignored in ${state}`, () => {
      const run = runServerTo(state);
      const { length } = run.journal;
      run.send({ type: 'static.add', target: target('a') }, { type: 'peer.remove', id: 'a' });
      run.send({ type: 'trusted.add', id: 'a' }, { type: 'trusted.remove', id: 'friend' });
      expect(run.journal).toHaveLength(length);
      expect([...run.actor.getSnapshot().context.trusted]).toEqual(['friend']);
    });
});

describe('trust', () => {
  const trusted = (run: ServerRun): boolean[] =>
    [...run.actor.getSnapshot().context.peers.values()].map((entry) => entry.trusted);

  test('marks a peer, losing it unmarks the peer, and neither disconnects', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b', 'c']) askIn(run, candidate(id, 'dynamic'));
    run.send({ type: 'trusted.add', id: 'b' });
    expect(trusted(run)).toEqual([false, true, false]);
    run.send({ type: 'trusted.remove', id: 'b' });
    expect(trusted(run)).toEqual([false, false, false]);
    expect(emittedTypes(run)).toEqual(['started']);
  });

  test('of a node that is no peer applies when it connects', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b', 'c']) askIn(run, candidate(id, 'dynamic'));
    run.send({ type: 'trusted.add', id: 'd' });
    expect(askRoom(run, candidate('d'))).toEqual({ type: 'accept' });
    run.send({ type: 'trusted.remove', id: 'd' });
    expect(askRoom(run, candidate('d'))).toEqual(noRoom);
  });

  test('quirk 10: gained between the two checkpoints applies at the second', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b']) askIn(run, candidate(id, 'dynamic'));
    expect(askRoom(run, candidate('d'))).toEqual({ type: 'accept' });
    askIn(run, candidate('c', 'dynamic')); // the last place
    run.send({ type: 'trusted.add', id: 'd' });
    expect(askIn(run, candidate('d'))).toEqual({ type: 'accept' });
    expect(trusted(run)).toEqual([false, false, false, true]);
  });

  test('quirk 10: lost between the two checkpoints does not apply at the second', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b', 'c']) askIn(run, candidate(id, 'dynamic'));
    expect(askRoom(run, candidate('friend'))).toEqual({ type: 'accept' });
    run.send({ type: 'trusted.remove', id: 'friend' });
    expect(askIn(run, candidate('friend'))).toEqual(noRoom);

    const roomy = runServerTo('running');
    expect(askRoom(roomy, candidate('friend'))).toEqual({ type: 'accept' });
    roomy.send({ type: 'trusted.remove', id: 'friend' });
    expect(askIn(roomy, candidate('friend'))).toEqual({ type: 'accept' });
    expect(trusted(roomy)).toEqual([false]);
  });

  test('is for at most 1,000 nodes; a trusted node may be added again', () => {
    const run = runServerTo('running');
    const { context } = run.actor.getSnapshot();
    for (let i = context.trusted.size; i < MAX_TRUSTED_NODES; i += 1)
      run.send({ type: 'trusted.add', id: `${i}` });
    run.send({ type: 'trusted.add', id: 'one more' }, { type: 'trusted.add', id: 'friend' });
    const size = (): number => run.actor.getSnapshot().context.trusted.size;
    expect([MAX_TRUSTED_NODES, size()]).toEqual([1_000, 1_000]);
    run.send({ type: 'trusted.remove', id: 'friend' }, { type: 'trusted.add', id: 'one more' });
    expect(run.actor.getSnapshot().context.trusted.has('one more')).toBe(true);
  });
});

describe('a request for the peers', () => {
  test('is answered in order: after earlier events, before later ones', () => {
    const run = runServerTo('running');
    askIn(run, candidate('a'));
    run.send({ type: 'peers.request', requestId: 1 }, dropped('a'), {
      type: 'peers.request',
      requestId: 2,
    });
    const snapshots = run.emitted.filter((event) => event.type === 'peers.snapshot');
    expect(snapshots.map(({ requestId, peers }) => [requestId, [...peers.keys()]])).toEqual([
      [1, ['a']],
      [2, []],
    ]);
    expect(emittedTypes(run)).toEqual([
      'started',
      'peers.snapshot',
      'peer.removed',
      'peers.snapshot',
    ]);
  });

  for (const state of SERVER_STATES.filter((other) => other !== 'running'))
    test(`is answered as unavailable in ${state}`, () => {
      const run = runServerTo(state);
      run.send({ type: 'peers.request', requestId: 7 });
      expect(run.emitted.at(-1)).toEqual({ type: 'peers.unavailable', requestId: 7 });
    });
});
