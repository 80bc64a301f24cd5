import { describe, expect, test } from 'vitest';

import type { PeerLinkEvent } from '../../../src/io/link/link-events.ts';
import {
  LinkTimeouts,
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
  expect({ READ_TIMEOUT_MS, PONG_TIMEOUT_MS }).toEqual({
    READ_TIMEOUT_MS: 30_000,
    PONG_TIMEOUT_MS: 15_000,
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
      timeouts.bytesReceived();
      clock.advance(1);
    }
    timeouts.bytesReceived();
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['link.silent']);
  });

  test('has its own 30 s after a whole one', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.start();
    timeouts.bytesReceived();
    clock.advance(29_000);
    timeouts.messageReceived();
    timeouts.bytesReceived();
    clock.advance(READ_TIMEOUT_MS - 1);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['link.silent']);
  });
});

describe('P14: a pong', () => {
  test('that takes 15 s is overdue, to the millisecond and once', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.pingSent();
    clock.advance(PONG_TIMEOUT_MS - 1);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['pong.overdue']);
    clock.advance(3_600_000);
    expect(reports).toEqual(['pong.overdue']);
  });

  test('in time stops the wait', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.pingSent();
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

  test('is waited for by one timer, from the last ping', () => {
    const { clock, reports, timeouts } = newTimeouts();
    timeouts.pingSent();
    clock.advance(10_000);
    timeouts.pingSent();
    expect(clock.pending).toBe(1);
    clock.advance(PONG_TIMEOUT_MS - 1);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['pong.overdue']);
  });
});

describe('our own pauses do not count', () => {
  test('while we do not read, neither silence nor a pong is reported', () => {
    const { clock, reports, timeouts, at } = newTimeouts();
    timeouts.start();
    timeouts.pingSent();
    at.isHeld = true;
    clock.advance(600_000);
    expect(reports).toEqual([]);
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

  test('a pong has at least its 15 s when we pause at the moment it is due', () => {
    const { clock, reports, timeouts, at } = newTimeouts();
    timeouts.pingSent();
    at.isHeld = true;
    clock.advance(PONG_TIMEOUT_MS);
    at.isHeld = false;
    clock.advance(PONG_TIMEOUT_MS - 1);
    expect(reports).toEqual([]);
    clock.advance(1);
    expect(reports).toEqual(['pong.overdue']);
  });
});

test('stopped timeouts report nothing and leave no timer', () => {
  const { clock, reports, timeouts } = newTimeouts();
  timeouts.start();
  timeouts.pingSent();
  timeouts.stop();
  expect(clock.pending).toBe(0);
  clock.advance(3_600_000);
  expect(reports).toEqual([]);
});
