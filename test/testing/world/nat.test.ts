import { expect, test } from 'vitest';

import { Nat, type NatShape } from '../../../src/testing/world/nat.ts';
import { VirtualClock } from '../../../src/testing/world/virtual-clock.ts';

const INSIDE = { host: '10.0.0.1', port: 30_303 };
const FRIEND = { host: '45.0.1.1', port: 1 };
const FRIEND_OTHER_PORT = { host: '45.0.1.1', port: 2 };
const OTHER_HOST = { host: '45.0.2.1', port: 1 };

/** Which remotes reach a host that has sent one datagram to FRIEND. */
const ALLOWED: Readonly<Record<NatShape, readonly boolean[]>> = {
  fullCone: [true, true, true],
  addressRestricted: [true, true, false],
  portRestricted: [true, false, false],
  symmetric: [true, false, false],
};

test.for(Object.entries(ALLOWED))('remotes that may send: %s', ([shape, expected]) => {
  const nat = new Nat('45.9.9.9', shape as NatShape, new VirtualClock());
  const { host, port } = nat.outbound(INSIDE, FRIEND);
  expect(host).toBe('45.9.9.9');
  const allowed = [FRIEND, FRIEND_OTHER_PORT, OTHER_HOST].map((from) => nat.inbound(port, from));
  expect(allowed).toEqual(expected.map((isIn) => (isIn ? INSIDE : null)));
});

test.for([
  ['fullCone', true],
  ['addressRestricted', true],
  ['portRestricted', true],
  ['symmetric', false],
] as const)('%s lends one port for all remotes: %s', ([shape, isOne]) => {
  const nat = new Nat('45.9.9.9', shape, new VirtualClock());
  const first = nat.outbound(INSIDE, FRIEND);
  expect(nat.outbound(INSIDE, FRIEND)).toEqual(first);
  expect(nat.outbound(INSIDE, OTHER_HOST).port === first.port).toBe(isOne);
  expect(nat.outbound({ ...INSIDE, port: 1 }, FRIEND).port).not.toBe(first.port);
});

test('a mapping expires two minutes after the last datagram from inside', () => {
  const clock = new VirtualClock();
  const nat = new Nat('45.9.9.9', 'fullCone', clock);
  const { port } = nat.outbound(INSIDE, FRIEND);
  clock.advance(120_000);
  expect(nat.inbound(port, FRIEND)).toEqual(INSIDE); // inbound datagrams do not renew it
  clock.advance(1);
  expect(nat.inbound(port, FRIEND)).toBeNull();
  expect(nat.outbound(INSIDE, FRIEND).port).not.toBe(port);
  expect(nat.inbound(port, FRIEND)).toBeNull(); // the old port leads nowhere
});

test('a mapping stores 8,192 endpoints and hosts; further hosts may not send', () => {
  const nat = new Nat('45.9.9.9', 'addressRestricted', new VirtualClock());
  const host = (index: number) => ({ host: `45.1.${index >> 8}.${index & 255}`, port: 1 });
  for (let index = 0; index <= 4_096; index += 1) nat.outbound(INSIDE, host(index));
  const { port } = nat.outbound(INSIDE, host(0));
  expect(nat.inbound(port, host(4_095))).toEqual(INSIDE);
  expect(nat.inbound(port, host(4_096))).toBeNull();
});

test('sending renews a mapping', () => {
  const clock = new VirtualClock();
  const nat = new Nat('45.9.9.9', 'fullCone', clock);
  const first = nat.outbound(INSIDE, FRIEND);
  for (let time = 0; time < 3; time += 1) {
    clock.advance(100_000);
    expect(nat.outbound(INSIDE, FRIEND)).toEqual(first);
  }
});

test('with 4,096 mappings, the least recently used one is removed', () => {
  const nat = new Nat('45.9.9.9', 'fullCone', new VirtualClock());
  const ports = Array.from(
    { length: 4096 },
    (_, port) => nat.outbound({ ...INSIDE, port }, FRIEND).port,
  );
  nat.outbound({ ...INSIDE, port: 0 }, FRIEND);
  nat.outbound({ ...INSIDE, port: 5_000 }, FRIEND);
  expect(nat.inbound(ports[0]!, FRIEND)).not.toBeNull();
  expect(nat.inbound(ports[1]!, FRIEND)).toBeNull();
  expect(nat.inbound(ports[2]!, FRIEND)).not.toBeNull();
  const again = nat.outbound({ ...INSIDE, port: 1 }, FRIEND).port;
  expect(nat.inbound(again, FRIEND)).toEqual({ ...INSIDE, port: 1 });
});

test('ports are reused after the last one', () => {
  const nat = new Nat('45.9.9.9', 'fullCone', new VirtualClock());
  const kept = nat.outbound(INSIDE, FRIEND).port;
  const ports = new Set(Array.from({ length: 60_000 }, () => nat.tcpPort()));
  expect(ports).not.toContain(kept);
  expect(Math.max(...ports)).toBe(65_535);
});
