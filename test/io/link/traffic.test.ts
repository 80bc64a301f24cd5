import { describe, expect, test } from 'vitest';

import { MessageTallies, Traffic } from '../../../src/io/link/traffic.ts';

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
