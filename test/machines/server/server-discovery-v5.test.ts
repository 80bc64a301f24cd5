import { describe, expect, test } from 'vitest';

import {
  address,
  dialSchedulerDone,
  discoveryAsked,
  discoveryDone,
  discoveryReady,
  discoveryV5Asked,
  discoveryV5Done,
  discoveryV5Ready,
  emittedTypes,
  listenerDone,
  partBroke,
  ready,
  runServer,
  runServerTo,
  type ServerRun,
  type ServerState,
} from '../../support/server-run.ts';

const both = { discovery: discoveryAsked, discoveryV5: discoveryV5Asked };
const runTo = (state: ServerState): ServerRun => runServerTo(state, both);
const failed = { type: 'discovery.failed', version: 'v5', message: 'EADDRINUSE' } as const;
const found = { nodes: [], answered: [], failed: [] };

describe('a start with both versions', () => {
  test('begins v5 when v4 is ready, and dials after it', () => {
    const run = runTo('starting.discoveryV5');
    expect(run.state()).toBe('starting.discoveryV5');
    expect(run.discoveryV5.inputs).toEqual([discoveryV5Asked]);
    expect(run.dialScheduler.live).toBe(0);
    run.discoveryV5.report({ ...discoveryV5Ready, address: { ...address, port: 9 } });
    expect(run.state()).toBe('running');
    expect(run.parts()).toMatchObject({ discovery: 'live', discoveryV5: 'live' });
  });

  test('claims the port of v4', () => {
    const run = runTo('starting.discoveryV5');
    run.discoveryV5.report({ ...discoveryV5Ready, address: { ...address, port: 9 } });
    expect(run.localNode.commands).toContainEqual({ type: 'udp.bound', port: address.port });
    expect(run.localNode.commands).not.toContainEqual({ type: 'udp.bound', port: 9 });
  });

  test('passes the first lookups of v4 on while v5 begins, and reports what v4 loses', () => {
    const run = runTo('starting.discoveryV5');
    const wanted = { type: 'lookup.wanted', version: 'v4', lookupId: 1, target: null } as const;
    run.discovery.report(wanted);
    run.discovery.report({
      ...{ type: 'discovery.lost', version: 'v4', message: 'EBADF', retryInMs: 1_000 },
    });
    run.discovery.report({ type: 'discovery.restored', version: 'v4' });
    run.discovery.report({ type: 'discovery.failed', version: 'v4', message: 'oops' });
    expect(run.emitted).toEqual([
      wanted,
      { type: 'part.lost', part: 'discovery', message: 'EBADF', retryInMs: 1_000 },
      { type: 'discovery.restored', version: 'v4' },
      { type: 'part.lost', part: 'discovery', message: 'oops', retryInMs: null },
    ]);
    expect(run.state()).toBe('starting.discoveryV5');
  });

  test('that is stopped meanwhile closes both, and waits for v5 first', () => {
    const run = runTo('starting.discoveryV5');
    run.send({ type: 'stop' });
    run.listener.report(listenerDone);
    expect(run.journal).toContain('discovery < close');
    expect(run.discoveryV5.commands).toEqual([{ type: 'close' }]);
    expect(run.state()).toBe('stopping.discoveryV5');
    run.discoveryV5.report(discoveryV5Done);
    expect(run.state()).toBe('stopping.discovery');
    run.discovery.report(discoveryDone);
    expect(run.state()).toBe('stopped');
  });
});

describe('a start with v5 alone', () => {
  test.for([address, null])('begins v5 after the listener, if there is one: %o', (listen) => {
    const run = runServer({ discoveryV5: discoveryV5Asked, listen });
    run.send({ type: 'start' });
    run.localNode.report(ready);
    if (listen) run.listener.report({ type: 'listener.bound', address });
    expect(run.state()).toBe('starting.discoveryV5');
    expect(run.parts()).toMatchObject({ discovery: 'absent', discoveryV5: 'live' });
  });

  test('claims the port of v5', () => {
    const run = runServerTo('running', { discoveryV5: discoveryV5Asked });
    expect(run.localNode.commands.at(-1)).toEqual({ type: 'udp.bound', port: address.port });
    expect(run.state()).toBe('running');
  });

  test('is undone up to the listener when v5 fails', () => {
    const run = runServer({ discoveryV5: discoveryV5Asked, listen: null });
    run.send({ type: 'start' });
    run.localNode.report(ready);
    run.discoveryV5.report(failed);
    run.discoveryV5.report(discoveryV5Done);
    expect(run.state()).toBe('idle');
    expect(run.emitted.at(-1)).toMatchObject({ type: 'start.failed', step: 'discoveryV5' });
  });
});

