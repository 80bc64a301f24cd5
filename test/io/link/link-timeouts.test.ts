import { describe, expect, test } from 'vitest';

import type { PeerLinkEvent } from '../../../src/io/link/link-events.ts';
import {
  LinkTimeouts,
  MIN_PROGRESS_BYTES,
  PONG_TIMEOUT_MS,
  READ_TIMEOUT_MS,
} from '../../../src/io/link/link-timeouts.ts';
import { StepClock } from '../../support/step-clock.ts';

function newTimeouts() {
  const clock = new StepClock();
  const reports: PeerLinkEvent['type'][] = [];
  const at = { isHeld: false };
  const timeouts = new LinkTimeouts(clock, {
    isHeld: () => at.isHeld,
    report: ({ type }) => reports.push(type),
  });
  return { clock, reports, timeouts, at };
}

test('the limits are those of the catalogue', () => {
  expect({ READ_TIMEOUT_MS, PONG_TIMEOUT_MS, MIN_PROGRESS_BYTES }).toEqual({
    MIN_PROGRESS_BYTES: 256 * 1024,
    READ_TIMEOUT_MS: 30_000,
    PONG_TIMEOUT_MS: 20_000,
  });
});

describe('P14: silence', () => {
  test('of 30 s is reported, to the millisecond and once', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.start();
    clock.advance(READ_TIMEOUT_MS - 1);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['link.silent']);
    clock.advance(3_600_000);
    expect(reports).toEqual(['link.silent']);
  });

  test('counts from the last whole message', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.start();
    clock.advance(12_345);
    timeouts.messageReceived();
    clock.advance(READ_TIMEOUT_MS - 1);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['link.silent']);
  });

  test('a peer that sends a message every 29.999 s is never silent, and uses one timer', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.start();
    for (let i = 0; i < 100; i += 1) {
      clock.advance(READ_TIMEOUT_MS - 1);
      timeouts.messageReceived();
      expect(clock.pending).toBe(1);
    }
    expect(reports).toEqual([]);
  });
});

describe('R2: a message that drips in', () => {
  test('is cut 30 s after its first byte, however often a byte comes', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.start();
    clock.advance(20_000);
    for (let sent = 0; sent < READ_TIMEOUT_MS - 1; sent += 1) {
      timeouts.partReceived(1);
      clock.advance(1);
    }
    timeouts.partReceived(1);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['link.silent']);
  });

  test('has its own 30 s after a whole one', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.start();
    timeouts.partReceived(1);
    clock.advance(29_000);
    timeouts.messageReceived();
    timeouts.partReceived(1);
    clock.advance(READ_TIMEOUT_MS - 1);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['link.silent']);
  });
});

describe('P14: a pong', () => {
  test('that takes 20 s is overdue, to the millisecond and once', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.pingQueued();
    timeouts.pingTaken();
    clock.advance(PONG_TIMEOUT_MS - 1);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['pong.overdue']);
    clock.advance(3_600_000);
    expect(reports).toEqual(['pong.overdue']);
  });

  test('in time stops the wait', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.pingQueued();
    timeouts.pingTaken();
    clock.advance(PONG_TIMEOUT_MS - 1);
    timeouts.pongReceived();
    expect(clock.pending).toBe(0);
    clock.advance(PONG_TIMEOUT_MS);
    expect(reports).toEqual([]);
  });

  test('without a ping before it does nothing', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.pongReceived();
    clock.advance(PONG_TIMEOUT_MS);
    expect(reports).toEqual([]);
  });

  test('is waited for by one timer, and a second ping that is queued gives no more time', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.pingQueued();
    timeouts.pingTaken();
    clock.advance(10_000);
    timeouts.pingQueued();
    expect(clock.pending).toBe(1);
    clock.advance(9_999);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['pong.overdue']);
  });
});

describe('a pong while there is progress', () => {
  /** Reports up to `ms` later. */
  function reportsAfter(ms: number, act: (timeouts: LinkTimeouts, clock: StepClock) => void) {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.pingQueued();
    timeouts.pingTaken();
    clock.advance(10_000);
    act(timeouts, clock);
    clock.advance(ms - 10_000);
    return reports;
  }

  for (const [what, act] of [
    ['a whole message', (timeouts: LinkTimeouts) => timeouts.messageReceived()],
    ['part of a message', (timeouts: LinkTimeouts) => timeouts.partReceived(1)],
    ['bytes of ours that had to wait', (timeouts: LinkTimeouts) => timeouts.bytesTaken()],
  ] as const)
    test(`is overdue 20 s after ${what}, to the millisecond`, () => {
      expect(reportsAfter(10_000 + PONG_TIMEOUT_MS - 1, act)).toEqual(['pong.deferred']);
      expect(reportsAfter(10_000 + PONG_TIMEOUT_MS, act)).toEqual([
        'pong.deferred',
        'pong.overdue',
      ]);
    });

  test('is not awaited while its ping is queued, and is deferred every 15 s', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.pingQueued();
    clock.advance(60_000);
    expect(reports).toEqual(Array.from({ length: 4 }, () => 'pong.deferred'));
    timeouts.pingTaken();
    clock.advance(PONG_TIMEOUT_MS);
    expect(reports.at(-1)).toBe('pong.overdue');
  });

  test('is deferred once in 15 s at most, whenever bytes come', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.pingQueued();
    timeouts.pingTaken();
    for (let ms = 0; ms < 60_000; ms += 1) {
      if (ms % 14_999 === 0) timeouts.messageReceived();
      clock.advance(1);
    }
    expect(reports.length).toBeLessThanOrEqual(4);
    expect(reports).not.toContain('pong.overdue');
  });
});

