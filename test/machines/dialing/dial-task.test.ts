import { describe, expect, test } from 'vitest';
import type { EventObject } from 'xstate';
import type { ResolverEvent } from '../../../src/io/adapters/host-resolver.ts';
import type { DialerEvent } from '../../../src/io/adapters/tcp-dialer.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import type { ConnectionSetupOutput } from '../../../src/machines/connection/connection.ts';
import type { DialFailure } from '../../../src/machines/dialing/dial-failures.ts';
import {
  CONNECT_TIMEOUT_MS,
  type DialTarget,
  dialTaskMachine,
  HOST_LOOKUP_TIMEOUT_MS,
  SETTING_UP_TIMEOUT_MS,
} from '../../../src/machines/dialing/dial-task.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { brokenActor } from '../../support/broken-actor.ts';
import { dummyStream } from '../../support/dummy-stream.ts';
import { runMachine } from '../../support/run-machine.ts';

const target: DialTarget = {
  id: 'cd'.repeat(32),
  publicKey: 'ab'.repeat(64),
  host: '192.0.2.9',
  hostKind: 'ipv4',
  tcpPort: 30303,
};
const named: DialTarget = { ...target, host: 'node.example', hostKind: 'name' };
const nowhere: DialTarget = { ...target, host: '', hostKind: 'none', tcpPort: 0 };
const to = (node: DialTarget, isInNetRestrict = (_host: string) => true) =>
  ({ target: node, direction: 'static', mayResolve: false, isInNetRestrict }) as const;
const stream = dummyStream(30303);
const connected: DialerEvent = { type: 'socket.connected', stream };

const setupEnded = (outcome: ConnectionSetupOutput['outcome'], state: string) =>
  ({ type: 'setup.ended', result: { outcome, state } }) as const;

/** How an attempt comes to each end short of a peer, and what it says about it. */
const FAILURES = {
  noTcpPort: () => runDial({ ...target, tcpPort: 0 }),
  nodeNotFound: () => runDial(nowhere),
  hostNotFound: () => {
    const run = runDial(named);
    run.resolver.report({ type: 'host.notFound', detail: 'ENOTFOUND' });
    return { ...run, detail: 'ENOTFOUND' };
  },
  hostLookupFailed: () => {
    const run = runDial(named);
    run.resolver.report({ type: 'host.lookupFailed', detail: 'ESERVFAIL' });
    return { ...run, detail: 'ESERVFAIL' };
  },
  hostLookupTimeout: () => waited(runDial(named), HOST_LOOKUP_TIMEOUT_MS),
  notInNetRestrict: () => runDial(target, (host) => host !== target.host),
  connectionRefused: () => reported({ type: 'connect.refused', detail: 'ECONNREFUSED' }),
  unreachable: () => reported({ type: 'connect.unreachable', detail: 'EHOSTUNREACH' }),
  connectTimeout: () => waited(runDial(target), CONNECT_TIMEOUT_MS),
  lostAtOnce: () => reported({ type: 'connect.lost', detail: 'ECONNRESET' }),
  connectFailed: () => reported({ type: 'connect.failed', detail: 'EACCES' }),
  setupFailed: () => {
    const run = runSetUp();
    run.send(setupEnded('rejected', 'rejected.tooManyPeers'));
    return { ...run, detail: 'rejected.tooManyPeers' };
  },
  setupTimeout: () => waited(runSetUp(), SETTING_UP_TIMEOUT_MS),
  alreadyConnected: () => {
    const run = runDial(target);
    run.send({ type: 'supersede' });
    return run;
  },
  cancelled: () => {
    const run = runDial(target);
    run.send({ type: 'stop' });
    return run;
  },
} as const satisfies Record<DialFailure, () => DialRun & { readonly detail?: string }>;

describe('an attempt that fails', () => {
  for (const [outcome, reach] of Object.entries<() => DialRun & { detail?: string }>(FAILURES))
    test(`ends as ${outcome}`, () => {
      const run = reach();
      expect(run.state()).toBe(outcome);
      expect(run.output()).toMatchObject({ outcome, detail: run.detail ?? '' });
      expect(run.clock.pending).toBe(0);
      expect([run.resolver.live, run.dialer.live]).toEqual([0, 0]);
    });

  for (const outcome of ['refused', 'failed'] as const)
    test(`has no peer either when its setup was ${outcome}`, () => {
      const run = runSetUp();
      run.send(setupEnded(outcome, `${outcome}.somehow`));
      expect(run.output()).toMatchObject({ outcome: 'setupFailed', detail: `${outcome}.somehow` });
    });
});

