/** The explanation in an event of a server, and the same one in its log. */
import { expect, test } from 'vitest';
import type { ServerEvent } from '../../src/api/server-events.ts';
import { explain, type Outcome } from '../../src/explain/explain.ts';
import { echo } from '../../src/protocols/echo.ts';
import { recorder } from '../support/log-recorder.ts';
import { call, connectOnly, join } from '../support/raw-peer-in-world.ts';
import { enodeOf, type Member, meet, World } from '../support/world.ts';

type Told = Extract<ServerEvent, Outcome>;

/** The last end it was told of. */
function last({ log }: Member): Told {
  const event = log.findLast(
    (some): some is Told =>
      some.type === 'ended' || some.type === 'dialFailed' || some.type === 'drop',
  )!;
  expect(event.explanation).toEqual(explain(event));
  return event;
}

test('a dropped peer: duration, bytes and cause', async () => {
  const { lines, logger } = recorder('debug');
  const { world, a, b } = await meet({ a: { logger } });
  await world.advance(7_000);
  await world.stop(b);
  const drop = last(a);
  expect(drop).toMatchObject({
    ...{ type: 'drop', state: 'ending.refused.clientQuitting', ms: 7_000 },
    explanation: { confidence: 'likely', evidence: expect.arrayContaining(['shared: echo/1']) },
  });
  const { bytesIn, bytesOut } = drop as Extract<Told, { type: 'drop' }>;
  expect(world.network.connections[0]!.delivered).toMatchObject({ bToA: bytesIn });
  expect(bytesOut).toBeGreaterThan(500); // auth and Hello
  expect(lines.find(({ msg }) => msg === 'peer dropped')).toMatchObject({
    why: drop.explanation.verdict,
  });
  await world.end();
});

test('the duration of a peer ends when the Disconnect is sent', async () => {
  const world = new World();
  const deaf = { ...echo(), run: () => new Promise<void>(() => {}) }; // waited for
  const a = world.add(1, { protocols: [deaf] });
  await world.start(a);
  await join(world, a, 2);
  await world.advance(1_000);
  a.server.peers[0]!.disconnect('requested');
  await world.advance(10_000);
  expect(last(a)).toMatchObject({ type: 'drop', state: 'ending.rejected.requested', ms: 1_000 });
  await world.end();
});

test('deliberate churn after ten minutes', async () => {
  const { world, a, b } = await meet();
  await world.advance(600_000, 5_000);
  b.server.peers[0]!.disconnect('requested');
  await world.settle();
  expect(last(a)).toMatchObject({
    state: 'ending.refused.requested',
    explanation: { verdict: expect.stringContaining('churn'), confidence: 'possible' },
  });
  await world.end();
});

test('a caller with our own key, and one that sent nothing', async () => {
  const { lines, logger } = recorder('debug');
  const world = new World();
  const a = world.add(1, { logger });
  await world.start(a);
  await call(world, a, 1);
  await world.advance(3_000);
  const self = last(a);
  expect(self).toMatchObject({
    state: 'rejected.self',
    ms: 0,
    explanation: { confidence: 'certain', verdict: 'The other side has our own key.' },
  });
  connectOnly(world, a, 2).stream.destroy();
  await world.settle();
  expect(last(a)).toMatchObject({
    ...{ state: 'failed.connectionClosed', bytesIn: 0, bytesOut: 0, trailMs: [0, 0] },
    explanation: { verdict: expect.stringContaining('port scan') },
  });
  expect(lines.find(({ msg }) => msg === 'connection ended')).toMatchObject({
    why: self.explanation.verdict,
  });
  await world.end();
});

test('a failed dial', async () => {
  const { lines, logger } = recorder('debug');
  const world = new World();
  const a = world.add(1, { logger });
  await world.start(a);
  a.server.addPeer(enodeOf(2));
  await world.settle();
  const dial = last(a);
  expect(dial.explanation).toMatchObject({
    verdict: 'Nothing listens at that address and port.',
    confidence: 'certain',
  });
  expect(lines.find(({ msg }) => msg === 'dial failed')).toMatchObject({
    why: dial.explanation.verdict,
  });
  await world.end();
});

test('the time of each state of a connection', async () => {
  const world = new World();
  const a = world.add(1);
  await world.start(a);
  connectOnly(world, a, 2);
  await world.advance(5_000);
  expect(last(a)).toMatchObject({
    trail: ['encHandshake.awaitingAuth', 'failed.encHandshakeTimeout'],
    trailMs: [0, 5_000],
    ms: 5_000,
    explanation: { verdict: expect.stringContaining('sent nothing') },
  });
  await world.end();
});
