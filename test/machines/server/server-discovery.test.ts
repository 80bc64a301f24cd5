import { describe, expect, test } from 'vitest';

import { LOCAL_NODE_TIMEOUT_MS } from '../../../src/machines/server/server-setup.ts';
import {
  address,
  dialSchedulerDone,
  discoveryAsked,
  discoveryDone,
  discoveryReady,
  emittedTypes,
  listenerDone,
  localNodeDone,
  partBroke,
  ready,
  runServer,
  runServerTo,
  type ServerRun,
  type ServerState,
} from '../../support/server-run.ts';

const withDiscovery = { discovery: discoveryAsked };
const runTo = (state: ServerState): ServerRun => runServerTo(state, withDiscovery);
const found = { nodes: [], answered: [], failed: [] };
const failed = { type: 'discovery.failed', version: 'v4', message: 'EADDRINUSE' } as const;

describe('a start', () => {
  test('begins discovery when the listener is bound, and dials after it', () => {
    const run = runTo('starting.discovery');
    expect(run.state()).toBe('starting.discovery');
    expect(run.discovery.inputs).toEqual([discoveryAsked]);
    expect(run.dialScheduler.live).toBe(0);
    run.discovery.report(discoveryReady);
    expect(run.localNode.commands.at(-1)).toEqual({ type: 'udp.bound', port: address.port });
    expect(run.state()).toBe('running');
    expect(run.parts()).toMatchObject({ discovery: 'live', dialScheduler: 'live' });
  });

  test('begins discovery without a listener too', () => {
    const run = runServer({ ...withDiscovery, listen: null });
    run.send({ type: 'start' });
    run.localNode.report(ready);
    expect(run.state()).toBe('starting.discovery');
    expect(run.discovery.inputs).toEqual([discoveryAsked]);
  });

  test('that is stopped meanwhile closes discovery and waits for it', () => {
    const run = runTo('starting.discovery');
    run.send({ type: 'stop' });
    run.listener.report(listenerDone);
    expect(run.state()).toBe('stopping.discovery');
    expect(run.discovery.commands).toEqual([{ type: 'close' }]);
    for (const report of [discoveryReady, failed, discoveryDone]) run.discovery.report(report);
    expect(run.state()).toBe('stopped');
  });
});

describe('a start that fails', () => {
  test('because discovery fails is undone in reverse order', () => {
    const run = runTo('starting.discovery');
    run.discovery.report(failed);
    run.discovery.report(discoveryDone);
    expect(run.state()).toBe('rollingBack.listening');
    run.listener.report(listenerDone);
    expect(run.state()).toBe('idle');
    expect(run.emitted.at(-1)).toEqual({
      type: 'start.failed',
      step: 'discovery',
      message: 'EADDRINUSE',
    });
  });

  test('because discovery breaks is undone', () => {
    const run = runTo('starting.discovery');
    run.send(partBroke.discovery);
    run.listener.report(listenerDone);
    expect(run.emitted.at(-1)).toMatchObject({ step: 'discovery', message: 'Error: oops' });
  });

  test('because discovery takes 6 s closes it, and then the listener', () => {
    const run = runTo('rollingBack.discovery');
    expect(run.state()).toBe('rollingBack.discovery');
    expect(run.journal).toEqual(['localNode < tcp.bound', 'discovery < close']);
    run.discovery.report(discoveryDone);
    expect(run.state()).toBe('rollingBack.listening');
    run.listener.report(listenerDone);
    expect(run.emitted.at(-1)).toMatchObject({
      step: 'discovery',
      message: 'discovery did not begin in time',
    });
    expect(run.discovery.live).toBe(0);
  });

  test('does not wait more than 6 s for discovery', () => {
    const run = runTo('rollingBack.discovery');
    run.clock.advance(5_999);
    expect(run.state()).toBe('rollingBack.discovery');
    run.clock.advance(1);
    expect(run.state()).toBe('rollingBack.listening');
  });
});

