import { expect, test } from 'vitest';

import { NOT_OURS, PACKET_TYPES } from '../../../src/io/discovery/discv5-counts.ts';

test('messages are counted by type, and packets without one by kind', () => {
  expect(Object.keys(PACKET_TYPES)).toEqual([
    'ping',
    'pong',
    'findNode',
    'nodes',
    'talkRequest',
    'talkResponse',
    'random',
    'whoareyou',
    'handshake',
  ]);
});

test('a datagram may be of another protocol only when nothing shows that it is for us', () => {
  expect([...NOT_OURS]).toEqual(['packetTooShort', 'packetTooLong', 'notDiscv5']);
});
