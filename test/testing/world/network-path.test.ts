import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';

import { connectionReset, NetworkPath } from '../../../src/testing/world/network-path.ts';
import { smallInternet } from '../../support/small-internet.ts';

// memory-connection.test.ts tests a path between two streams.

test('a write waits when 64 KiB are in flight', async () => {
  const { clock, internet, pass } = smallInternet();
  const far = new Duplex({ read: () => road.read(), write: (_, __, done) => done() });
  const road = new NetworkPath(far, far, {
    clock,
    delayMs: () => 10,
    bytesPerSecond: () => Number.POSITIVE_INFINITY,
    bufferBytes: () => 64 * 1024,
    pieceBytes: () => Number.POSITIVE_INFINITY,
    isCut: () => false,
    afterPartition: (run) => internet.afterPartition(run),
    onDelivered: () => {},
  });
  const done: string[] = [];
  road.write(new Uint8Array(64 * 1024 - 1), () => done.push('almost'));
  road.write(new Uint8Array(1), () => done.push('full'));
  await pass(100);
  expect(done).toEqual(['almost']);
  far.resume();
  await pass(0);
  expect([done, road.delivered]).toEqual([['almost', 'full'], 64 * 1024]);
  road.close();
  road.write(new Uint8Array(MORE_BYTES), () => done.push('lost'));
  expect([done.at(-1), clock.pending]).toEqual(['lost', 0]);
  far.destroy();
});

const MORE_BYTES = 128 * 1024;

test('a reset has the code and message of node:net', () => {
  expect(connectionReset()).toMatchObject({ code: 'ECONNRESET', message: 'read ECONNRESET' });
});