describe('a remote of which only its pings arrive, while a large message of ours is on its way', () => {
  /** Reports of an hour in which one small message arrives every `everyMs`, and no pong. */
  function reportsWhile(everyMs: number) {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.start();
    timeouts.pingQueued();
    timeouts.pingTaken();
    for (let ms = 0; ms < 3_600_000; ms += everyMs) {
      clock.advance(everyMs);
      timeouts.messageReceived();
    }
    return reports;
  }

  test.for([15_000, 15_400, 19_999])('is kept when they are %i ms apart', (everyMs) => {
    expect(new Set(reportsWhile(everyMs))).toEqual(new Set(['pong.deferred']));
  });

  test('is overdue when they are 20 s apart', () => {
    expect(reportsWhile(PONG_TIMEOUT_MS)).toContain('pong.overdue');
  });
});

describe('a message that is received slowly', () => {
  test('has 30 s more for each 256 KiB', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.start();
    let received = 1;
    for (let part = 0; part < 20; part += 1) {
      timeouts.partReceived(received);
      received += MIN_PROGRESS_BYTES;
      clock.advance(READ_TIMEOUT_MS - 1);
    }
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['link.silent']);
  });

  test('is cut when it brings one byte less in 30 s', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.start();
    timeouts.partReceived(1);
    clock.advance(READ_TIMEOUT_MS - 1);
    timeouts.partReceived(MIN_PROGRESS_BYTES);
    clock.advance(1);
    expect(reports).toEqual(['link.silent']);
  });

  test('taking bytes of ours is a sign of life between messages, not within one', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.start();
    clock.advance(READ_TIMEOUT_MS - 1);
    timeouts.bytesTaken();
    clock.advance(READ_TIMEOUT_MS - 1);
    expect(reports).toEqual([]);
    timeouts.partReceived(1);
    clock.advance(READ_TIMEOUT_MS - 1);
    timeouts.bytesTaken();
    clock.advance(1);
    expect(reports).toEqual(['link.silent']);
  });
});

describe('our own pauses do not count', () => {
  test('while we do not read, neither silence nor a pong is reported', () => {
    const { clock, reports, timeouts, at } = newTimeouts();
    timeouts.start();
    timeouts.pingQueued();
    timeouts.pingTaken();
    at.isHeld = true;
    clock.advance(60_000);
    expect(reports).toEqual(Array.from({ length: 4 }, () => 'pong.deferred'));
    expect(clock.pending).toBe(2);
  });

  test('silence counts again from the moment we read on', () => {
    const { clock, reports, timeouts, at } = newTimeouts();
    timeouts.start();
    at.isHeld = true;
    clock.advance(100_000);
    at.isHeld = false;
    timeouts.messageReceived(); // as the link does
    clock.advance(READ_TIMEOUT_MS - 1);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['link.silent']);
  });

  test('a pong has at least its 20 s when we pause at the moment it is due', () => {
    const { clock, reports, timeouts, at } = newTimeouts();
    timeouts.pingQueued();
    timeouts.pingTaken();
    at.isHeld = true;
    clock.advance(PONG_TIMEOUT_MS);
    at.isHeld = false;
    timeouts.readingResumed();
    clock.advance(PONG_TIMEOUT_MS - 1);
    expect(reports).toEqual(['pong.deferred', 'pong.deferred']);
    clock.advance(1);
    expect(reports).toEqual(['pong.deferred', 'pong.deferred', 'pong.overdue']);
  });
});

test('stopped timeouts report nothing and leave no timer', () => {
  const { clock, reports, timeouts } = newTimeouts();
  timeouts.start();
  timeouts.pingQueued();
  timeouts.pingTaken();
  timeouts.stop();
  expect(clock.pending).toBe(0);
  clock.advance(3_600_000);
  expect(reports).toEqual([]);
});
