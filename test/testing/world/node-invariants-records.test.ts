/** What the invariants of one node keep, and which limits they check, from inspection events that the test makes up. */
import { expect, test } from 'vitest';
import { NodeInvariants } from '../../../src/testing/world/node-invariants.ts';
import { settledHeap } from '../../fuzz/watchdog.ts';

type Direction = 'inbound' | 'dynamic';
type Sent = { readonly type: string; readonly [field: string]: unknown };
type Actor = { readonly id: string; readonly getSnapshot: () => unknown };

const RULES = { self: 'ourselves', maxPeers: 9, maxInbound: 9, isStaticExempt: false };
const DIAL_RULES = { maxDialed: 9, maxActive: 9, isStaticExempt: false };

function checked(dialRules: Partial<typeof DIAL_RULES> = {}) {
  const violated: string[] = [];
  const invariants = new NodeInvariants({
    now: () => 0,
    onViolated: ({ invariant, detail }) => violated.push(`${invariant}: ${detail}`),
  });
  const inspect = (event: object) => invariants.inspect(event as never);
  const scheduler: Actor = {
    id: 'dialScheduler',
    getSnapshot: () => ({
      status: 'active',
      matches: () => false,
      context: {
        facts: { peers: new Map(), dialing: new Map() },
        rules: { ...DIAL_RULES, ...dialRules },
      },
    }),
  };
  const server: Actor = {
    id: 'server',
    getSnapshot: () => ({ children: { dialScheduler: scheduler } }),
  };
  const send = (sourceRef: Actor, actorRef: Actor, event: Sent) =>
    inspect({ type: '@xstate.event', sourceRef, actorRef, event });
  const process = (actorRef: Actor, event: Sent, snapshot: unknown) =>
    inspect({ type: '@xstate.microstep', actorRef, event, snapshot, _transitions: [] });
  return {
    ...{ violated, server, scheduler, inspect, send, process },
    /** The server has these peers. */
    admit: (directions: Readonly<Record<string, Direction>>, rules: Partial<typeof RULES> = {}) => {
      const entries = Object.entries(directions).map(
        ([id, direction]) => [id, { id, direction, connectionId: `${id} 1` }] as const,
      );
      const context = {
        peers: new Map(entries),
        trusted: new Set(),
        input: { rules: { ...RULES, ...rules } },
      };
      process(server, { type: 'some.event' }, { value: 'active', context });
    },
    dial: (id: string) =>
      send(scheduler, server, { type: 'dial.wanted', target: { id }, direction: 'dynamic' }),
  };
}

const actorOf = (id: string): Actor => ({ id, getSnapshot: () => null });

test('a node has no more peers than allowed', () => {
  const { violated, admit } = checked();
  admit({ a: 'dynamic', b: 'dynamic' }, { maxPeers: 2 });
  expect(violated).toEqual([]);
  admit({ a: 'dynamic', b: 'dynamic', c: 'dynamic' }, { maxPeers: 2 });
  expect(violated).toEqual(['1: c makes 3 peers, limit 2']);
});

test('a node has no more inbound peers than allowed', () => {
  const { violated, admit } = checked();
  admit({ a: 'inbound', b: 'dynamic', c: 'dynamic' }, { maxInbound: 1 });
  expect(violated).toEqual([]);
  admit({ a: 'inbound', b: 'dynamic', d: 'inbound' }, { maxInbound: 1 });
  expect(violated).toEqual(['1: d makes 2 inbound, limit 1']);
});

test('a node has no more dials at once than allowed', () => {
  const { violated, dial } = checked({ maxActive: 1 });
  dial('a');
  expect(violated).toEqual([]);
  dial('b');
  expect(violated).toEqual(['6: 2 dials, limit 1']);
});

test('a static node that was removed may be dialled at once', () => {
  const { violated, dial, process, scheduler } = checked();
  dial('a');
  process(scheduler, { type: 'dial.ended', id: 'a' }, {});
  process(scheduler, { type: 'static.remove', id: 'a' }, {});
  dial('a');
  expect(violated).toEqual([]);
});

test('a peer that was removed has to be reported to the scheduler again', () => {
  const { violated, send, server, scheduler, admit } = checked();
  const connection = actorOf('connectionSetup:1');
  const accept = () => {
    const candidate = { id: 'a', connectionId: 'a 1' };
    send(connection, server, { type: 'checkpoint.addPeer', candidate });
    admit({ a: 'dynamic' });
    send(server, connection, { type: 'accept' });
  };
  send(server, scheduler, { type: 'peer.added', id: 'a', direction: 'dynamic' });
  accept();
  expect(violated).toEqual([]);
  send(server, scheduler, { type: 'peer.removed', id: 'a' });
  accept();
  expect(violated).toEqual(['2: a was accepted and not reported to the scheduler']);
});

test('a connection waits for one answer', () => {
  const { violated, send, server, admit } = checked();
  const connection = actorOf('connectionSetup:1');
  const candidate = { id: 'a', connectionId: 'a 1' };
  send(connection, server, { type: 'checkpoint.addPeer', candidate });
  admit({});
  send(server, connection, { type: 'reject.tooManyPeers' });
  send(server, connection, { type: 'accept' });
  expect(violated).toEqual([]);
});

test('a connection is forgotten with its peer', () => {
  const { violated, send, server } = checked();
  const [peer, link] = [actorOf('peer:1'), actorOf('link')];
  send(peer, link, { type: 'send.disconnect' });
  send(peer, server, { type: 'peer.dropped', connectionId: '1' });
  send(peer, link, { type: 'send.ping' });
  expect(violated).toEqual([]);
});

test('a new listener has all its slots', () => {
  const { violated, inspect } = checked();
  const hold = (actorRef: Actor, used: number) =>
    inspect({
      type: '@xstate.snapshot',
      ...{ actorRef, event: { type: 'some.event' } },
      snapshot: { context: { held: { next: used + 1, used }, slots: 5 } },
    });
  hold(actorOf('listener'), 2);
  hold(actorOf('listener'), 0);
  expect(violated).toEqual([]);
});

test('old events are not held', async () => {
  const { violated, process, dial } = checked({ maxActive: 0 });
  const actor = actorOf('peer:1');
  const step = () => {
    const event = { type: 'some.event' };
    process(actor, event, { value: 'active' });
    return new WeakRef(event);
  };
  const old = step();
  for (let steps = 0; steps < 1_000; steps += 1) step();
  await new Promise((resolve) => setImmediate(resolve));
  await settledHeap();
  expect(old.deref()).toBeUndefined();
  dial('a'); // which is still checked
  expect(violated).toEqual(['6: 1 dials, limit 0']);
});
