import { expect, test } from 'vitest';
import { peerEvents } from '../../src/admin/peer-events.ts';
import { eventSource, somePeer } from './event-source.ts';

test('peers and messages are events in the shape of go-ethereum', () => {
  const source = eventSource();
  const events: unknown[] = [];
  const end = peerEvents(source)((event) => events.push(event));
  const peer = somePeer({
    id: 'ab'.repeat(32),
    local: { host: '192.0.2.1', port: 30303 },
    remote: { host: '2001:db8::1', port: 4 },
  });
  source.emit('add', { peer });
  source.emit('msgsend', { peer, protocol: 'eth/69', code: 0, size: 0 });
  source.emit('msgrecv', { peer, protocol: 'a/b/1', code: 3, size: 7 });
  source.emit('drop', { peer, explanation: { verdict: 'They are full.' } });
  const who = { peer: peer.id, local: '192.0.2.1:30303', remote: '[2001:db8::1]:4' };
  expect(events).toEqual([
    { type: 'add', ...who },
    { type: 'msgsend', ...who, protocol: 'eth', msg_code: 0, msg_size: 0 },
    { type: 'msgrecv', ...who, protocol: 'a/b', msg_code: 3, msg_size: 7 },
    { type: 'drop', ...who, error: 'They are full.' },
  ]);
  end();
  source.emit('add', { peer });
  expect([events.length, source.listeners]).toEqual([4, 0]);
});