describe('an attempt that reaches a peer', () => {
  test('dials an address at once, without a lookup', () => {
    const run = runDial(target);
    expect(run.trail).toEqual(['checkingEndpoint', 'connecting']);
    expect(run.resolver.inputs).toEqual([]);
    expect(run.dialer.inputs).toEqual([{ host: '192.0.2.9', port: 30303 }]);
  });

  test('an IPv6 address too', () => {
    const run = runDial({ ...target, host: '2001:db8::9', hostKind: 'ipv6' });
    expect(run.dialer.inputs).toEqual([{ host: '2001:db8::9', port: 30303 }]);
  });

  test('looks a name up and dials what it finds', () => {
    const run = runDial(named);
    expect(run.state()).toBe('lookingUpHost');
    expect(run.resolver.inputs).toEqual(['node.example']);
    run.resolver.report({ type: 'host.found', address: '198.51.100.7' });
    expect(run.state()).toBe('connecting');
    expect(run.resolver.live).toBe(0);
    expect(run.dialer.inputs).toEqual([{ host: '198.51.100.7', port: 30303 }]);
    run.send({ type: 'stop' });
    expect(run.output()?.address).toEqual({ host: '198.51.100.7', port: 30303 });
  });

  test('hands the socket over exactly once and waits for its setup', () => {
    const run = runDial(target);
    run.dialer.report(connected);
    run.dialer.report(connected);
    expect(run.state()).toBe('settingUp');
    expect(run.emitted).toEqual([{ type: 'socket.ready', stream }]);
    expect(run.dialer.live).toBe(0);
  });

  test('is done when the setup is', () => {
    const run = runSetUp();
    run.send(setupEnded('admitted', 'admitted'));
    expect(run.state()).toBe('done');
    expect(run.output()).toEqual({
      outcome: 'done',
      address: { host: '192.0.2.9', port: 30303 },
      resolution: null,
    });
    expect(run.clock.pending).toBe(0);
  });
});

describe('a node outside of NetRestrict', () => {
  const inside = (host: string) => host === '198.51.100.7';

  test('R10: is never connected to', () => {
    const run = runDial(target, inside);
    expect(run.trail).toEqual(['checkingEndpoint', 'notInNetRestrict']);
    expect([run.resolver.inputs, run.dialer.inputs]).toEqual([[], []]);
  });
  test('R10: is recognised by the address of its name, which the outcome has', () => {
    const run = runDial(named, inside);
    run.resolver.report({ type: 'host.found', address: '203.0.113.1' });
    expect(run.trail).toEqual([
      'checkingEndpoint',
      'lookingUpHost',
      'checkingAddress',
      'choosingAddress',
      'notInNetRestrict',
    ]);
    expect(run.dialer.inputs).toEqual([]);
    expect(run.output()).toEqual({
      outcome: 'notInNetRestrict',
      address: { host: '203.0.113.1', port: 30303 },
      detail: '',
      resolution: null,
      tried: [{ host: '203.0.113.1', port: 30303, failure: 'notInNetRestrict', detail: '' }],
    });
  });

  test('is not one whose name leads inside: names are looked up before they are checked', () => {
    const run = runDial(named, inside);
    run.resolver.report({ type: 'host.found', address: '198.51.100.7' });
    expect(run.dialer.inputs).toEqual([{ host: '198.51.100.7', port: 30303 }]);
    run.send({ type: 'stop' });
  });

  test('cannot be where there is no restriction', () => {
    const dialer = new FakeActor<EventObject, DialerEvent, Endpoint>();
    const machine = dialTaskMachine.provide({ actors: { dialer: dialer.logic } });
    const run = runMachine(machine, to(target));
    expect(run.state()).toBe('connecting');
    run.send({ type: 'stop' });
  });
});

