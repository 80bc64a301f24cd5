/** The server with its real listener and dial scheduler, over a socket that only records. */
import { describe, expect, test } from 'vitest';

import { REDIAL_DELAY_MS } from '../../../src/machines/dialing/dial-scheduler.ts';
import { dummyStream } from '../../support/dummy-stream.ts';
import {
  address,
  asked,
  askIn,
  candidate,
  dropped,
  emittedTypes,
  ready,
  runWholeServer,
  serverInput,
  target,
  type WholeServerRun,
} from '../../support/server-run.ts';

const { dial } = serverInput();
/** The connection that holds this slot has left setup. */
const ended = (slot: number) =>
  ({ type: 'connection.ended', connectionId: `${slot}`, slot }) as const;

describe('a server from start to stop', () => {
  test('binds, admits a peer, and stops when its last socket is closed', () => {
    const run = started();
    expect(run.socket.inputs).toEqual([asked]);
    expect(run.emitted).toEqual([{ type: 'started', address }]);

    run.socket.report({ type: 'socket.accepted', stream: dummyStream(1) });
    expect(askIn(run, candidate('a'))).toEqual({ type: 'accept' });
    run.send(ended(1));

    run.send({ type: 'stop' });
    expect(run.socket.commands).toEqual([{ type: 'close' }]);
    run.send(dropped('a'));
    run.socket.report({ type: 'socket.closed' });
    expect(emittedTypes(run)).toEqual([
      'started',
      'connection.accepted',
      'pending.aborted',
      'peer.dismissed',
      'peer.removed',
      'connections.destroyed',
      'stopped',
    ]);
    expectNothingLeft(run);
  });

  test('reports its start before the first dial', () => {
    const run = started(['a']);
    expect(emittedTypes(run)).toEqual(['started', 'dial.wanted']);
  });

  test('a node that was dialled, admitted and lost is redialled after the redial delay', () => {
    const run = started(['a']);
    run.clock.advance(1_000);
    askIn(run, candidate('a', 'static'));
    run.send({ type: 'dial.ended', id: 'a' });
    run.clock.advance(1_000);
    run.send(dropped('a'));
    run.clock.advance(REDIAL_DELAY_MS - 2_001);
    expect(dials(run)).toBe(1);
    run.clock.advance(1);
    expect(dials(run)).toBe(2);
  });

  test('a dialled node is answered before it can be redialled', () => {
    const run = started(['a']);
    run.clock.advance(REDIAL_DELAY_MS);
    askIn(run, candidate('a', 'static'), () => run.send({ type: 'dial.ended', id: 'a' }));
    expect(dials(run)).toBe(1);
  });

  test('admits as many handshakes as there are slots, one per slot at a time', () => {
    const run = started();
    for (const port of [1, 2, 3])
      run.socket.report({ type: 'socket.accepted', stream: dummyStream(port) });
    expect(accepted(run)).toBe(2);
    run.send(ended(1));
    run.socket.report({ type: 'socket.accepted', stream: dummyStream(4) });
    run.socket.report({ type: 'socket.accepted', stream: dummyStream(5) });
    expect(accepted(run)).toBe(3);
    expect(run.socket.commands.map(({ type }) => type)).toEqual(['turn.away', 'turn.away']);
  });
});

describe('a start that fails', () => {
  test('because the address is in use succeeds the second time', () => {
    const run = runWholeServer();
    run.send({ type: 'start' });
    run.localNode.report(ready);
    run.socket.report({ type: 'bind.failed', message: 'EADDRINUSE' });
    expect(run.emitted.at(-1)).toEqual({
      type: 'start.failed',
      step: 'listening',
      message: 'EADDRINUSE',
    });
    expect([run.state(), run.socket.live, run.clock.pending]).toEqual(['idle', 0, 0]);

    run.send({ type: 'start' });
    run.localNode.report(ready);
    run.socket.report({ type: 'socket.bound', address });
    expect(run.state()).toBe('running');
    expect(run.socket.live).toBe(1);
  });

  test('because binding takes 5 s leaves nothing behind', () => {
    const run = runWholeServer();
    run.send({ type: 'start' });
    run.localNode.report(ready);
    run.clock.advance(4_999);
    expect(run.state()).toBe('starting.listening');
    run.clock.advance(1);
    expect(run.emitted.at(-1)).toMatchObject({ message: 'binding took too long' });
    expect([run.state(), run.socket.live, run.clock.pending]).toEqual(['idle', 0, 0]);
  });
});

