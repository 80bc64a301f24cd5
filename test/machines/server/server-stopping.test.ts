import { describe, expect, test } from 'vitest';

import { GIVE_UP_TIMEOUT_MS, STOP_TIMEOUT_MS } from '../../../src/machines/server/server-setup.ts';
import {
  askIn,
  candidate,
  dialSchedulerDone,
  dropped,
  emittedTypes,
  listenerDone,
  partBroke,
  runServer,
  runServerTo,
  type ServerRun,
} from '../../support/server-run.ts';

describe('stop', () => {
  test('E18: stops a server that was not started', () => {
    const run = runServer();
    run.send({ type: 'stop' });
    expect(emittedTypes(run)).toEqual(['connections.destroyed', 'stopped']);
    expectStopped(run);
  });

  test('ends at once while the local node is being prepared', () => {
    const run = runServerTo('starting.localNode');
    run.send({ type: 'stop' });
    expect(emittedTypes(run)).toEqual(['pending.aborted', 'connections.destroyed', 'stopped']);
    expectStopped(run);
  });

  test('closes a listener that is still binding, and waits for it', () => {
    const run = runServerTo('starting.listening');
    run.send({ type: 'stop' });
    expect(run.listener.commands).toEqual([{ type: 'close' }]);
    run.listener.report({ type: 'listener.bound', address: { host: '127.0.0.1', port: 1 } });
    expect(run.isOver()).toBe(false);
    run.listener.report(listenerDone);
    expect(emittedTypes(run)).not.toContain('started');
    expectStopped(run);
  });

  test('E18: stops a server whose start is being rolled back', () => {
    const run = runServerTo('rollingBack.listening');
    run.send({ type: 'stop' }, { type: 'start' });
    expect(run.state()).toBe('stopping.listening');
    run.listener.report(listenerDone);
    expect(emittedTypes(run)).not.toContain('start.failed');
    expectStopped(run);
  });

  test('a start that is rolled back is undone to its end when another start comes meanwhile', () => {
    const run = runServerTo('rollingBack.listening');
    run.send({ type: 'start' });
    expect(run.state()).toBe('rollingBack.listening');
    run.listener.report(listenerDone);
    expect(run.state()).toBe('idle');
    expect(run.emitted.at(-1)).toMatchObject({ type: 'start.failed' });
  });

  test('ends a server without peers as soon as its parts have ended', () => {
    const run = runServerTo('stopping');
    expect(run.emitted.slice(1)).toEqual([{ type: 'pending.aborted' }]);
    expect(run.listener.commands).toEqual([{ type: 'close' }]);
    expect(run.dialScheduler.commands).toEqual([{ type: 'stop' }]);
    run.dialScheduler.report(dialSchedulerDone);
    expect(run.isOver()).toBe(false);
    run.listener.report(listenerDone);
    expect(emittedTypes(run).slice(1)).toEqual([
      'pending.aborted',
      'connections.destroyed',
      'stopped',
    ]);
    expectStopped(run);
  });

  test('ends whichever part ends first', () => {
    const run = runServerTo('stopping');
    run.listener.report(listenerDone);
    expect(run.isOver()).toBe(false);
    run.dialScheduler.report(dialSchedulerDone);
    expectStopped(run);
  });

  test('disconnects every peer with "client quitting" and waits for all of them', () => {
    const run = withPeers(['a', 'b']);
    run.send({ type: 'stop' });
    expect(run.emitted.filter(({ type }) => type === 'peer.dismissed')).toEqual([
      { type: 'peer.dismissed', connectionId: 'to a', reason: 'clientQuitting' },
      { type: 'peer.dismissed', connectionId: 'to b', reason: 'clientQuitting' },
    ]);
    expect(run.listener.commands).toEqual([{ type: 'close' }]);

    run.listener.report(listenerDone);
    run.send(dropped('a'));
    expect(run.isOver()).toBe(false);
    run.send(dropped('b'));
    run.dialScheduler.report(dialSchedulerDone);
    expect(emittedTypes(run).slice(-4)).toEqual([
      'peer.removed',
      'peer.removed',
      'connections.destroyed',
      'stopped',
    ]);
    expectStopped(run);
  });

  test('quirk 7: aborts pending connections before it disconnects peers', () => {
    const run = withPeers(['a']);
    run.send({ type: 'stop' });
    expect(emittedTypes(run).slice(1)).toEqual(['pending.aborted', 'peer.dismissed']);
  });

  test('forwards what ends meanwhile', () => {
    const run = withPeers(['a']);
    run.send({ type: 'stop' });
    run.send({ type: 'connection.ended', connectionId: '1', slot: 7 });
    run.send({ type: 'dial.ended', id: 'b' });
    expect(run.listener.commands.at(-1)).toEqual({ type: 'slot.returned', slot: 7 });
    expect(run.dialScheduler.commands).toContainEqual({ type: 'dial.ended', id: 'b' });
  });

  test('no peer makes room any more', () => {
    const run = runServerTo('running');
    run.send({ type: 'stop' });
    const before = run.emitted.length;
    run.dialScheduler.report({ type: 'peer.churned', id: 'a', direction: 'inbound' });
    expect(run.emitted).toHaveLength(before);
  });

  test('a second stop is ignored', () => {
    const run = withPeers(['a']);
    run.send({ type: 'stop' });
    const { length } = run.journal;
    run.send({ type: 'stop' }, { type: 'start' });
    expect(run.journal).toHaveLength(length);
  });

  test('quirk 6: a stopped server does not start again', () => {
    const run = runServerTo('starting.localNode');
    run.send({ type: 'stop' }, { type: 'start' });
    expect(run.state()).toBe('stopped');
  });
});

