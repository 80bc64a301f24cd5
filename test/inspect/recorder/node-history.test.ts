import { expect, test } from 'vitest';
import type { ServerEvents } from '../../../src/api/server-events.ts';
import { NodeHistory } from '../../../src/inspect/recorder/node-history.ts';
import { someEnded } from '../../cli/some-reports.ts';
import { settledHeap } from '../../fuzz/watchdog.ts';
import { enodeOf, type Member, meet, World } from '../../support/world.ts';

const historyOf = ({ server }: Member, { clock }: World): NodeHistory =>
  new NodeHistory({ server, clock });

/** A server of which a test says the events. */
function scripted(world: World) {
  const a = world.add(1);
  const listeners = new Map<string, (event: never) => void>();
  const on = (type: string, listener: (event: never) => void) => {
    listeners.set(type, listener);
    return () => listeners.delete(type);
  };
  const server = { actor: a.server.actor, peers: [], on } as never;
  const history = new NodeHistory({ server, clock: world.clock });
  const say = <Type extends keyof ServerEvents>(type: Type, event: ServerEvents[Type]) =>
    listeners.get(type)?.({ type, ...event } as never);
  return { history, say, listeners };
}

const ended = (state: string, rest: Partial<ServerEvents['ended']> = {}): ServerEvents['ended'] =>
  ({ ...someEnded, state, ...rest }) as ServerEvents['ended'];

test('the latest result and address of a node, with its age', async () => {
  const world = new World();
  const a = world.add(1, { staticNodes: [enodeOf(9)] });
  const history = historyOf(a, world);
  await world.start(a);
  const [id] = a.server.actor.getSnapshot().context.input.dial.statics.map((node) => node.id);
  await world.advance(4_000);
  expect(history.addressOf(id!)).toBe('192.0.2.1:30009');
  expect(history.resultOf(id!)).toEqual({
    state: 'connectionRefused',
    did: 'refused',
    why: '',
    msAgo: 4_000,
  });
  expect(history.facts().lastDial).toEqual(history.resultOf(id!));
  expect([history.addressOf('x'), history.resultOf('x')]).toEqual(['', null]);
  history.close();
  await world.end();
});

test('the peers that a running server has when it is attached', async () => {
  const { world, a, b } = await meet();
  expect(historyOf(a, world).resultOf(b.key.id)?.did).toBe('connected');
  expect(historyOf(b, world).facts().inboundCalls).toBe(1);
  await world.end();
});

test('a failed dial has the result of the connection that it made', async () => {
  const world = new World();
  const { history, say } = scripted(world);
  const remote = { host: '192.0.2.9', port: 1 };
  const target = {
    id: 'ab',
    publicKey: '',
    hostKind: 'ipv4',
    tcpPort: 1,
    host: '192.0.2.9',
  } as const;
  const failed = { target, address: remote, state: 'setupFailed', detail: '' } as const;
  say('ended', ended('refused.tooManyPeers', { direction: 'static', remote }));
  say('dialFailed', { ...failed, explanation: someEnded.explanation });
  expect(history.resultOf('ab')?.state).toBe('refused.tooManyPeers');
  say('dialFailed', { ...failed, state: 'cancelled', explanation: someEnded.explanation });
  expect(history.resultOf('ab')?.state).toBe('refused.tooManyPeers');
  const elsewhere = { host: '192.0.2.8', port: 1 };
  say('dialFailed', { ...failed, address: elsewhere, explanation: someEnded.explanation });
  expect(history.resultOf('ab')?.state).toBe('setupFailed');
  await world.end();
});

test('endings of the last five minutes, without those that were asked for; twenty at most', async () => {
  const world = new World();
  const { history, say } = scripted(world);
  say('ended', ended('failed.undecryptable'));
  say('ended', ended('rejected.serverStopped'));
  expect(history.facts().recentEndings).toEqual(['failed.undecryptable']);
  world.clock.advance(300_000);
  expect(history.facts().recentEndings).toEqual([]);
  for (let time = 0; time < 50; time += 1) say('ended', ended('rejected.uselessPeer'));
  expect(history.facts().recentEndings).toHaveLength(20);
  await world.end();
});

test('connections that found no place in the last minute, and no longer after it', async () => {
  const world = new World();
  const { history, say } = scripted(world);
  const counts: number[] = [];
  for (let second = 0; second < 100; second += 1) {
    if (second < 30) say('ended', ended('rejected.tooManyPeers'));
    counts.push(history.facts().turnedAwayFull);
    world.clock.advance(1_000);
  }
  expect([counts[29], counts[59], counts[60], counts[88], counts[89]]).toEqual([30, 30, 29, 1, 0]);
  world.clock.advance(10_000_000);
  say('ended', ended('rejected.tooManyPeers'));
  say('ended', ended('rejected.tooManyPeers', { direction: 'static' }));
  expect(history.facts().turnedAwayFull).toBe(1);
  await world.end();
});

test('at most 2,000 nodes are remembered, those dialled last', async () => {
  const world = new World();
  const { history, say } = scripted(world);
  for (let node = 0; node < 2_500; node += 1) {
    const target = { publicKey: '', hostKind: 'ipv4', tcpPort: 1, host: '192.0.2.9' } as const;
    const address = { host: target.host, port: 1 };
    const id = `${node}`;
    const { explanation } = someEnded;
    say('dialFailed', {
      ...{ target: { id, ...target }, address, state: 'connectTimeout', detail: '', explanation },
    });
  }
  expect([history.resultOf('499'), history.addressOf('499')]).toEqual([null, '']);
  expect([history.resultOf('500')?.did, history.addressOf('500')]).toEqual([
    'no answer',
    '192.0.2.9:1',
  ]);
  await world.end();
});

test('a closed history observes nothing more', async () => {
  const world = new World();
  const { history, listeners } = scripted(world);
  expect(listeners.size).toBe(5);
  history.close();
  expect(listeners.size).toBe(0);
  await world.end();
});

test('a node that is dialled again is among the latest', async () => {
  const world = new World();
  const { history, say } = scripted(world);
  const dial = (node: number) =>
    say('dialFailed', {
      target: { id: `${node}`, publicKey: '', hostKind: 'ipv4', tcpPort: 1, host: '192.0.2.9' },
      address: { host: '192.0.2.9', port: 1 },
      ...{ state: 'connectTimeout', detail: '', explanation: someEnded.explanation },
    });
  for (let node = 0; node < 2_000; node += 1) dial(node);
  dial(0);
  dial(2_000);
  expect([history.resultOf('0') === null, history.resultOf('1')]).toEqual([false, null]);
  await world.end();
});

test('a closed history is not held by a server that goes on', async () => {
  const world = new World();
  const a = world.add(1);
  const open = () => {
    const history = historyOf(a, world);
    history.close();
    return new WeakRef(history);
  };
  const left = open();
  await new Promise((resolve) => setImmediate(resolve));
  await settledHeap();
  expect(left.deref()).toBeUndefined();
  await world.start(a);
  await world.end();
});