describe('deadlines', () => {
  test('are what the design says', () => {
    const all = [HOST_LOOKUP_TIMEOUT_MS, CONNECT_TIMEOUT_MS, SETTING_UP_TIMEOUT_MS];
    expect(all).toEqual([5_000, 15_000, 30_000]);
  });

  const cases: [sentence: string, start: () => DialRun, state: string, ms: number, end: string][] =
    [
      [
        'a lookup has 5 s',
        () => runDial(named),
        'lookingUpHost',
        HOST_LOOKUP_TIMEOUT_MS,
        'hostLookupTimeout',
      ],
      [
        'a connect has 15 s',
        () => runDial(target),
        'connecting',
        CONNECT_TIMEOUT_MS,
        'connectTimeout',
      ],
      ['a setup has 30 s', runSetUp, 'settingUp', SETTING_UP_TIMEOUT_MS, 'setupTimeout'],
    ];
  for (const [sentence, begin, state, ms, end] of cases)
    test(sentence, () => {
      const run = begin();
      run.clock.advance(ms - 1);
      expect(run.state()).toBe(state);
      run.clock.advance(1);
      expect(run.output()?.outcome).toBe(end);
    });

  test('a connect has its 15 s however long the lookup took', () => {
    const run = runDial(named);
    run.clock.advance(HOST_LOOKUP_TIMEOUT_MS - 1);
    run.resolver.report({ type: 'host.found', address: '198.51.100.7' });
    run.clock.advance(CONNECT_TIMEOUT_MS - 1);
    expect(run.state()).toBe('connecting');
    run.clock.advance(1);
    expect(run.output()?.outcome).toBe('connectTimeout');
  });
});

describe('stop', () => {
  test('ends a lookup at once', () => {
    const run = runDial(named);
    run.send({ type: 'stop' });
    expect(run.output()?.outcome).toBe('cancelled');
    expect(run.resolver.live).toBe(0);
    run.resolver.report({ type: 'host.found', address: '198.51.100.7' });
    expect(run.dialer.inputs).toEqual([]);
  });

  test('ends a connect at once, and a late socket is not used', () => {
    const run = runDial(target);
    run.send({ type: 'stop' });
    expect(run.output()?.outcome).toBe('cancelled');
    expect(run.dialer.live).toBe(0);
    run.dialer.report(connected);
    expect(run.emitted).toEqual([]);
  });

  test('leaves a setup to end by itself, and reports that end', () => {
    const run = runSetUp();
    run.send({ type: 'stop' });
    expect(run.state()).toBe('settingUp');
    run.send(setupEnded('rejected', 'rejected.serverStopped'));
    const detail = 'rejected.serverStopped';
    expect(run.output()).toMatchObject({ outcome: 'setupFailed', detail });
  });

  test('but not for longer than the backstop', () => {
    const run = runSetUp();
    run.send({ type: 'stop' });
    run.clock.advance(SETTING_UP_TIMEOUT_MS);
    expect(run.output()?.outcome).toBe('setupTimeout');
    expect(run.emitted.at(-1)).toEqual({ type: 'setup.unwanted' }); // its socket must not outlive it
  });
});

describe('an adapter that breaks', () => {
  const broken = { resolver: brokenActor<EventObject, string>() };
  test('fails a lookup', () => {
    const run = runMachine(dialTaskMachine.provide({ actors: broken }), to(named));
    expect(run.output()).toMatchObject({ outcome: 'hostLookupFailed', resolution: null });
  });

  test('fails a connect', () => {
    const dialer = brokenActor<EventObject, Endpoint>();
    const run = runMachine(dialTaskMachine.provide({ actors: { dialer } }), to(target));
    expect(run.output()).toMatchObject({ outcome: 'connectFailed', resolution: null });
  });
});

type DialRun = ReturnType<typeof runDial>;

function runDial(node: DialTarget, isInside: (host: string) => boolean = () => true) {
  const resolver = new FakeActor<EventObject, ResolverEvent, string>();
  const dialer = new FakeActor<EventObject, DialerEvent, Endpoint>();
  const machine = dialTaskMachine.provide({
    actors: { resolver: resolver.logic, dialer: dialer.logic },
  });
  return {
    ...runMachine(machine, to(node, isInside)),
    resolver,
    dialer,
  };
}

function runSetUp(): DialRun {
  const run = runDial(target);
  run.dialer.report(connected);
  return run;
}

function waited(run: DialRun, ms: number): DialRun {
  run.clock.advance(ms);
  return run;
}

function reported(event: Exclude<DialerEvent, { type: 'socket.connected' }>) {
  const run = runDial(target);
  run.dialer.report(event);
  return { ...run, detail: event.detail };
}
