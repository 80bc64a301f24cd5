import { describe, expect, test } from 'vitest';
import { type EventObject, fromCallback } from 'xstate';
import type { HandlerEvent, ProtocolRun } from '../../../src/io/adapters/protocol-handler.ts';
import type { Link } from '../../../src/io/link/link.ts';
import type { LinkCommand } from '../../../src/io/link/link-events.ts';
import { FAREWELL_MS } from '../../../src/machines/connection/connection.ts';
import {
  PING_INTERVAL_MS,
  PONG_BACKSTOP_MS,
  PROTOCOL_GRACE_MS,
  peerMachine,
} from '../../../src/machines/peer/peer.ts';
import { protocolMachine } from '../../../src/machines/peer/protocol.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { UNUSED_LINK } from '../../../src/testing/machine/setup-input.ts';
import { closed, runPeer, runPeerTo, theyLeave } from '../../support/peer-run.ts';
import { runMachine } from '../../support/run-machine.ts';

const ping = { type: 'send.ping' };

describe('a new peer', () => {
  test('is announced before any handler of it starts', () => {
    const run = runPeer();
    expect(run.trail).toEqual(['announcing', 'running.resting']);
    expect(run.journal[0]).toBe('peer.announced with 0 handlers');
    expect(run.handlers.live).toBe(2);
  });

  test('runs one handler for each shared protocol', () => {
    const run = runPeer(['eth/69', 'snap/1', 'a.b/1']);
    expect(run.handlers.inputs).toEqual(run.runs.map(({ run }) => run));
    expect(Object.keys(run.actor.getSnapshot().children)).toEqual([
      'link',
      'protocol:eth/69',
      'protocol:snap/1',
      'protocol:a.b/1',
    ]);
  });

  test('has its messages routed, and nothing else is sent', () => {
    const run = runPeer();
    expect(run.link.inputs[0]).toBe(UNUSED_LINK);
    expect(run.link.commands).toEqual([{ type: 'start.routing' }]);
  });

  test('may share no protocol at all', () => {
    const run = runPeer([]);
    expect(run.state()).toBe('running.resting');
    run.send({ type: 'disconnect', reason: 'requested' }, closed);
    expect(run.output()?.abandoned).toEqual([]);
  });
});

test('a peer that ends while it is announced starts no handler', () => {
  const leaving = fromCallback<LinkCommand, Link>(({ sendBack }) => sendBack(theyLeave));
  const handlers = new FakeActor<EventObject, HandlerEvent, ProtocolRun>();
  const protocol = protocolMachine.provide({ actors: { handler: handlers.logic } });
  const run = runMachine(peerMachine.provide({ actors: { link: leaving, protocol } }), {
    connectionId: '7',
    link: UNUSED_LINK,
    runs: [{ protocol: 'eth/69', run: async () => {} }],
  });
  expect(run.trail).toEqual(['announcing', 'ending.refused.tooManyPeers']);
  expect(run.emitted.map(({ type }) => type)).toEqual(['peer.announced', 'peer.ending']);
  run.clock.advance(FAREWELL_MS);
  expect([handlers.inputs, run.output()?.abandoned]).toEqual([[], []]);
});

describe('keep-alive', () => {
  test('pings every 15 s, however long a pong takes', () => {
    const run = runPeerTo('running.resting');
    run.clock.advance(14_999);
    expect(run.link.commands).not.toContainEqual(ping);
    run.clock.advance(1);
    expect(PING_INTERVAL_MS).toBe(15_000);
    expect(run.state()).toBe('running.awaitingPong');
    expect(run.link.commands.slice(1)).toEqual([ping]);

    run.clock.advance(700);
    run.send({ type: 'pong.received', afterMs: 700 });
    expect(run.state()).toBe('running.resting');
    run.clock.advance(14_299);
    expect(run.link.commands.slice(1)).toEqual([ping]);
    run.clock.advance(1);
    expect(run.link.commands.slice(1)).toEqual([ping, ping]);

    run.clock.advance(17_000);
    run.send({ type: 'pong.received', afterMs: 17_000 });
    run.clock.advance(1);
    expect(run.link.commands.slice(1)).toEqual([ping, ping, ping]);
  });

  test('pings 15 s after a pong of a link that does not say when the ping was', () => {
    const run = runPeerTo('running.awaitingPong');
    const before = run.link.commands.length;
    run.send({ type: 'pong.received' });
    run.clock.advance(14_999);
    expect(run.link.commands).toHaveLength(before);
    run.clock.advance(1);
    expect(run.link.commands.slice(before)).toEqual([ping]);
  });

  test('continues for hours', () => {
    const run = runPeerTo('running.resting');
    for (let round = 0; round < 1_000; round += 1) {
      run.clock.advance(PING_INTERVAL_MS);
      run.send({ type: 'pong.received' });
    }
    expect(run.link.commands).toHaveLength(1_001);
    expect(run.clock.pending).toBe(1);
  });

  test('waits anew and pings again while the link defers the pong', () => {
    const run = runPeerTo('running.awaitingPong');
    const pings = (): number => run.link.commands.filter(({ type }) => type === 'send.ping').length;
    const before = pings();
    for (let round = 1; round <= 100; round += 1) {
      run.clock.advance(PONG_BACKSTOP_MS - 1);
      run.send({ type: 'pong.deferred' });
      expect([run.state(), pings() - before]).toEqual(['running.awaitingPong', round]);
    }
    expect(run.clock.pending).toBe(1);
  });

  test('ends when the link reports an overdue pong', () => {
    const run = runPeerTo('running.awaitingPong');
    run.send({ type: 'pong.overdue' });
    expect(run.state()).toBe('ending.rejected.pongTimeout');
  });

  test('ends after 60 s without a report of the link', () => {
    const run = runPeerTo('running.awaitingPong');
    run.clock.advance(59_999);
    expect(run.state()).toBe('running.awaitingPong');
    run.clock.advance(1);
    expect(PONG_BACKSTOP_MS).toBe(60_000);
    expect(run.state()).toBe('ending.rejected.pongTimeout');
    expect(run.link.commands.at(-1)).toEqual({ type: 'send.disconnect', reason: 'readTimeout' });
  });

  test('ignores a pong that was not awaited', () => {
    const run = runPeerTo('running.resting');
    run.clock.advance(14_999);
    run.send({ type: 'pong.received' });
    run.clock.advance(1);
    expect(run.state()).toBe('running.awaitingPong');
  });
});

