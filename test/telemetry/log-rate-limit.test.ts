import { describe, expect, test } from 'vitest';

import {
  LINES_PER_SECOND,
  LINES_PER_SOURCE,
  LogRateLimit,
  MAX_SOURCES,
  SUPPRESSED_REPORT_MS,
} from '../../src/telemetry/log-rate-limit.ts';
import { StepClock } from '../support/step-clock.ts';

function setUp() {
  const clock = new StepClock();
  const limit = new LogRateLimit(clock);
  const admitted = (lines: number, sourceOf: (line: number) => string): number =>
    Array.from({ length: lines }, (_, line) => limit.admits(sourceOf(line))).filter(Boolean).length;
  return { clock, limit, admitted };
}

describe('lines', () => {
  test('of one source: ten at once, and one more every six seconds', () => {
    const { clock, admitted } = setUp();
    expect(LINES_PER_SOURCE).toBe(10);
    expect(admitted(50, () => 'a')).toBe(10);
    clock.advance(5_999);
    expect(admitted(50, () => 'a')).toBe(0);
    clock.advance(2);
    expect(admitted(50, () => 'a')).toBe(1);
  });

  test('of one source are not limited by those of another', () => {
    const { admitted } = setUp();
    admitted(1_000, () => 'loud');
    expect(admitted(3, () => 'quiet')).toBe(3);
  });

  test('of all sources: a hundred per second', () => {
    const { clock, admitted } = setUp();
    expect(LINES_PER_SECOND).toBe(100);
    expect(admitted(500, (line) => `first ${line}`)).toBe(100);
    clock.advance(500);
    expect(admitted(500, (line) => `second ${line}`)).toBe(50);
  });
});

describe('a source', () => {
  test('is forgotten after as many other sources as the bound', () => {
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

describe('suppressed lines', () => {
  test('are counted, and reported once per interval', () => {
    const { clock, limit, admitted } = setUp();
    admitted(15, () => 'a');
    expect(limit.due()).toBe(0);
    clock.advance(SUPPRESSED_REPORT_MS - 1);
    expect(limit.due()).toBe(0);
    clock.advance(1);
    expect(limit.due()).toBe(5);
    expect(limit.due()).toBe(0);

    admitted(15, () => 'b');
    clock.advance(SUPPRESSED_REPORT_MS - 1);
    expect(limit.due()).toBe(0);
    clock.advance(1);
    expect(limit.due()).toBe(5);
  });

  test('are reported at once with rest()', () => {
    const { limit, admitted } = setUp();
    admitted(12, () => 'a');
    expect([limit.rest(), limit.rest()]).toEqual([2, 0]);
  });
});