describe('stop', () => {
  test('while the address is being bound ends at once', () => {
    const run = runWholeServer();
    run.send({ type: 'start' });
    run.localNode.report(ready);
    run.send({ type: 'stop' });
    expect(run.emitted.at(-1)).toEqual({ type: 'stopped' });
    expectNothingLeft(run);
  });

  test('waits for the slots of aborted handshakes', () => {
    const run = started();
    run.socket.report({ type: 'socket.accepted', stream: dummyStream(1) });
    run.send({ type: 'stop' });
    run.socket.report({ type: 'socket.accepted', stream: dummyStream(2) });
    expect(accepted(run)).toBe(1);
    expect(run.isOver()).toBe(false);
    run.send(ended(1));
    run.socket.report({ type: 'socket.closed' });
    expect(run.isOver()).toBe(true);
    expectNothingLeft(run);
  });

  test('cancels running dials and waits for them', () => {
    const run = started(['a', 'b']);
    run.send({ type: 'stop' });
    run.socket.report({ type: 'socket.closed' });
    expect(run.emitted.filter(({ type }) => type === 'dial.unwanted')).toHaveLength(2);
    run.send({ type: 'dial.ended', id: 'a' });
    expect(run.isOver()).toBe(false);
    run.send({ type: 'dial.ended', id: 'b' });
    expect(run.isOver()).toBe(true);
    expectNothingLeft(run);
  });

  test('quirk 14: does not redial the static peer that it has just disconnected', () => {
    const run = started(['a']);
    askIn(run, candidate('a', 'static'));
    run.send({ type: 'dial.ended', id: 'a' });
    run.clock.advance(REDIAL_DELAY_MS);
    run.send({ type: 'stop' }, dropped('a'));
    expect(dials(run)).toBe(1);
  });

  test('does not replace the dials that it aborted', () => {
    const run = started(['a', 'b', 'c'], ['x']);
    expect(dials(run)).toBe(2);
    run.send({ type: 'stop' });
    run.send({ type: 'dial.ended', id: 'a' }, { type: 'dial.ended', id: 'b' });
    expect(dials(run)).toBe(2);
  });

  test('takes at most 4.9 s, even when parts do not end', () => {
    const run = started(['a'], ['x']);
    run.socket.report({ type: 'socket.accepted', stream: dummyStream(1) });
    run.send({ type: 'stop' });
    run.clock.advance(4_899);
    expect(run.isOver()).toBe(false);
    run.clock.advance(1);
    expect(emittedTypes(run).slice(-2)).toEqual(['connections.destroyed', 'stopped']);
    expectNothingLeft(run);
  });
});

test('the loss of the listener ends nothing else', () => {
  const run = started(['a'], ['x']);
  run.socket.report({ type: 'socket.accepted', stream: dummyStream(1) });
  run.socket.report({ type: 'socket.closed' });
  expect(run.emitted.at(-1)).toMatchObject({ type: 'part.lost', part: 'listener' });
  run.send(ended(1));
  expect(run.state()).toBe('running');
  expect(askIn(run, candidate('a', 'static'))).toEqual({ type: 'accept' });
  run.send({ type: 'dial.ended', id: 'a' }, { type: 'stop' }, dropped('a'), dropped('x'));
  expect(run.emitted.at(-1)).toEqual({ type: 'stopped' });
  expectNothingLeft(run);
});

/** Running, with static nodes to dial and inbound peers. */
function started(statics: readonly string[] = [], inbound: readonly string[] = []): WholeServerRun {
  const run = runWholeServer({ dial: { ...dial, statics: statics.map(target) } });
  run.send({ type: 'start' });
  run.localNode.report(ready);
  run.socket.report({ type: 'socket.bound', address });
  for (const id of inbound) expect(askIn(run, candidate(id))).toEqual({ type: 'accept' });
  return run;
}

const dials = (run: WholeServerRun): number =>
  emittedTypes(run).filter((type) => type === 'dial.wanted').length;

const accepted = (run: WholeServerRun): number =>
  emittedTypes(run).filter((type) => type === 'connection.accepted').length;

function expectNothingLeft(run: WholeServerRun): void {
  expect([run.localNode.live, run.socket.live, run.clock.pending]).toEqual([0, 0, 0]);
}