describe('handlers', () => {
  test('the first that returns ends the peer', () => {
    const run = runPeer();
    run.handlers.report({ type: 'handler.returned' }, 1);
    expect(run.state()).toBe('ending.rejected.protocolReturned');
    run.handlers.report({ type: 'handler.returned' }, 0);
    run.send(closed);
    expect(run.output()).toEqual({
      outcome: 'rejected',
      state: 'ending.rejected.protocolReturned',
      facts: { protocol: 'snap/1' },
      abandoned: [],
    });
  });

  test('the first that fails ends the peer, and what it threw is a fact', () => {
    const run = runPeer();
    run.handlers.report({ type: 'handler.failed', message: 'Error: no chain' }, 0);
    expect(run.state()).toBe('ending.rejected.protocolFailed');
    run.handlers.report({ type: 'handler.failed', message: 'Error: the peer is gone' }, 1);
    run.send(closed);
    expect(run.output()).toEqual({
      outcome: 'rejected',
      state: 'ending.rejected.protocolFailed',
      facts: { protocol: 'eth/69', error: 'Error: no chain' },
      abandoned: [],
    });
  });

  test('are told before our Disconnect is sent', () => {
    const run = runPeer();
    run.send({ type: 'disconnect', reason: 'requested' });
    expect(run.journal.slice(-2)).toEqual(['peer.ending with 2 handlers', 'send.disconnect']);
    expect(run.emitted.at(-1)).toEqual({
      type: 'peer.ending',
      ending: { outcome: 'rejected', state: 'ending.rejected.requested', facts: {} },
    });
  });

  test('are told why when the link broke, too', () => {
    const run = runPeer();
    run.send({ type: 'link.closed', how: 'reset', detail: 'ECONNRESET' });
    expect(run.emitted.at(-1)).toEqual({
      type: 'peer.ending',
      ending: {
        outcome: 'failed',
        state: 'ending.failed.connectionReset',
        facts: { detail: 'ECONNRESET' },
      },
    });
  });

  test('that return during the farewell do not cut it short', () => {
    const run = runPeer();
    run.send({ type: 'disconnect', reason: 'requested' });
    run.handlers.report({ type: 'handler.returned' }, 0);
    run.handlers.report({ type: 'handler.returned' }, 1);
    expect(run.state()).toBe('ending.rejected.requested');
    run.clock.advance(2_000);
    expect(run.isOver()).toBe(true);
  });

  test('that are slow get 2 s after the link ended', () => {
    const run = runPeer();
    run.send(theyLeave, closed);
    expect(run.state()).toBe('awaitingProtocols');
    run.clock.advance(1_999);
    run.handlers.report({ type: 'handler.returned' }, 0);
    expect(run.state()).toBe('awaitingProtocols');
    run.handlers.report({ type: 'handler.returned' }, 1);
    expect(run.state()).toBe('closed');
    expect(run.output()?.abandoned).toEqual([]);
    expect(run.clock.pending).toBe(0);
  });

  test('that never return are abandoned, and listed', () => {
    const run = runPeer();
    run.send(theyLeave, closed);
    run.handlers.report({ type: 'handler.returned' }, 0);
    run.clock.advance(1_999);
    expect(run.state()).toBe('awaitingProtocols');
    run.clock.advance(1);
    expect(PROTOCOL_GRACE_MS).toBe(2_000);
    expect(run.output()).toMatchObject({
      state: 'ending.refused.tooManyPeers',
      abandoned: ['snap/1'],
    });
    expect(run.clock.pending).toBe(0);
    expect([run.handlers.live, run.link.live]).toEqual([0, 0]);
  });

  test('the whole end takes 4 s at most', () => {
    const run = runPeer();
    run.send({ type: 'disconnect', reason: 'clientQuitting' });
    run.clock.advance(3_999);
    expect(run.isOver()).toBe(false);
    run.clock.advance(1);
    expect(run.output()?.abandoned).toEqual(['eth/69', 'snap/1']);
  });
});

test('without an adapter for its link it fails loudly, as an internal error', () => {
  const run = runMachine(peerMachine, { connectionId: '7', link: UNUSED_LINK, runs: [] });
  expect(run.output()).toEqual({
    outcome: 'failed',
    state: 'ending.failed.internalError',
    facts: { at: 'link' },
    abandoned: [],
  });
});
