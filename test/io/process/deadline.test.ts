import { expect, test } from 'vitest';

import { Deadline, LATE_MS } from '../../../src/io/process/deadline.ts';
import { VirtualClock } from '../../../src/testing/world/virtual-clock.ts';

const LIMIT_MS = 15_000;

function newDeadline() {
  const clock = new VirtualClock();
  const dueAt: number[] = [];
  const deadline = new Deadline(clock, LIMIT_MS, () => dueAt.push(clock.now()));
  return { clock, deadline, dueAt };
}

test('it is due once, to the millisecond, and is armed until then', () => {
  const { clock, deadline, dueAt } = newDeadline();
  expect(deadline.isArmed).toBe(false);
  deadline.arm();
  clock.advance(LIMIT_MS - 1);
  expect([deadline.isArmed, dueAt]).toEqual([true, []]);
  clock.advance(3_600_000);
  expect([deadline.isArmed, dueAt]).toEqual([false, [LIMIT_MS]]);
});

test('armed again, it is due by the later wait alone', () => {
  const { clock, deadline, dueAt } = newDeadline();
  deadline.arm();
  clock.advance(10_000);
  deadline.arm(7_000);
  expect(clock.pending).toBe(1);
  clock.advance(3_600_000);
  expect(dueAt).toEqual([17_000]);
});

test('it may be armed when it is due', () => {
  const clock = new VirtualClock();
  const dueAt: number[] = [];
  const deadline = new Deadline(clock, LIMIT_MS, () => {
    dueAt.push(clock.now());
    if (dueAt.length < 3) deadline.arm();
  });
  deadline.arm();
  clock.advance(3_600_000);
  expect(dueAt).toEqual([1, 2, 3].map((times) => times * LIMIT_MS));
});

test('disarmed, it is never due and leaves no timer', () => {
  const { clock, deadline, dueAt } = newDeadline();
  deadline.arm();
  deadline.disarm();
  deadline.disarm();
  expect([deadline.isArmed, clock.pending]).toEqual([false, 0]);
  clock.advance(3_600_000);
  expect(dueAt).toEqual([]);
});

test('a timer delayed by a busy process only is due at once', () => {
  const { clock, deadline, dueAt } = newDeadline();
  deadline.arm();
  clock.leap(LIMIT_MS + LATE_MS);
  clock.advance(0);
  expect(dueAt).toEqual([LIMIT_MS + LATE_MS]);
});

test('later than that, it waits once more for all of its time, and can be met meanwhile', () => {
  const { clock, deadline, dueAt } = newDeadline();
  const woken = 3_000 + LATE_MS + 1;
  deadline.arm(3_000);
  clock.leap(woken);
  clock.advance(LIMIT_MS - 1);
  expect([deadline.isArmed, dueAt]).toEqual([true, []]);
  clock.advance(1);
  expect(dueAt).toEqual([woken + LIMIT_MS]);

  deadline.arm();
  clock.leap(LIMIT_MS + LATE_MS + 1);
  clock.advance(0);
  deadline.disarm();
  expect(clock.pending).toBe(0);
  clock.advance(3_600_000);
  expect(dueAt).toHaveLength(1);
});

test('late twice, it is due: a process that is always late has deadlines too', () => {
  const { clock, deadline, dueAt } = newDeadline();
  deadline.arm();
  clock.leap(60_000);
  clock.advance(0);
  clock.leap(60_000);
  clock.advance(0);
  expect(dueAt).toEqual([120_000]);
});