describe('a start that fails', () => {
  test('because v5 fails is undone in reverse order: v4 is closed too', () => {
    const run = runTo('starting.discoveryV5');
    run.discoveryV5.report(failed);
    expect(run.state()).toBe('rollingBack.discoveryV5');
    run.discoveryV5.report(discoveryV5Done);
    expect(run.state()).toBe('rollingBack.discovery');
    expect(run.discovery.commands).toEqual([{ type: 'close' }]);
    run.discovery.report(discoveryDone);
    run.listener.report(listenerDone);
    expect(run.state()).toBe('idle');
    expect(run.emitted.at(-1)).toEqual({
      ...{ type: 'start.failed', step: 'discoveryV5', message: 'EADDRINUSE' },
    });
  });

  test('because v5 breaks is undone', () => {
    const run = runTo('starting.discoveryV5');
    run.send(partBroke.discoveryV5);
    expect(run.state()).toBe('rollingBack.discovery');
    run.discovery.report(discoveryDone);
    run.listener.report(listenerDone);
    expect(run.emitted.at(-1)).toMatchObject({ step: 'discoveryV5', message: 'Error: oops' });
  });

  test('because v5 takes 6 s closes it, and waits 6 s for that at most', () => {
    const run = runTo('starting.discoveryV5');
    run.clock.advance(5_999);
    expect(run.state()).toBe('starting.discoveryV5');
    run.clock.advance(1);
    expect(run.state()).toBe('rollingBack.discoveryV5');
    expect(run.discoveryV5.commands).toEqual([{ type: 'close' }]);
    run.clock.advance(5_999);
    expect(run.state()).toBe('rollingBack.discoveryV5');
    run.clock.advance(1);
    expect(run.state()).toBe('rollingBack.discovery');
    run.discovery.report(discoveryDone);
    run.listener.report(listenerDone);
    expect(run.emitted.at(-1)).toMatchObject({
      ...{ step: 'discoveryV5', message: 'discovery v5 did not begin in time' },
    });
  });
});

describe('while running', () => {
  test('reports of v5 name its part', () => {
    const run = runTo('running');
    const version = 'v5';
    run.discoveryV5.report({
      ...{ type: 'discovery.lost', version, message: 'EBADF', retryInMs: 1_000 },
    });
    run.discoveryV5.report({ type: 'discovery.restored', version });
    run.discoveryV5.report(failed);
    expect(run.emitted.slice(1)).toEqual([
      { type: 'part.lost', part: 'discoveryV5', message: 'EBADF', retryInMs: 1_000 },
      { type: 'discovery.restored', version },
      { type: 'part.lost', part: 'discoveryV5', message: 'EADDRINUSE', retryInMs: null },
    ]);
  });

  test('each version gets the results of its own lookups', () => {
    const run = runTo('running');
    run.send({ type: 'lookup.ended', version: 'v4', lookupId: 1, ...found });
    run.send({ type: 'lookup.ended', version: 'v5', lookupId: 2, ...found });
    run.send({ type: 'nodes.found', version: 'v5', ...found });
    run.send({ type: 'bootnodes.found', version: 'v5', nodes: [] });
    run.send({ type: 'refresh.wanted', version: 'v5' });
    expect(run.discovery.commands).toEqual([{ type: 'lookup.ended', lookupId: 1, ...found }]);
    expect(run.discoveryV5.commands).toEqual([
      { type: 'lookup.ended', lookupId: 2, ...found },
      { type: 'nodes.found', ...found },
      { type: 'bootnodes.found', nodes: [] },
      { type: 'refresh.wanted' },
    ]);
  });

  test('runs on, and stops, without a v5 that broke', () => {
    const run = runTo('running');
    run.send(partBroke.discoveryV5);
    expect(run.parts()).toMatchObject({ discovery: 'live', discoveryV5: 'gone' });
    expect(run.emitted.at(-1)).toMatchObject({ type: 'part.lost', part: 'discoveryV5' });
    run.send({ type: 'refresh.wanted', version: 'v5' }, { type: 'stop' });
    run.dialScheduler.report(dialSchedulerDone);
    expect(run.state()).toBe('stopping.discovery');
    run.discovery.report(discoveryDone);
    run.listener.report(listenerDone);
    expect(run.state()).toBe('stopped');
  });
});

describe('a stop', () => {
  test('closes both at once, v5 first, and waits for v5 before v4', () => {
    const run = runTo('stopping');
    expect(run.journal.filter((line) => line.endsWith('close'))).toEqual([
      'listener < close',
      'discoveryV5 < close',
      'discovery < close',
    ]);
    run.dialScheduler.report(dialSchedulerDone);
    expect(run.state()).toBe('stopping.discoveryV5');
    run.discoveryV5.report(discoveryV5Done);
    expect(run.state()).toBe('stopping.discovery');
  });

  test('reports no lookup and no lost socket of v5 any more', () => {
    const run = runTo('stopping');
    const version = 'v5';
    run.discoveryV5.report({ type: 'lookup.wanted', version, lookupId: 1, target: null });
    run.discoveryV5.report({
      ...{ type: 'discovery.lost', version, message: 'EBADF', retryInMs: 1_000 },
    });
    run.discoveryV5.report(discoveryV5Ready);
    run.discovery.report(discoveryReady);
    expect(emittedTypes(run)).toEqual(['started', 'pending.aborted']);
  });
});
