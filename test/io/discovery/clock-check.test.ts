import { describe, expect, test } from 'vitest';

import {
  ClockCheck,
  DRIFT_MS,
  MANY_TIMEOUTS,
  MIN_VOICES,
  VALID_MS,
  WARNING_PAUSE_MS,
} from '../../../src/io/discovery/clock-check.ts';
import { LATENCY_MS, MemoryNet, Sender, startNode } from '../../support/discv4-net.ts';
import { StepClock } from '../../support/step-clock.ts';

const MANY = MANY_TIMEOUTS + 1;

describe('the clock', () => {
  test('is wrong by the median of what others say', () => {
    const { check, say } = stage();
    say(60_000, 61_000, 62_000, 0, 1_000_000);
    expect(check.driftAfter(MANY)).toBe(61_000);
  });

  test('may be ahead', () => {
    const { check, say } = stage();
    say(...Array(MIN_VOICES).fill(-DRIFT_MS));
    expect(check.driftAfter(MANY)).toBe(-DRIFT_MS);
  });

  test('is right when requests are answered, the difference is small, or few have spoken', () => {
    const { check, say } = stage();
    say(...Array(MIN_VOICES - 1).fill(60_000));
    expect(check.driftAfter(MANY)).toBeNull();
    say(...Array(MIN_VOICES).fill(DRIFT_MS - 1));
    expect(check.driftAfter(MANY)).toBeNull();
    say(...Array(MIN_VOICES).fill(DRIFT_MS));
    expect(check.driftAfter(MANY_TIMEOUTS)).toBeNull();
    expect(check.driftAfter(MANY)).toBe(DRIFT_MS);
  });

  test('is said to be wrong once in ten minutes', () => {
    const { clock, check, say } = stage();
    say(...Array(MIN_VOICES).fill(60_000));
    expect(check.driftAfter(MANY)).toBe(60_000);
    clock.advance(WARNING_PAUSE_MS - 1);
    expect(check.driftAfter(MANY)).toBeNull();
    expect(check.driftNow(MANY)).toBe(60_000);
    clock.advance(1);
    expect(check.driftAfter(MANY)).toBe(60_000);
  });
});

describe('a node whose clock is', () => {
  test('ahead takes no answer, and learns it from them', () => {
    const { net, us, others } = crowd();
    net.clockErrorMs = 0;
    for (let round = 0; round < 7; round += 1) {
      for (const other of others) us.discv4.ping(other.node, () => {});
      net.clock.advance(LATENCY_MS);
      for (const other of others) other.pong(us, other.take('ping').hash);
      net.clockErrorMs = 60_000; // ours alone: the pongs are made
      net.clock.advance(500);
      net.clockErrorMs = 0;
    }
    expect(us.heard.filter(([name]) => name === 'clockDrift')).toEqual([
      ['clockDrift', { byMs: expect.closeTo(-60_000, -4) }],
    ]);
    expect(us.discv4.stats().refused['expired']).toBe(35);
  });

  test('behind gets no answer, and learns it from pings', () => {
    const { net, us, others } = crowd();
    net.clockErrorMs = 60_000;
    for (const other of others) other.ping(us);
    net.clockErrorMs = 0;
    net.clock.advance(500);
    for (let round = 0; round < 7; round += 1) {
      for (const other of others) us.discv4.ping(other.node, () => {});
      net.clock.advance(500);
    }
    expect(us.heard.filter(([name]) => name === 'clockDrift')).toEqual([
      ['clockDrift', { byMs: expect.closeTo(60_000, -4) }],
    ]);
  });
});

function stage() {
  const clock = new StepClock();
  const nowMs = 1_800_000_000_000;
  const check = new ClockCheck(clock, () => nowMs);
  let host = 0;
  /** Each by a sender of its own. */
  const say = (...aheadMs: number[]) => {
    for (const ms of aheadMs) {
      host += 1;
      check.note(`46.0.0.${host}`, (nowMs + VALID_MS + ms) / 1_000);
    }
  };
  return { clock, check, say };
}

function crowd() {
  const net = new MemoryNet();
  const us = startNode(net);
  const others = Array.from(
    { length: 5 },
    (_, index) =>
      new Sender(net, { at: { host: `46.0.${index}.1`, port: 30303 }, number: 2 + index }),
  );
  return { net, us, others };
}
