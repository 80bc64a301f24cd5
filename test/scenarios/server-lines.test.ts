/** The log lines of a whole server. */
import { type Logger, pino } from 'pino';
import { expect, test } from 'vitest';

import { echo } from '../../src/protocols/echo.ts';
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

const throws = (): never => {
  throw new Error('on purpose');
};
const throwsAlways = Object.fromEntries(
  ['info', 'debug', 'warn', 'error', 'isLevelEnabled'].map((method) => [method, throws]),
) as unknown as Logger;

test.for([
  ['whose stream throws', pino({ level: 'debug' }, { write: throws })],
  ['of which every method throws', throwsAlways],
] as const)('a server runs on with a logger %s, from its start on', async ([, logger]) => {
  const world = new World();
  const handler = { ...echo(), peerInfo: throws };
  const ports = { openFiles: () => 1 }; // worth a warning
  const a = world.add(1, { logger, ports, protocols: [handler], onPeer: throws });
  const b = world.add(2, { protocols: [echo()] });
  await world.start(a, b);
  a.server.addPeer(b.enode);
  await world.settle();
  expect([a.server.peerCount, b.server.peerCount]).toEqual([1, 1]);
  expect(a.server.peersInfo()[0]!.protocols).toEqual({ echo: 'error' });
  await world.end();
});
