/** C10: a name with several addresses is tried at each of them. */
import { expect, test } from 'vitest';
import type { EventObject } from 'xstate';
import { explain } from '../../../src/explain/explain.ts';
import type { ResolverEvent } from '../../../src/io/adapters/host-resolver.ts';
import type { NodeResolverEvent } from '../../../src/io/adapters/node-resolver.ts';
import type { DialerEvent } from '../../../src/io/adapters/tcp-dialer.ts';
import { formatEnode, parseEnode } from '../../../src/io/crypto/enode.ts';
import type { Endpoint } from '../../../src/io/wire/endpoint.ts';
import {
  CONNECT_TIMEOUT_MS,
  type DialTarget,
  dialTaskMachine,
  MAX_DIAL_ADDRESSES,
} from '../../../src/machines/dialing/dial-task.ts';
import { echo } from '../../../src/protocols/echo.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { target } from '../../support/dial-input.ts';
import { dummyStream } from '../../support/dummy-stream.ts';
import { runMachine } from '../../support/run-machine.ts';
import { enodeOf, storyOf, World } from '../../support/world.ts';

const named: DialTarget = {
  ...target('a'),
  host: 'node.example',
  hostKind: 'name',
  tcpPort: 30303,
};
const refused: DialerEvent = { type: 'connect.refused', detail: 'ECONNREFUSED' };
const unreachable: DialerEvent = { type: 'connect.unreachable', detail: 'ENETUNREACH' };

/** The name has these addresses; 10.0.0.0/8 is outside of NetRestrict. */
function runAt([address = '', ...others]: readonly string[], mayResolve = false) {
  const resolver = new FakeActor<EventObject, ResolverEvent, string>();
  const dialer = new FakeActor<EventObject, DialerEvent, Endpoint>();
  const nodeResolver = new FakeActor<EventObject, NodeResolverEvent, DialTarget>();
  const actors = {
    resolver: resolver.logic,
    dialer: dialer.logic,
    nodeResolver: nodeResolver.logic,
  };
  const run = runMachine(dialTaskMachine.provide({ actors }), {
    target: named,
    direction: 'static',
    mayResolve,
    isInNetRestrict: (host: string) => !host.startsWith('10.'),
  });
  resolver.report({ type: 'host.found', address, others });
  const dialled = (): string[] => dialer.inputs.map(({ host }) => host);
  return { ...run, dialer, nodeResolver, dialled };
}

test('a name with several addresses is tried at each of them, in the order of the resolver', () => {
  const run = runAt(['127.0.0.1', '::1']);
  expect(run.dialled()).toEqual(['127.0.0.1']);
  run.dialer.report(refused);
  expect([run.state(), run.dialled(), run.dialer.live]).toEqual([
    'connecting',
    ['127.0.0.1', '::1'],
    1,
  ]);
  run.dialer.report({ type: 'socket.connected', stream: dummyStream(1) });
  expect(run.state()).toBe('settingUp');
  run.send({ type: 'setup.ended', result: { outcome: 'admitted', state: 'admitted' } });
  expect(run.output()).toMatchObject({ outcome: 'done', address: { host: '::1' } });
});

test('each attempt is a state of the chart, and its address is in the context', () => {
  const run = runAt(['127.0.0.1', '::1']);
  run.dialer.report(refused);
  const { address, untried, tried, addressCount } = run.actor.getSnapshot().context;
  expect([address.host, untried, tried.length, addressCount]).toEqual(['::1', [], 1, 2]);
  expect(run.trail).toEqual([
    'checkingEndpoint',
    'lookingUpHost',
    'checkingAddress',
    'connecting',
    'choosingAddress',
    'checkingAddress',
    'connecting',
  ]);
  run.send({ type: 'stop' });
});

test('the failure is the one that says most, and speaks of every address that was tried', () => {
  const run = runAt(['127.0.0.1', '2001:db8::1', '::1']);
  run.dialer.report(refused);
  run.dialer.report(unreachable);
  run.dialer.report(refused);
  const { outcome: state, ...output } = run.output() as never as {
    outcome: 'connectionRefused';
    address: Endpoint;
    detail: string;
    tried: [];
  };
  expect([state, output.address.host, output.detail]).toEqual([
    'connectionRefused',
    '127.0.0.1',
    'ECONNREFUSED',
  ]);
  const { verdict, evidence } = explain({ type: 'dialFailed', state, target: named, ...output });
  expect(verdict).toBe(
    'No address of the node took the connection: refused at 127.0.0.1:30303 and [::1]:30303; no route to [2001:db8::1]:30303.',
  );
  expect(evidence).toContain('refused at [::1]:30303');
});