describe('while running', () => {
  test('reports a lost and a restored socket of discovery', () => {
    const run = runTo('running');
    run.discovery.report({
      type: 'discovery.lost',
      version: 'v4',
      message: 'EBADF',
      retryInMs: 1_000,
    });
    run.discovery.report({ type: 'discovery.restored', version: 'v4' });
    expect(run.emitted.slice(1)).toEqual([
      { type: 'part.lost', part: 'discovery', message: 'EBADF', retryInMs: 1_000 },
      { type: 'discovery.restored', version: 'v4' },
    ]);
  });

  test('passes lookups on, and hands discovery their results', () => {
    const run = runTo('running');
    run.discovery.report({ type: 'lookup.wanted', version: 'v4', lookupId: 1, target: null });
    expect(run.emitted.at(-1)).toEqual({
      type: 'lookup.wanted',
      version: 'v4',
      lookupId: 1,
      target: null,
    });
    const findings = [
      { type: 'lookup.ended', version: 'v4', lookupId: 1, ...found },
      { type: 'nodes.found', version: 'v4', ...found },
      { type: 'bootnodes.found', version: 'v4', nodes: [] },
      { type: 'refresh.wanted', version: 'v4' },
    ] as const;
    run.send(...findings);
    expect(run.discovery.commands).toEqual(findings.map(({ version: _, ...event }) => event));
  });

  test('reports a discovery that failed for good', () => {
    const run = runTo('running');
    run.discovery.report(failed);
    expect(run.emitted.at(-1)).toEqual({
      type: 'part.lost',
      part: 'discovery',
      message: 'EADDRINUSE',
      retryInMs: null,
    });
    run.discovery.report(discoveryDone);
    expect(run.parts()).toMatchObject({ discovery: 'gone' });
  });

  test('runs on, and stops, without a discovery that broke', () => {
    const run = runTo('running');
    run.send(partBroke.discovery);
    expect(run.parts()).toMatchObject({ discovery: 'gone' });
    expect(run.emitted.at(-1)).toMatchObject({ type: 'part.lost', part: 'discovery' });
    run.send({ type: 'stop' }, { type: 'refresh.wanted', version: 'v4' });
    run.dialScheduler.report(dialSchedulerDone);
    run.listener.report(listenerDone);
    expect(run.state()).toBe('stopped');
  });
});

describe('reports of the local node', () => {
  const at = { family: 'ipv4', voter: '192.0.2.0/24', endpoint: address, at: 5 } as const;

  test.for(['starting.discovery', 'running', 'stopping'] as const)(
    'are passed on while %s',
    (state) => {
      const run = runTo(state);
      run.localNode.report({ type: 'store.faulted', message: 'damaged' });
      run.localNode.report({ type: 'record.failed', message: 'too big' });
      expect(run.emitted.slice(-2)).toEqual([
        { type: 'store.faulted', message: 'damaged' },
        { type: 'record.failed', message: 'too big' },
      ]);
    },
  );

  test('it gets what others see as our endpoint', () => {
    const run = runTo('running');
    run.send({ type: 'endpoint.stated', ...at });
    expect(run.localNode.commands.at(-1)).toEqual({ type: 'endpoint.stated', ...at });
  });
});

describe('a node store that takes its time to close', () => {
  test('is waited for at the end of a stop', () => {
    const run = runServerTo('stopping');
    run.closing.isSlow = true;
    run.dialScheduler.report(dialSchedulerDone);
    run.listener.report(listenerDone);
    expect(run.state()).toBe('stopping.localNode');
    run.localNode.report(localNodeDone);
    expect(run.state()).toBe('stopped');
  });

  test('is waited for when a start is undone, 10 s at most', () => {
    for (const isDone of [true, false]) {
      const run = runServerTo('rollingBack.listening');
      run.closing.isSlow = true;
      run.listener.report(listenerDone);
      expect(run.state()).toBe('rollingBack.localNode');
      if (isDone) run.localNode.report(localNodeDone);
      else run.clock.advance(LOCAL_NODE_TIMEOUT_MS);
      expect(run.state()).toBe('idle');
      expect(run.emitted.at(-1)).toMatchObject({ type: 'start.failed' });
    }
  });
});

describe('a stop', () => {
  test('closes discovery at once, and waits for it after the dials', () => {
    const run = runTo('stopping');
    expect(run.discovery.commands).toEqual([{ type: 'close' }]);
    run.listener.report(listenerDone);
    run.dialScheduler.report(dialSchedulerDone);
    expect(run.state()).toBe('stopping.discovery');
    run.discovery.report(discoveryDone);
    expect(run.state()).toBe('stopped');
    expect(run.clock.pending).toBe(0);
  });

  test('reports no lookup and no lost socket any more', () => {
    const run = runTo('stopping');
    run.discovery.report({ type: 'lookup.wanted', version: 'v4', lookupId: 1, target: null });
    run.discovery.report({
      type: 'discovery.lost',
      version: 'v4',
      message: 'EBADF',
      retryInMs: 1_000,
    });
    run.discovery.report({ type: 'discovery.restored', version: 'v4' });
    expect(emittedTypes(run)).toEqual(['started', 'pending.aborted']);
  });

  test('does not wait more than 4.9 s for discovery', () => {
    const run = runTo('stopping');
    run.listener.report(listenerDone);
    run.dialScheduler.report(dialSchedulerDone);
    run.clock.advance(4_899);
    expect(run.state()).toBe('stopping.discovery');
    run.clock.advance(1);
    expect(run.state()).toBe('stopped');
  });
});
