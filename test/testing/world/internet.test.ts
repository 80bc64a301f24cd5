import { expect, test } from 'vitest';

import { Nat } from '../../../src/testing/world/nat.ts';
import { A, B, C, smallInternet } from '../../support/small-internet.ts';

test('an address in use is refused', () => {
  const { internet, clock } = smallInternet();
  expect(() => internet.join({ address: A.address, nat: null })).toThrow(TypeError);
  const nat = new Nat('45.0.9.1', 'fullCone', clock);
  internet.join({ address: '10.0.0.1', nat });
  expect(() => internet.join({ address: nat.address, nat: null })).toThrow(TypeError);
});

test('a host behind a NAT is only found from behind the same NAT', () => {
  const { internet, clock } = smallInternet();
  const [nat, other] = ['45.0.8.1', '45.0.9.1'].map((at) => new Nat(at, 'fullCone', clock));
  const [inside, beside, elsewhere] = [nat!, nat!, other!].map((router, index) => {
    const host = { address: `10.0.0.${index + 1}`, nat: router };
    internet.join(host);
    return host;
  });
  expect(internet.find(inside!.address, beside!)).toBe(inside);
  expect(internet.find(inside!.address, elsewhere!)).toBeNull();
  expect(internet.find(inside!.address, A)).toBeNull();
  expect(internet.find(A.address, inside!)).toBe(A);
  expect(internet.natAt('45.0.8.1')).toBe(nat);
  expect(internet.find('45.0.77.1', A)).toBeNull();
});

test('hosts of different groups are separated; hosts in no group are one more group', () => {
  const { internet } = smallInternet();
  const cuts = () => [
    internet.isCut(A.address, B.address),
    internet.isCut(B.address, C.address),
    internet.isCut(A.address, A.address),
  ];
  expect(cuts()).toEqual([false, false, false]);
  internet.partition([[A.address]]);
  expect(cuts()).toEqual([true, false, false]);
  internet.partition([[A.address, B.address], [C.address]]);
  expect(cuts()).toEqual([false, true, false]);
  internet.heal();
  expect(cuts()).toEqual([false, false, false]);
});

test('a link is the same in both directions and independent of other links', () => {
  const { internet } = smallInternet();
  internet.setLink(A.address, B.address, { latencyMs: 500 });
  internet.setLink(B.address, A.address, { lossRate: 0.5 });
  expect(internet.between(B.address, A.address)).toMatchObject({ latencyMs: 500, lossRate: 0.5 });
  expect(internet.delayOf(A.address, B.address)).toBe(500);
  expect(internet.delayOf(A.address, C.address)).toBe(10);
  expect(internet.delayOf(A.address, A.address)).toBe(0);
});

test('jitter adds up to its value', () => {
  const { internet } = smallInternet({ jitterMs: 4 });
  const delays = Array.from({ length: 200 }, () => internet.delayOf(A.address, B.address));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
  expect(Math.max(...delays)).toBeLessThan(14);
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(3);
});

test('each loss in a row doubles the retransmission timeout', () => {
  const { internet } = smallInternet({ lossRate: 0.5 });
  const draws = 800;
  const times = Array.from({ length: draws }, () =>
    internet.retransmissionOf(A.address, B.address),
  );
  const share = (ms: number) => times.filter((time) => time === ms).length / draws;
  expect([share(0), share(200), share(600), share(1_400)].map((x) => Math.round(x * 10))).toEqual([
    5, 3, 1, 1,
  ]);
  internet.setLink(A.address, B.address, { lossRate: 1 });
  expect(internet.retransmissionOf(A.address, B.address)).toBe(200 * 1023);
});

test('a packet sent during a partition arrives once, after it', () => {
  const { internet, clock } = smallInternet();
  const arrivedAt: number[] = [];
  internet.deliver(A.address, B.address, () => arrivedAt.push(clock.now()));
  internet.partition([[A.address]]);
  clock.advance(1_000);
  internet.partition([[B.address]]);
  clock.advance(1_000);
  expect(arrivedAt).toEqual([]);
  internet.heal();
  clock.advance(1_000);
  expect(arrivedAt).toEqual([2_010]);
});

test('a new partition lets packets through between hosts of one group', () => {
  const { internet, clock } = smallInternet();
  const arrivedAt: number[] = [];
  internet.deliver(A.address, B.address, () => arrivedAt.push(clock.now()));
  internet.partition([[A.address]]);
  clock.advance(100);
  internet.partition([[C.address]]);
  clock.advance(100);
  expect(arrivedAt).toEqual([110]);
});

test('a cancelled packet does not arrive, in flight or waiting for a partition', () => {
  const { internet, clock } = smallInternet();
  const first = internet.deliver(A.address, B.address, () => expect.unreachable());
  first();
  expect(clock.pending).toBe(0);
  const second = internet.deliver(A.address, B.address, () => expect.unreachable());
  internet.partition([[A.address]]);
  clock.advance(100);
  second();
  internet.heal();
  clock.advance(100);
  expect(clock.pending).toBe(0);
});
