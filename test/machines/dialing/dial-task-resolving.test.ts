/** A dial that asks where its node is now, and one that is overtaken by another connection. */
import { describe, expect, test } from 'vitest';
import type { EventObject } from 'xstate';
import type { ResolverEvent } from '../../../src/io/adapters/host-resolver.ts';
import type { NodeResolverEvent } from '../../../src/io/adapters/node-resolver.ts';
import type { DialerEvent } from '../../../src/io/adapters/tcp-dialer.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import {
  CONNECT_TIMEOUT_MS,
  type DialTarget,
  dialTaskMachine,
  HOST_LOOKUP_TIMEOUT_MS,
  RESOLVE_TIMEOUT_MS,
} from '../../../src/machines/dialing/dial-task.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { brokenActor } from '../../support/broken-actor.ts';
import { target } from '../../support/dial-input.ts';
import { dummyStream } from '../../support/dummy-stream.ts';
import { runMachine } from '../../support/run-machine.ts';

const node = target('a');
const here = { host: node.host, port: node.tcpPort };
const there = { host: '198.51.100.7', port: 30304 };
const named: DialTarget = { ...node, host: 'node.example', hostKind: 'name' };
const nowhere: DialTarget = { ...node, host: '', hostKind: 'none', tcpPort: 0 };
const stream = dummyStream(30303);
const found: NodeResolverEvent = { type: 'node.found', ...there };
const notFound: NodeResolverEvent = { type: 'node.notFound' };
const refused: DialerEvent = { type: 'connect.refused', detail: 'ECONNREFUSED' };

describe('a node without an address', () => {
  test('DialSchedResolve: is resolved before it is dialled', () => {
    const run = runDial(nowhere);
    expect([run.state(), run.nodeResolver.inputs]).toEqual(['resolving', [nowhere]]);
    run.nodeResolver.report(found);
    expect([run.state(), run.dialer.inputs]).toEqual(['connecting', [there]]);
    run.dialer.report(refused);
    expect(run.output()).toEqual({
      outcome: 'connectionRefused',
      address: there,
      detail: 'ECONNREFUSED',
      resolution: { type: 'found', ...there },
      tried: [{ ...there, failure: 'connectionRefused', detail: 'ECONNREFUSED' }],
    });
  });

  test('is not dialled when the resolver does not know it', () => {
    const run = runDial(nowhere);
    run.nodeResolver.report(notFound);
    expect(run.output()).toMatchObject({
      outcome: 'nodeNotFound',
      resolution: { type: 'notFound' },
    });
    expect(run.dialer.inputs).toEqual([]);
  });

  test('quirk 5: an answer without host or port counts as not found', () => {
    for (const answer of [
      { host: '', port: 0 },
      { host: '198.51.100.7', port: 0 },
      { host: '', port: 30303 },
    ]) {
      const run = runDial(nowhere);
      run.nodeResolver.report({ type: 'node.found', ...answer });
      expect(run.output()).toMatchObject({
        outcome: 'nodeNotFound',
        resolution: { type: 'notFound' },
      });
    }
  });

  test('is not resolved when that is not allowed', () => {
    const run = runDial(nowhere, false);
    expect(run.output()).toMatchObject({ outcome: 'nodeNotFound', resolution: null });
    expect(run.nodeResolver.inputs).toEqual([]);
  });
});

