/** The run loop between two connections with one node, one dialled by each side. */
import { expect, test } from 'vitest';
import { createActor } from 'xstate';

import type { Candidate, CheckpointReply } from '../../../src/machines/connection/connection.ts';
import { CROSSED_DIAL_HOLD_MS } from '../../../src/machines/connection/crossed-dials.ts';
import type { AddPeerRequest } from '../../../src/machines/server/server-events.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import {
  askRoom,
  candidate,
  dropped,
  eth,
  runServerTo,
  type ServerRun,
} from '../../support/server-run.ts';

/** We are `us`: `them` is lower, so that their dial is preferred. */
const theirs = candidate('them', 'inbound', 'theirs');
const ours = candidate('them', 'static', 'ours');
const accept = { type: 'accept' };
const hold = { type: 'hold' };
const known = (connection: string) => ({ type: 'reject.alreadyConnected', facts: { connection } });

/** Asks at the second checkpoint. @returns every answer, later ones included. */
function askIn({ actor }: ServerRun, who: Candidate, capabilities = [eth]): CheckpointReply[] {
  const asker = new FakeActor<CheckpointReply, never, undefined>();
  const replyTo = createActor(asker.logic, { input: undefined }).start();
  actor.send({
    type: 'checkpoint.addPeer',
    candidate: who,
    capabilities,
    replyTo: replyTo as unknown as AddPeerRequest['replyTo'],
  });
  return asker.commands;
}

/** Both are past the first checkpoint. */
function bothPending(): ServerRun {
  const run = runServerTo('running');
  for (const each of [theirs, ours]) expect(askRoom(run, each)).toEqual(accept);
  return run;
}

/** The connection leaves setup, not as a peer. */
function end(run: ServerRun, { connectionId, id, direction }: Candidate): void {
  run.send(dropped(id, connectionId));
  run.send({ type: 'connection.ended', connectionId, slot: direction === 'inbound' ? 1 : null });
}

const peersOf = ({ actor }: ServerRun) =>
  [...actor.getSnapshot().context.peers.values()].map(({ connectionId }) => connectionId);

test('the preferred connection becomes the peer at once; the other one is rejected after the hold', () => {
  const run = bothPending();
  const first = askIn(run, ours);
  expect(first).toEqual([hold]);
  expect(askIn(run, theirs)).toEqual([accept]);
  run.send({ type: 'connection.ended', connectionId: 'theirs', slot: 1 });

  run.clock.advance(CROSSED_DIAL_HOLD_MS - 1);
  expect(first).toEqual([hold]);
  run.clock.advance(1);
  expect(first).toEqual([hold, known('theirs')]);
  expect(peersOf(run)).toEqual(['theirs']);
});

test('the other connection becomes the peer when the preferred one fails in setup', () => {
  const run = bothPending();
  const held = askIn(run, ours);
  end(run, theirs);
  expect(held).toEqual([hold, accept]);
  expect(peersOf(run)).toEqual(['ours']);
  expect(run.clock.pending).toBe(0);
});

test('the other connection becomes the peer when they close the preferred one', () => {
  const run = bothPending();
  askIn(run, theirs);
  run.send({ type: 'connection.ended', connectionId: 'theirs', slot: 1 });
  const held = askIn(run, ours);
  expect(held).toEqual([hold]);
  run.send(dropped('them', 'theirs'));
  expect(held).toEqual([hold, accept]);
  expect(peersOf(run)).toEqual(['ours']);
  expect(run.dialScheduler.commands.map(({ type }) => type)).toEqual([
    'inbound.pending',
    'peer.added',
    'inbound.completed',
    'peer.removed',
    'peer.added',
  ]);
});

test('the other connection becomes the peer when the preferred one has not asked within the hold', () => {
  const run = bothPending();
  const held = askIn(run, ours);
  run.clock.advance(CROSSED_DIAL_HOLD_MS);
  expect(held).toEqual([hold, accept]);

  const late = askIn(run, theirs);
  expect(late).toEqual([hold]); // they may be about to close the other one
  run.clock.advance(CROSSED_DIAL_HOLD_MS);
  expect(late).toEqual([hold, known('ours')]);
  expect(peersOf(run)).toEqual(['ours']);
});

test('a held connection that ends is removed, and the preferred one stays the peer', () => {
  const run = bothPending();
  const held = askIn(run, ours);
  end(run, ours);
  expect(askIn(run, theirs)).toEqual([accept]);
  run.clock.advance(CROSSED_DIAL_HOLD_MS);
  expect(held).toEqual([hold]);
  expect(peersOf(run)).toEqual(['theirs']);
  expect(run.actor.getSnapshot().context.held.size).toBe(0);
});

test('a connection without a shared capability is rejected without a hold', () => {
  const run = bothPending();
  expect(askIn(run, ours, [])).toMatchObject([{ type: 'reject.uselessPeer' }]);
});

test('a crossed connection is held even when the server is full: the rival may hold the last place', () => {
  const run = runServerTo('running', {
    rules: {
      self: 'us',
      maxPeers: 1,
      maxInbound: 1,
      maxPerSubnet: 3,
      isStaticExempt: false,
      capabilities: [eth],
    },
  });
  for (const each of [theirs, ours]) askRoom(run, each);
  askIn(run, theirs);
  run.send({ type: 'connection.ended', connectionId: 'theirs', slot: 1 });
  const held = askIn(run, ours);
  run.send(dropped('them', 'theirs'));
  expect(held).toEqual([hold, accept]);
});

test('a server that stops aborts held connections and does not answer them', () => {
  const run = bothPending();
  const held = askIn(run, ours);
  run.send({ type: 'stop' });
  expect(run.emitted.map(({ type }) => type)).toContain('pending.aborted');
  run.clock.advance(CROSSED_DIAL_HOLD_MS);
  expect(held).toEqual([hold]);
});

test('quirk 11: inbound connections of one id are counted, so that it is not dialled before all have ended', () => {
  const run = runServerTo('running');
  const both = [candidate('a', 'inbound', '1'), candidate('a', 'inbound', '2')];
  for (const each of both) askRoom(run, each);
  for (const each of both) end(run, each);
  end(run, both[0]!); // a second end is ignored
  expect(run.dialScheduler.commands).toEqual([
    ...both.map(() => ({ type: 'inbound.pending', id: 'a' })),
    ...both.map(() => ({ type: 'inbound.completed', id: 'a' })),
  ]);
});

test('a connection that left setup is no longer pending', () => {
  const run = bothPending();
  expect([...run.actor.getSnapshot().context.pending.keys()]).toEqual(['theirs', 'ours']);
  end(run, theirs);
  end(run, ours);
  end(run, candidate('stranger')); // never reached the first checkpoint
  expect(run.actor.getSnapshot().context.pending.size).toBe(0);
});
