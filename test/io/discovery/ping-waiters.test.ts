import { expect, test } from 'vitest';

import { MAX_PING_WAITERS, PingWaiters } from '../../../src/io/discovery/ping-waiters.ts';

test('a ping ends the waits for this node at this address, in order', () => {
  const waiters = new PingWaiters();
  const calls: string[] = [];
  waiters.add('a', '46.0.0.1', () => calls.push('first'));
  waiters.add('a', '46.0.0.1', () => calls.push('second'));
  waiters.add('a', '46.0.0.2', () => calls.push('elsewhere'));
  waiters.add('b', '46.0.0.1', () => calls.push('another'));
  waiters.pinged('a', '46.0.0.1');
  waiters.pinged('a', '46.0.0.1');
  expect(calls).toEqual(['first', 'second']);
  expect(waiters.size).toBe(2);
});

test('a wait that was ended is not called, and ending it again does nothing', () => {
  const waiters = new PingWaiters();
  const calls: string[] = [];
  const end = waiters.add('a', '46.0.0.1', () => calls.push('called'));
  end?.();
  end?.();
  waiters.pinged('a', '46.0.0.1');
  expect([calls, waiters.size]).toEqual([[], 0]);
});

test('no more than 512 wait', () => {
  const waiters = new PingWaiters();
  const ends = Array.from({ length: MAX_PING_WAITERS + 1 }, () =>
    waiters.add('a', '::1', () => {}),
  );
  expect(ends.map((end) => end === null).indexOf(true)).toBe(MAX_PING_WAITERS);
  ends[0]?.();
  expect(waiters.add('a', '::1', () => {})).not.toBeNull();
});
