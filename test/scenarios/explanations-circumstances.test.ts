/** Explanations that need more than the state of an ending: who called, where, when it was a peer, and what we did. */
import { expect, test } from 'vitest';
import type { ServerEvent } from '../../src/api/server-events.ts';
import type { Outcome } from '../../src/explain/explain.ts';
import { DISCONNECT } from '../../src/io/wire/base-message.ts';
import { encodeDisconnect } from '../../src/io/wire/disconnect.ts';
import { echo } from '../../src/protocols/echo.ts';
import type { TcpConnection } from '../../src/testing/world/memory-tcp.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import { call, helloOf, host, join } from '../support/raw-peer-in-world.ts';
import { enodeOf, type Member, World } from '../support/world.ts';

type Ending = Extract<ServerEvent, Outcome>;

const endingsOf = (events: readonly ServerEvent[]): Ending[] =>
  events.filter(
    (event): event is Ending =>
      event.type === 'ended' ||
      event.type === 'drop' ||
      (event.type === 'dialFailed' && event.state !== 'setupFailed'),
  );

const lastExplained = ({ log }: Member) => endingsOf(log).at(-1)!.explanation;

async function listening(options: Parameters<World['add']>[1] = { protocols: [echo()] }) {
  const world = new World();
  const member = world.add(1, options);
  await world.start(member);
  return { world, member };
}

test('a caller that leaves after our Hello is a probe or a crawler', async () => {
  const { world, member } = await listening();
  const guest = await call(world, member, 2);
  guest.stream.duplex.end();
  await world.settle();
  expect(lastExplained(member)).toMatchObject({
    verdict: 'The caller left without a Hello once ours was sent: a probe or a crawler.',
    remedy: 'Nothing: it happens to every open port.',
    confidence: 'likely',
  });
  await world.end();
});

test('a caller that leaves long after our Hello gave up waiting', async () => {
  const { world, member } = await listening();
  const guest = await call(world, member, 2);
  await world.advance(4_500, 500);
  guest.stream.duplex.end();
  await world.settle();
  expect(lastExplained(member)).toMatchObject({
    verdict: expect.stringMatching(/^The caller left without a Hello \d s .* gave up waiting\.$/),
    confidence: 'likely',
  });
  await world.end();
});

test('a caller that leaves within seconds of becoming a peer may be a crawler', async () => {
  const { world, member } = await listening();
  const guest = await join(world, member, 2);
  guest.stream.duplex.end();
  await world.settle();
  expect(lastExplained(member)).toMatchObject({
    verdict: expect.stringContaining('a crawler'),
    confidence: 'possible',
  });
  await world.end();
});

test('a node that was our peer and does not answer our auth is frozen or overloaded', async () => {
  const { world, member } = await listening();
  const { guests } = host(world, 2);
  member.server.addPeer(enodeOf(2));
  await world.settle();
  guests[0]!.sendHello(helloOf(2));
  await world.settle();
  await world.advance(31_000); // nothing comes: we drop it
  expect(lastExplained(member).verdict).toBe('No complete message came from them for 30 s.');
  world.network.attach({ host: '192.0.2.1', port: 30_002 }, ({ duplex }) => void duplex.resume());
  while (endingsOf(member.log).at(-1)!.state !== 'failed.encHandshakeTimeout')
    await world.advance(1_000);
  const { verdict, confidence, evidence } = lastExplained(member);
  expect(verdict).toMatch(/^They were our peer \d+ s ago, so key and port are right: .* frozen/);
  expect(confidence).toBe('likely');
  expect(evidence).toContainEqual(expect.stringMatching(/^it was our peer until \d+ s before$/));
  await world.end();
});

test('a peer that hangs up while this process stands still did not wait for it', async () => {
  const connections: TcpConnection[] = [];
  const world = createWorld({
    seed: 3,
    crypto: 'fast',
    link: { latencyMs: 20 },
    onConnection: (connection) => connections.push(connection),
  });
  const hub = world.node({ protocols: [echo()] });
  const other = world.node({ protocols: [echo()] });
  await world.start(hub, other);
  other.server.addPeer(hub.enode);
  await world.until(() => hub.server.peerCount === 1);
  await world.run('20s');
  hub.clock.leap(40_000);
  await world.run('1s');
  connections[0]!.a.destroy();
  await world.run('1s');
  const { verdict, evidence } = endingsOf(hub.events).at(-1)!.explanation;
  expect(verdict).toMatch(/^Our own process stood still for at least \d+ s just before/);
  expect(evidence).toContainEqual(
    expect.stringMatching(/^our process stood still for \d+ ms or more, until \d+ ms before$/),
  );
  await world.end();
});

test.for([
  ['before their Hello', false],
  ['after their Hello', true],
] as const)('they refuse us as useless %s, and we offer no protocol', async ([, hasHello]) => {
  const { world, member } = await listening({ protocols: [] });
  const guest = hasHello ? await join(world, member, 2) : await call(world, member, 2);
  if (hasHello) guest.sendCompressed(DISCONNECT, encodeDisconnect('uselessPeer'));
  else guest.sendDisconnect('uselessPeer');
  await world.settle();
  await world.advance(3_000);
  expect(lastExplained(member)).toMatchObject({
    verdict: 'We offer no protocol, so we are of no use to them.',
    remedy: expect.stringContaining('--echo'),
    confidence: 'certain',
    evidence: expect.arrayContaining(['we offer no protocol']),
  });
  await world.end();
});
