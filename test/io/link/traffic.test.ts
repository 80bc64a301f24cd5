import { describe, expect, test } from 'vitest';

import {
  HandlerTimes,
  MAX_COUNTED_CODES,
  MessageTallies,
  RequestTallies,
  Traffic,
} from '../../../src/io/link/traffic.ts';

describe('traffic', () => {
  test('of one protocol is the same object for every link', () => {
    const traffic = new Traffic();
    const eth = traffic.of({ name: 'eth', version: 68 });
    expect(traffic.of({ name: 'eth', version: 68 })).toBe(eth);
    expect(traffic.of({ name: 'eth', version: 69 })).not.toBe(eth);
    expect([...traffic.protocols.keys()]).toEqual(['eth/68', 'eth/69']);
    expect(eth).toMatchObject({ name: 'eth', version: 68 });
  });

  test('of one stream is part of the whole', () => {
    const whole = new Traffic();
    const [one, other] = [new Traffic(whole), new Traffic(whole)];
    one.stream.ingress += 3;
    other.stream.ingress += 4;
    one.stream.egress += 5;
    one.stream.ingress += 1;
    expect([one.stream.ingress, one.stream.egress]).toEqual([4, 5]);
    expect([other.stream.ingress, other.stream.egress]).toEqual([4, 0]);
    expect(whole.stream).toEqual({ ingress: 8, egress: 5 });
    expect(one.of({ name: 'eth', version: 68 })).toBe(whole.of({ name: 'eth', version: 68 }));
  });

  test('of streams begins at nothing', () => {
    expect(new Traffic().stream).toEqual({ ingress: 0, egress: 0 });
  });
});

test('messages are counted by their code', () => {
  const tallies = new MessageTallies();
  tallies.add(3, 10);
  tallies.add(0, 0);
  tallies.add(3, 5);
  expect([...tallies]).toEqual([
    [3, { messages: 2, bytes: 15 }],
    [0, { messages: 1, bytes: 0 }],
  ]);
});

test('the codes of a wide protocol beyond the first 256 share one counter', () => {
  const tallies = new MessageTallies();
  for (let code = 0; code < 0xffff; code += 1) tallies.add(code, 1);
  const counted = [...tallies];
  expect(MAX_COUNTED_CODES).toBe(256);
  expect(counted).toHaveLength(MAX_COUNTED_CODES + 1);
  const rest = 0xffff - MAX_COUNTED_CODES;
  expect(counted.at(-1)).toEqual(['other', { messages: rest, bytes: rest }]);
});

describe('times of handlers', () => {
  test('are counted by code, and by the first bound that is not exceeded', () => {
    const times = new HandlerTimes();
    for (const ms of [0.1, 0.2, 1, 4, 20_000, 20_001]) times.add(3, ms);
    times.add(0, 2);
    expect(
      [...times].map(([code, { count, sumMs, perBound }]) => [
        ...[code, count, sumMs],
        perBound.filter(({ times }) => times > 0).map(({ boundMs, times }) => [boundMs, times]),
      ]),
    ).toEqual([
      [
        3,
        6,
        40_006.3,
        [
          [0.1, 1],
          [0.5, 1],
          [1, 1],
          [5, 1],
          [20_000, 1],
        ],
      ],
      [0, 1, 2, [[5, 1]]],
    ]);
  });

  test('of codes beyond the first 256 are counted together', () => {
    const times = new HandlerTimes();
    for (let code = 0; code < 300; code += 1) times.add(code, 1);
    expect([...times]).toHaveLength(MAX_COUNTED_CODES + 1);
  });
});

test('requests of ours are counted by code: waiting, answered, lost, and answers to none', () => {
  const requests = new RequestTallies();
  requests.tracked(9, 1);
  requests.tracked(9, 1);
  requests.tracked(9, -1);
  requests.fulfilled(9, 70);
  requests.lost(9);
  requests.stale(10);
  requests.stale(10);
  requests.stale(999);
  expect([...requests.pending]).toEqual([[9, 1]]);
  expect([...requests.losses]).toEqual([[9, 1]]);
  expect([...requests.staleAnswers]).toEqual([
    [10, 2],
    ['other', 1],
  ]);
  expect([...requests.waits]).toMatchObject([[9, { count: 1, sumMs: 70 }]]);
});
