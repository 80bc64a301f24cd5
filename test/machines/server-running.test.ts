import { describe, expect, test } from 'vitest';
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
  serverInput,
  target,
} from '../support/server-run.ts';
import { someStream } from '../support/some-stream.ts';

const noRoom = { type: 'reject.tooManyPeers', facts: { peers: 3, limit: 3 } };

describe('checkpoints', () => {
  for (const state of SERVER_STATES.filter((other) => other !== 'running'))
    test(`are answered in ${state}, too: this server is stopped`, () => {
      const run = runServerTo(state);
      const stopped = { type: 'reject.serverStopped', facts: {} };
      expect(askRoom(run, candidate('a'))).toEqual(stopped);
      expect(askIn(run, candidate('a'))).toEqual(stopped);
      expect(run.actor.getSnapshot().context.peers.size).toBe(0);
    });

  test('the first one takes no place', () => {
    const run = runServerTo('running');
    expect(askRoom(run, candidate('a'))).toEqual({ type: 'accept' });
    expect(askRoom(run, candidate('a'))).toEqual({ type: 'accept' });
    expect(run.actor.getSnapshot().context.peers.size).toBe(0);
    expect(run.dialScheduler.commands).toEqual([]);
  });

  test('the second one makes a peer of it, before the answer goes out', () => {
    const run = runServerTo('running');
    let atReply: unknown;
    const verdict = askIn(run, candidate('a', 'static'), () => {
      atReply = [run.actor.getSnapshot().context.peers.has('a'), [...run.dialScheduler.commands]];
    });
    expect(verdict).toEqual({ type: 'accept' });
    expect(atReply).toEqual([true, [{ type: 'peer.added', id: 'a', direction: 'static' }]]);
    expect(run.actor.getSnapshot().context.peers.get('a')).toEqual({
      connectionId: 'to a',
      direction: 'static',
      id: 'a',
      trusted: false,
    });
  });

  test('two connections of one node: the first to get there is the peer', () => {
    const run = runServerTo('running');
    expect(askRoom(run, candidate('a', 'inbound', '1'))).toEqual({ type: 'accept' });
    expect(askRoom(run, candidate('a', 'static', '2'))).toEqual({ type: 'accept' });
    expect(askIn(run, candidate('a', 'static', '2'))).toEqual({ type: 'accept' });
    expect(askIn(run, candidate('a', 'inbound', '1'))).toEqual({
      type: 'reject.alreadyConnected',
      facts: { connection: '2' },
    });
    expect(run.dialScheduler.commands).toHaveLength(1);
  });

  test('a full server says so at either', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b', 'c']) askIn(run, candidate(id, 'dynamic'));
    expect(askRoom(run, candidate('d', 'dynamic'))).toEqual(noRoom);
    expect(askIn(run, candidate('d', 'dynamic'))).toEqual(noRoom);
    expect(run.actor.getSnapshot().context.peers.size).toBe(3);
  });

  test('the last place goes to whoever gets there first', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b']) askIn(run, candidate(id, 'dynamic'));
    expect(askRoom(run, candidate('c', 'dynamic'))).toEqual({ type: 'accept' });
    expect(askRoom(run, candidate('d', 'dynamic'))).toEqual({ type: 'accept' });
    expect(askIn(run, candidate('c', 'dynamic'))).toEqual({ type: 'accept' });
    expect(askIn(run, candidate('d', 'dynamic'))).toEqual(noRoom);
  });

  test('a trusted node gets in over the limit, and is marked', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b', 'c']) askIn(run, candidate(id, 'dynamic'));
    expect(askIn(run, candidate('friend'))).toEqual({ type: 'accept' });
    expect(run.actor.getSnapshot().context.peers.get('friend')?.trusted).toBe(true);
  });

  test('a useless peer is told so at the second only', () => {
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
  test('the id is out of the set before anybody hears of it', () => {
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
      entry: { connectionId: 'to a', direction: 'inbound', id: 'a', trusted: false },
      ending,
    });
    expect(run.dialScheduler.commands.at(-1)).toEqual({ type: 'peer.removed', id: 'a' });
  });

  test('the end of another connection of the same node changes nothing', () => {
    const run = runServerTo('running');
    askIn(run, candidate('a', 'static', '2'));
    const { length } = run.journal;
    run.send(dropped('a', '1'));
    expect(run.actor.getSnapshot().context.peers.get('a')?.connectionId).toBe('2');
    expect(run.journal).toHaveLength(length);
  });

  test('nor does the end of one that never was a peer, or the same end twice', () => {
    const run = runServerTo('running');
    askIn(run, candidate('a'));
    run.send(dropped('b'), dropped('a'), dropped('a'));
    expect(emittedTypes(run)).toEqual(['started', 'peer.removed']);
  });

  test('make room for the next one', () => {
    const run = runServerTo('running');
    for (const id of ['a', 'b', 'c']) askIn(run, candidate(id, 'dynamic'));
    run.send(dropped('b'));
    expect(askIn(run, candidate('d', 'dynamic'))).toEqual({ type: 'accept' });
  });
});