describe('peers that do not end', () => {
  test('lose their sockets after 4.5 s', () => {
    const run = withPeers(['a']);
    run.send({ type: 'stop' });
    run.clock.advance(4_499);
    expect(emittedTypes(run)).not.toContain('connections.destroyed');
    run.clock.advance(1);
    expect(STOP_TIMEOUT_MS).toBe(4_500);
    expect(run.emitted.at(-1)).toEqual({ type: 'connections.destroyed' });
  });

  test('delay the stop by at most 4.9 s', () => {
    const run = withPeers(['a']);
    run.send({ type: 'stop' });
    run.clock.advance(4_899);
    expect(emittedTypes(run).filter((type) => type === 'connections.destroyed')).toHaveLength(1);
    expect(run.isOver()).toBe(false);
    run.clock.advance(1);
    expect(GIVE_UP_TIMEOUT_MS).toBe(4_900);
    expectStopped(run);
  });

  test('end when their sockets are destroyed, and the server with them', () => {
    const run = withPeers(['a']);
    run.send({ type: 'stop' });
    run.listener.report(listenerDone);
    run.clock.advance(STOP_TIMEOUT_MS);
    run.send(dropped('a'));
    run.dialScheduler.report(dialSchedulerDone);
    expectStopped(run);
  });
});

describe('parts that do not end', () => {
  for (const [part, report] of [
    ['listener', (run: ServerRun) => run.dialScheduler.report(dialSchedulerDone)],
    ['dial scheduler', (run: ServerRun) => run.listener.report(listenerDone)],
  ] as const)
    test(`the server stops without the ${part} after 4.9 s`, () => {
      const run = runServerTo('stopping');
      report(run);
      run.clock.advance(4_899);
      expect(run.isOver()).toBe(false);
      run.clock.advance(1);
      expectStopped(run);
    });
});

describe('a part that was lost', () => {
  test('the listener: the server runs and stops without it', () => {
    const run = withPeers(['a']);
    run.send(partBroke.listener);
    expect(run.state()).toBe('running');
    expect(run.actor.getSnapshot().context.address).toBeNull();
    expect(askIn(run, candidate('b', 'static'))).toEqual({ type: 'accept' });

    run.send({ type: 'stop' });
    run.send(dropped('a'), dropped('b'));
    run.dialScheduler.report(dialSchedulerDone);
    expect(run.listener.commands).toEqual([]);
    expectStopped(run);
  });

  test('the listener while stopping: it is not waited for', () => {
    const run = runServerTo('stopping');
    run.dialScheduler.report(dialSchedulerDone);
    run.listener.report({ type: 'listener.lost', message: 'EBADF', retryInMs: 1_000 });
    run.listener.report(listenerDone);
    expect(emittedTypes(run)).not.toContain('part.lost');
    expectStopped(run);
  });

  for (const part of ['localNode', 'listener', 'dialScheduler'] as const)
    test(`${part}: an error is reported, and the server runs on without it`, () => {
      const run = withPeers(['a']);
      run.send(partBroke[part]);
      expect(run.state()).toBe('running');
      expect(run.emitted.at(-1)).toEqual({
        type: 'part.lost',
        part,
        message: 'Error: oops',
        retryInMs: null,
      });
      expect(run.parts()).toMatchObject({ [part]: 'gone' });

      run.send({ type: 'stop' }, dropped('a'));
      if (part !== 'listener') run.listener.report(listenerDone);
      if (part !== 'dialScheduler') run.dialScheduler.report(dialSchedulerDone);
      expectStopped(run);
    });

  for (const part of ['listener', 'dialScheduler'] as const)
    test(`${part}: after an error while stopping, it is not waited for`, () => {
      const run = runServerTo('stopping');
      run.send(partBroke[part]);
      if (part !== 'listener') run.listener.report(listenerDone);
      if (part !== 'dialScheduler') run.dialScheduler.report(dialSchedulerDone);
      expectStopped(run);
    });

  for (const part of [
    'localNode',
    'portMapping',
    'listener',
    'discovery',
    'discoveryV5',
    'dialScheduler',
  ] as const)
    test(`${part}: a late error, after a start that failed, is reported`, () => {
      const run = runServerTo('starting.localNode');
      run.localNode.report({ type: 'localNode.failed', message: 'no key' });
      run.send(partBroke[part]);
      expect(run.state()).toBe('idle');
      expect(run.emitted.at(-1)).toMatchObject({ type: 'part.lost', part });
    });

  test('the address is null after the listener broke', () => {
    const run = runServerTo('running');
    run.send(partBroke.listener);
    expect(run.actor.getSnapshot().context.address).toBeNull();
  });
});

test('10: a dial that is not waited for, since the dial scheduler broke, loses its socket at the end', () => {
  const run = runServerTo('running');
  run.send(partBroke.dialScheduler, { type: 'stop' });
  run.listener.report(listenerDone);
  expect(emittedTypes(run).slice(-2)).toEqual(['connections.destroyed', 'stopped']);
  expectStopped(run);
});

function withPeers(ids: readonly string[]): ServerRun {
  const run = runServerTo('running');
  for (const id of ids) expect(askIn(run, candidate(id))).toEqual({ type: 'accept' });
  return run;
}

function expectStopped(run: ServerRun): void {
  expect(run.state()).toBe('stopped');
  expect(run.isOver()).toBe(true);
  expect(run.emitted.at(-1)).toEqual({ type: 'stopped' });
  expect([run.localNode.live, run.listener.live, run.dialScheduler.live]).toEqual([0, 0, 0]);
  expect(run.clock.pending).toBe(0);
}
