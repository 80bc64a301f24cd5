import { describe, expect, test } from 'vitest';

import {
  FloodLimit,
  HELD_BACK_REPORT_MS,
  LINES_PER_SECOND,
  LINES_PER_SOURCE,
  MAX_SOURCES,
} from '../../src/telemetry/log-rate-limit.ts';
import { StepClock } from '../support/step-clock.ts';

function setUp() {
  const clock = new StepClock();
  const limit = new FloodLimit(clock);
  const admitted = (lines: number, sourceOf: (line: number) => string): number =>
    Array.from({ length: lines }, (_, line) => limit.admits(sourceOf(line))).filter(Boolean).length;
  return { clock, limit, admitted };
}

describe('lines', () => {
  test('of one source are ten, and one more each six seconds', () => {
    const { clock, admitted } = setUp();
    expect(LINES_PER_SOURCE).toBe(10);
    expect(admitted(50, () => 'a')).toBe(10);
    clock.advance(5_999);
    expect(admitted(50, () => 'a')).toBe(0);
    clock.advance(2);
    expect(admitted(50, () => 'a')).toBe(1);
  });

  test('of a quiet source pass beside those of a loud one', () => {
    const { admitted } = setUp();
    admitted(1_000, () => 'loud');
    expect(admitted(3, () => 'quiet')).toBe(3);
  });

  test('of all sources are a hundred in a second', () => {
    const { clock, admitted } = setUp();
    expect(LINES_PER_SECOND).toBe(100);
    expect(admitted(500, (line) => `first ${line}`)).toBe(100);
    clock.advance(500);
    expect(admitted(500, (line) => `second ${line}`)).toBe(50);
  });
});

describe('what is remembered', () => {
  test('is a source, until as many others as the bound were heard since it was heard last', () => {
    const { clock, limit, admitted } = setUp();
    admitted(10, () => 'loud');
    const others = (batch: string, count: number): void => {
      for (let other = 0; other < count; other += 1) limit.admits(`${batch} ${other}`);
      clock.advance(1_000); // room for all again
    };
    others('first', MAX_SOURCES - 1);
    expect(limit.admits('loud')).toBe(false);
    others('second', MAX_SOURCES - 1);
    expect(limit.admits('loud')).toBe(false);
    others('third', MAX_SOURCES);
    expect(limit.admits('loud')).toBe(true);
  });
});

describe('what was held back', () => {
  test('is counted, and told once in an interval', () => {
    const { clock, limit, admitted } = setUp();
    admitted(15, () => 'a');
    expect(limit.due()).toBe(0);
    clock.advance(HELD_BACK_REPORT_MS - 1);
    expect(limit.due()).toBe(0);
    clock.advance(1);
    expect(limit.due()).toBe(5);
    expect(limit.due()).toBe(0);

    admitted(15, () => 'b');
    clock.advance(HELD_BACK_REPORT_MS - 1);
    expect(limit.due()).toBe(0);
    clock.advance(1);
    expect(limit.due()).toBe(5);
  });

  test('is told at once when it is the rest', () => {
    const { limit, admitted } = setUp();
    admitted(12, () => 'a');
    expect([limit.rest(), limit.rest()]).toEqual([2, 0]);
  });
});