test('an address that does not answer leaves time for the others', () => {
  const run = runAt(['192.0.2.1', '192.0.2.2']);
  run.clock.advance(CONNECT_TIMEOUT_MS / 2);
  expect(run.dialled()).toEqual(['192.0.2.1', '192.0.2.2']);
  run.clock.advance(CONNECT_TIMEOUT_MS / 2 - 1);
  expect(run.state()).toBe('connecting');
  run.clock.advance(1);
  expect(run.output()).toMatchObject({ outcome: 'connectTimeout', address: { host: '192.0.2.1' } });
});

test('an address outside of NetRestrict is left out, and the others are dialled', () => {
  const run = runAt(['10.0.0.1', '192.0.2.2', '10.0.0.2']);
  expect(run.dialled()).toEqual(['192.0.2.2']);
  run.dialer.report(refused);
  expect(run.dialled()).toEqual(['192.0.2.2']);
  expect(run.output()).toMatchObject({
    outcome: 'connectionRefused',
    tried: [{ host: '10.0.0.1', failure: 'notInNetRestrict' }, {}, { host: '10.0.0.2' }],
  });
});

test('a name with addresses outside of NetRestrict only is never dialled', () => {
  const run = runAt(['10.0.0.1', '10.0.0.2'], true);
  expect([run.output()?.outcome, run.dialled()]).toEqual(['notInNetRestrict', []]);
});

test('the node resolver is asked after the last address only, and its answer has the whole time', () => {
  const run = runAt(['192.0.2.1', '192.0.2.2'], true);
  run.dialer.report(refused);
  expect(run.state()).toBe('connecting');
  run.dialer.report(unreachable);
  expect(run.state()).toBe('resolving');
  run.nodeResolver.report({ type: 'node.found', host: '192.0.2.9', port: 1 });
  run.clock.advance(CONNECT_TIMEOUT_MS - 1);
  expect(run.state()).toBe('connecting');
  run.clock.advance(1);
  expect(run.output()).toMatchObject({
    outcome: 'connectTimeout',
    address: { host: '192.0.2.9', port: 1 },
  });
});

test('an answer of the node resolver that was tried before is none', () => {
  const run = runAt(['192.0.2.1', '192.0.2.2'], true);
  run.dialer.report(refused);
  run.dialer.report(unreachable);
  run.nodeResolver.report({ type: 'node.found', host: '192.0.2.2', port: 30303 });
  expect(run.output()).toMatchObject({
    outcome: 'connectionRefused',
    resolution: { type: 'notFound' },
  });
});

test('a resolver cannot make a dial try more than a few addresses, and each only once', () => {
  const many = Array.from({ length: 300 }, (_, i) => `192.0.2.${i % 250}`);
  const run = runAt(['192.0.2.0', ...many]);
  for (let i = 0; i < 300 && !run.isOver(); i += 1) run.dialer.report(refused);
  expect(new Set(run.dialled()).size).toBe(MAX_DIAL_ADDRESSES);
  expect(run.dialled()).toHaveLength(MAX_DIAL_ADDRESSES);
});

test('a server reaches a node at the second address of its name', async () => {
  const world = new World();
  const b = world.add(2, { protocols: [echo()] });
  await world.start(b);
  const resolver = new FakeActor<EventObject, ResolverEvent, string>();
  const node = formatEnode({ ...parseEnode(enodeOf(2)), host: 'node.example', hostKind: 'name' });
  const a = world.add(1, {
    protocols: [echo()],
    staticNodes: [node],
    ports: { resolver: resolver.logic },
  });
  await world.start(a);
  resolver.report({ type: 'host.found', address: '::1', others: ['192.0.2.1'] });
  await world.settle();
  expect(storyOf(a)).toEqual(['add']);
  await world.stop(a);
  await world.stop(b);
  await world.end();
});
