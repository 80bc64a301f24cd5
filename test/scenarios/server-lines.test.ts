/** The log lines of a whole server. */
import { pino } from 'pino';
import { expect, test } from 'vitest';

import { recorder } from '../support/log-recorder.ts';
import { meet, World } from '../support/world.ts';

test('a server logs its start, its peers and its stop', async () => {
  const { lines, logger, messages } = recorder('debug');
  const { world, a, b } = await meet({ a: { logger } });
  await a.server.removePeer(b.enode);
  await world.stop(a);
  expect(messages()).toEqual(['started', 'peer added', 'peer dropped', 'stopped']);
  expect(lines.slice(1, 3)).toMatchObject([
    { conn: 'staticdial', peers: 1, addr: '192.0.2.1:30002' },
    { conn: 'staticdial', peers: 0, state: 'ending.rejected.requested', duration: 0 },
  ]);
  await world.end();
});

test('a server runs on with a logger that throws', async () => {
  const world = new World();
  const throws = (): never => {
    throw new Error('on purpose');
  };
  const logger = pino({ level: 'debug' }, { write: throws });
  const a = world.add(1, { logger });
  const b = world.add(2);
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.settle();
  expect([a.server.peerCount, b.server.peerCount]).toEqual([1, 1]);
  await world.end();
});