describe('a node that does not answer', () => {
  /** How it shows that a node may have moved. */
  const misses: [outcome: string, who: DialTarget, miss: (run: DialRun) => void][] = [
    ['connectionRefused', node, ({ dialer }) => dialer.report(refused)],
    ['unreachable', node, (run) => run.dialer.report({ type: 'connect.unreachable', detail: '' })],
    ['lostAtOnce', node, (run) => run.dialer.report({ type: 'connect.lost', detail: '' })],
    ['connectFailed', node, (run) => run.dialer.report({ type: 'connect.failed', detail: '' })],
    ['connectTimeout', node, ({ clock }) => clock.advance(CONNECT_TIMEOUT_MS)],
    ['hostNotFound', named, (run) => run.resolver.report({ type: 'host.notFound', detail: '' })],
    [
      'hostLookupFailed',
      named,
      (run) => run.resolver.report({ type: 'host.lookupFailed', detail: '' }),
    ],
    ['hostLookupTimeout', named, ({ clock }) => clock.advance(HOST_LOOKUP_TIMEOUT_MS)],
  ];
  for (const [outcome, who, miss] of misses) {
    test(`DialSchedResolve: ${outcome}: it is dialled once where it is found`, () => {
      const run = runDial(who);
      miss(run);
      expect(run.state()).toBe('resolving');
      run.nodeResolver.report(found);
      expect(run.dialer.inputs.at(-1)).toEqual(there);
      run.dialer.report({ type: 'socket.connected', stream });
      expect(run.emitted).toEqual([{ type: 'socket.ready', stream }]);
      run.send({
        type: 'setup.ended',
        result: { outcome: 'admitted', state: 'admitted' },
      });
      expect(run.output()).toMatchObject({
        outcome: 'done',
        address: there,
        resolution: { type: 'found', ...there },
      });
    });

    test(`${outcome}: it ends as that when it is not found`, () => {
      const run = runDial(who);
      miss(run);
      run.nodeResolver.report(notFound);
      expect(run.output()).toMatchObject({ outcome, resolution: { type: 'notFound' } });
      expect([run.clock.pending, run.nodeResolver.live]).toEqual([0, 0]);
    });

    test(`${outcome}: it ends as that at once when it may not be resolved`, () => {
      const run = runDial(who, false);
      miss(run);
      expect(run.output()).toMatchObject({ outcome, resolution: null });
    });
  }

  test('keeps the error of the operating system', () => {
    const run = searched();
    run.nodeResolver.report(notFound);
    expect(run.output()).toMatchObject({ detail: 'ECONNREFUSED', address: here });
  });

  test('is resolved once: a second failure is the last one', () => {
    const run = searched();
    run.nodeResolver.report(found);
    run.clock.advance(CONNECT_TIMEOUT_MS);
    expect(run.output()).toMatchObject({ outcome: 'connectTimeout', address: there, detail: '' });
    expect(run.nodeResolver.inputs).toHaveLength(1);
  });

  test('quirk 5: is not found when the answer is where it was dialled', () => {
    const run = searched();
    run.nodeResolver.report({ type: 'node.found', ...here });
    expect(run.output()).toMatchObject({
      outcome: 'connectionRefused',
      resolution: { type: 'notFound' },
    });
    expect(run.dialer.inputs).toHaveLength(1);
  });

  test('may have a new port, or a new host', () => {
    for (const move of [
      { ...here, port: 7 },
      { ...here, host: '203.0.113.1' },
    ]) {
      const run = searched();
      run.nodeResolver.report({ type: 'node.found', ...move });
      expect(run.dialer.inputs).toEqual([here, move]);
      run.send({ type: 'stop' });
    }
  });

  test('quirk 12: is not dialled where NetRestrict forbids, and that answer counts as none', () => {
    const run = searched();
    run.nodeResolver.report({ ...found, host: '10.0.0.1' });
    expect(run.output()).toEqual({
      outcome: 'notInNetRestrict',
      address: { ...there, host: '10.0.0.1' },
      detail: '',
      resolution: { type: 'notFound' },
      tried: [{ ...here, failure: 'connectionRefused', detail: 'ECONNREFUSED' }],
    });
  });

  test('has 15 s to be found', () => {
    const run = searched();
    run.clock.advance(RESOLVE_TIMEOUT_MS - 1);
    expect([RESOLVE_TIMEOUT_MS, run.state()]).toEqual([15_000, 'resolving']);
    run.clock.advance(1);
    expect(run.output()).toMatchObject({
      outcome: 'connectionRefused',
      resolution: { type: 'notFound' },
    });
  });

  test('a stop ends the search without a resolution', () => {
    const run = searched();
    run.send({ type: 'stop' });
    expect(run.output()).toMatchObject({ outcome: 'cancelled', resolution: null });
    expect(run.nodeResolver.live).toBe(0);
  });

  test('is not found when the resolver breaks', () => {
    const nodeResolver = brokenActor<EventObject, DialTarget>();
    const run = runMachine(dialTaskMachine.provide({ actors: { nodeResolver } }), {
      target: nowhere,
      direction: 'static',
      mayResolve: true,
      isInNetRestrict: () => true,
    });
    expect(run.output()).toMatchObject({ outcome: 'nodeNotFound' });
  });

  const adapters = [
    ['resolver', 'hostLookupFailed', named],
    ['dialer', 'connectFailed', node],
  ] as const;
  for (const [adapter, outcome, who] of adapters)
    test(`is resolved when the ${adapter} breaks, too`, () => {
      const nodeResolver = new FakeActor<EventObject, NodeResolverEvent, DialTarget>();
      const broken = { [adapter]: brokenActor(), nodeResolver: nodeResolver.logic };
      const run = runMachine(dialTaskMachine.provide({ actors: broken }), {
        target: who,
        direction: 'static',
        mayResolve: true,
        isInNetRestrict: () => true,
      });
      expect(run.state()).toBe('resolving');
      nodeResolver.report(notFound);
      expect(run.output()).toMatchObject({ outcome, resolution: { type: 'notFound' } });
    });

  test('is not resolved when it answered and its setup failed', () => {
    const run = connected();
    run.send({
      type: 'setup.ended',
      result: { outcome: 'refused', state: 'refused.tooManyPeers' },
    });
    expect(run.output()).toMatchObject({ outcome: 'setupFailed', resolution: null });
    expect(run.nodeResolver.inputs).toEqual([]);
  });
});

