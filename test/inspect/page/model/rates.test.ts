import { expect, test } from 'vitest';

import { Rates } from '../../../../src/inspect/page/model/rates.ts';

const way = { machine: 'm', source: 'a', event: 'x', target: 'b', total: 0 };

test('a constant rate is reached and shown', () => {
  const rates = new Rates();
  for (let tenth = 0; tenth < 200; tenth += 1) {
    rates.add(way, 5);
    rates.passed(100, 20);
  }
  expect(rates.events).toBeCloseTo(200, 0);
  expect(rates.of(way)).toBeCloseTo(50, 0);
});

test('a rate halves after 1.5 s without events', () => {
  const rates = new Rates();
  for (let tenth = 0; tenth < 200; tenth += 1) {
    rates.add(way, 10);
    rates.passed(100, 10);
  }
  rates.passed(1_500, 0);
  expect(rates.events).toBeCloseTo(50, 0);
  expect(rates.of(way)).toBeCloseTo(50, 0);
});

test('a transition that is almost never taken counts as not taken', () => {
  const rates = new Rates();
  rates.add(way, 1);
  rates.passed(100, 1);
  rates.passed(30_000, 0);
  expect(rates.of(way)).toBe(0);
});

test('two frames of the same time are counted together', () => {
  const [rates, other] = [new Rates(), new Rates()];
  rates.add(way, 1);
  rates.passed(0, 9);
  rates.add(way, 1);
  rates.passed(100, 0);
  other.add(way, 2);
  other.passed(100, 0);
  expect(rates.of(way)).toBe(other.of(way));
  expect(rates.events).toBe(0);
});

test('the history has one point per half second, and at most 60', () => {
  const rates = new Rates();
  for (let tenth = 0; tenth < 25; tenth += 1) rates.passed(100, 1);
  expect(rates.history).toHaveLength(5);
  for (let half = 0; half < 200; half += 1) rates.passed(500, 1);
  expect(rates.history).toHaveLength(60);
  expect(rates.history.at(-1)).toBe(rates.events);
  rates.clear();
  expect([rates.events, rates.history]).toEqual([0, []]);
});
