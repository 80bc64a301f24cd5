import { expect, test } from 'vitest';

import { Rates } from '../../../../src/inspect/page/model/rates.ts';

const way = { machine: 'm', source: 'a', event: 'x', target: 'b', total: 0 };

test('what goes on at one rate comes to be seen at that rate', () => {
  const rates = new Rates();
  for (let tenth = 0; tenth < 200; tenth += 1) {
    rates.add(way, 5);
    rates.passed(100, 20);
  }
  expect(rates.events).toBeCloseTo(200, 0);
  expect(rates.of(way)).toBeCloseTo(50, 0);
});

test('half of it is forgotten after 1.5 s of silence', () => {
  const rates = new Rates();
  for (let tenth = 0; tenth < 200; tenth += 1) {
    rates.add(way, 10);
    rates.passed(100, 10);
  }
  rates.passed(1_500, 0);
  expect(rates.events).toBeCloseTo(50, 0);
  expect(rates.of(way)).toBeCloseTo(50, 0);
});

test('a way that is hardly taken is forgotten', () => {
  const rates = new Rates();
  rates.add(way, 1);
  rates.passed(100, 1);
  rates.passed(30_000, 0);
  expect(rates.of(way)).toBe(0);
});

test('two frames of the same moment count together', () => {
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

test('the history has a point each half second, and 60 of them', () => {
  const rates = new Rates();
  for (let tenth = 0; tenth < 25; tenth += 1) rates.passed(100, 1);
  expect(rates.history).toHaveLength(5);
  for (let half = 0; half < 200; half += 1) rates.passed(500, 1);
  expect(rates.history).toHaveLength(60);
  expect(rates.history.at(-1)).toBe(rates.events);
  rates.clear();
  expect([rates.events, rates.history]).toEqual([0, []]);
});