describe('wishes', () => {
  test('a static node goes to the dial scheduler', () => {
    const run = runServerTo('running');
    run.send({ type: 'static.add', target: target('a') });
    expect(run.dialScheduler.commands).toEqual([{ type: 'static.add', target: target('a') }]);
  });

  test('a removed one is forgotten first and disconnected then', () => {
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

  test('a removed one that is no peer is only forgotten', () => {
    const run = runServerTo('running');
    run.send({ type: 'peer.remove', id: 'a' });
    expect(run.dialScheduler.commands).toEqual([{ type: 'static.remove', id: 'a' }]);
    expect(emittedTypes(run)).toEqual(['started']);
  });

  for (const state of SERVER_STATES.filter((other) => other !== 'running'))
    test(`come to nothing in ${state}`, () => {
      const run = runServerTo(state);
      const { length } = run.journal;
      run.send({ type: 'static.add', target: target('a') }, { type: 'peer.remove', id: 'a' });
      expect(run.journal).toHaveLength(length);
    });
});

describe('connections and dials', () => {
  test('whoever connects is passed on to the outside', () => {
    const run = runServerTo('running');
    const stream = someStream(9);
    run.listener.report({ type: 'connection.accepted', stream });
    expect(run.emitted.at(-1)).toEqual({ type: 'connection.accepted', stream });
    const turnedAway = {
      type: 'callers.turnedAway',
      counts: { netRestrict: 0, throttled: 1, noSlot: 2, notAccepting: 0 },
      latest: { remote: stream.remote, why: 'noSlot' },
    } as const;
    run.listener.report(turnedAway);
    expect(run.emitted.at(-1)).toEqual(turnedAway);
  });

  test('an inbound one gives its slot back once, a dial has none to give', () => {
    const run = runServerTo('running');
    run.send({ type: 'connection.ended', connectionId: '1', inbound: true });
    expect(run.listener.commands).toEqual([{ type: 'slot.returned' }]);
    run.send({ type: 'connection.ended', connectionId: '2', inbound: false });
    expect(run.listener.commands).toHaveLength(1);
  });

  test('a dial that is wanted, or no longer, is passed on to the outside', () => {
    const run = runServerTo('running');
    const wanted = { type: 'dial.wanted', target: target('a'), direction: 'static' } as const;
    const unwanted = { type: 'dial.unwanted', id: 'a' } as const;
    run.dialScheduler.report(wanted);
    run.dialScheduler.report(unwanted);
    expect(run.emitted.slice(1)).toEqual([wanted, unwanted]);
  });

  test('its end is passed on to the dial scheduler', () => {
    const run = runServerTo('running');
    run.send({ type: 'dial.ended', id: 'a' });
    expect(run.dialScheduler.commands).toEqual([{ type: 'dial.ended', id: 'a' }]);
  });
});