describe('a node that becomes a peer over another connection', () => {
  const before: [state: string, reach: () => DialRun][] = [
    ['lookingUpHost', () => runDial(named)],
    ['resolving', () => runDial(nowhere)],
    ['connecting', () => runDial(node)],
  ];
  for (const [state, reach] of before)
    test(`while ${state}: the dial ends in a state of its own`, () => {
      const run = reach();
      expect(run.state()).toBe(state);
      run.send({ type: 'supersede' });
      expect(run.output()?.outcome).toBe('alreadyConnected');
      expect([run.resolver.live, run.nodeResolver.live, run.dialer.live]).toEqual([0, 0, 0]);
      expect([run.emitted, run.clock.pending]).toEqual([[], 0]);
    });

  test('while settingUp: the setup is told, and reports its own end', () => {
    const run = connected();
    run.send({ type: 'supersede' });
    expect(run.state()).toBe('settingUp');
    expect(run.emitted.at(-1)).toEqual({ type: 'setup.superseded' });
    run.send({
      type: 'setup.ended',
      result: { outcome: 'failed', state: 'failed.aborted' },
    });
    expect(run.output()).toMatchObject({ outcome: 'setupFailed', detail: 'failed.aborted' });
  });
});

type DialRun = ReturnType<typeof runDial>;

/** Outside of NetRestrict is 10.0.0.0/8. */
function runDial(to: DialTarget, mayResolve = true) {
  const resolver = new FakeActor<EventObject, ResolverEvent, string>();
  const nodeResolver = new FakeActor<EventObject, NodeResolverEvent, DialTarget>();
  const dialer = new FakeActor<EventObject, DialerEvent, Endpoint>();
  const machine = dialTaskMachine.provide({
    actors: {
      resolver: resolver.logic,
      nodeResolver: nodeResolver.logic,
      dialer: dialer.logic,
    },
  });
  const run = runMachine(machine, {
    target: to,
    direction: 'static',
    mayResolve,
    isInNetRestrict: (host) => !host.startsWith('10.'),
  });
  return { ...run, resolver, nodeResolver, dialer };
}

/** Refused where it was dialled, and now looked for. */
function searched(): DialRun {
  const run = runDial(node);
  run.dialer.report(refused);
  expect(run.state()).toBe('resolving');
  return run;
}

function connected(): DialRun {
  const run = runDial(node);
  run.dialer.report({ type: 'socket.connected', stream });
  return run;
}
