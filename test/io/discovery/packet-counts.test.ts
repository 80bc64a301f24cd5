import { expect, test } from 'vitest';

import { PacketCounts } from '../../../src/io/discovery/packet-counts.ts';

test('packets are counted by direction, type and reason', () => {
  const counts = new PacketCounts<'ping' | 'pong', 'expired'>({ ping: 1, pong: 2 });
  const before = counts.stats();
  counts.received(100);
  counts.received(50);
  counts.accepted('ping');
  counts.refused('expired');
  counts.refused('expired');
  counts.sent('pong', 150);
  counts.unsent();
  const none = { ping: 0, pong: 0 };
  expect(counts.stats()).toEqual({
    receivedDatagrams: 2,
    receivedBytes: 150,
    received: { ...none, ping: 1 },
    sentBytes: 150,
    sent: { ...none, pong: 1 },
    unsent: 1,
    refused: { expired: 2 },
  });
  expect(before).toMatchObject({ received: none, refused: {} });
});
