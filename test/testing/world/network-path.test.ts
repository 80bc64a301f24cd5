import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';

import { connectionReset, NetworkPath } from '../../../src/testing/world/network-path.ts';
import { smallInternet } from '../../support/small-internet.ts';

// What a road does between two streams is in memory-connection.test.ts.

test('a write waits once 64 KiB are on the way', async () => {
  const { clock, internet, pass } = smallInternet();
  const far = new Duplex({ read: () => road.want(), write: (_, __, done) => done() });
  const road = new NetworkPath(far, far, {
    clock,
    delayMs: () => 10,
    bytesPerSecond: () => Number.POSITIVE_INFINITY,
    pieceBytes: () => Number.POSITIVE_INFINITY,
    isCut: () => false,
    park: (run) => internet.park(run),
    onDelivered: () => {},
  });
  const done: string[] = [];
  road.carry(new Uint8Array(64 * 1024 - 1), () => done.push('almost'));
  road.carry(new Uint8Array(1), () => done.push('full'));
  await pass(100);
  expect(done).toEqual(['almost']);
  far.resume();
  await pass(0);
  expect([done, road.delivered]).toEqual([['almost', 'full'], 64 * 1024]);
  road.close();
  road.carry(new Uint8Array(MORE_BYTES), () => done.push('lost'));
  expect([done.at(-1), clock.pending]).toEqual(['lost', 0]);
  far.destroy();
});

const MORE_BYTES = 128 * 1024;

test('a reset looks like one of the system', () => {
  expect(connectionReset()).toMatchObject({ code: 'ECONNRESET', message: 'read ECONNRESET' });
});
