import { expect, test } from 'vitest';
import { noblePrimitives } from '../../../src/io/crypto/primitives.ts';
import {
  MAX_RECENT_AUTHS,
  RECENT_AUTH_MS,
  RecentAuths,
} from '../../../src/io/link/recent-auths.ts';
import { StepClock } from '../../support/step-clock.ts';

function newAuths() {
  const clock = new StepClock();
  return { clock, auths: new RecentAuths(clock, noblePrimitives) };
}

const packet = (number: number): Uint8Array =>
  Uint8Array.of(number >>> 16, number >>> 8, number, 1, 2, 3);

test('a packet that came before is a replay, and one with another bit is not', () => {
  const { auths } = newAuths();
  expect(auths.isReplay(packet(1))).toBe(false);
  expect(auths.isReplay(packet(1))).toBe(true);
  expect(auths.isReplay(packet(2))).toBe(false);
  expect(auths.size).toBe(2);
});

test('a packet is remembered for 10 min after it came last', () => {
  const { clock, auths } = newAuths();
  auths.isReplay(packet(1));
  clock.advance(RECENT_AUTH_MS - 1);
  expect(auths.isReplay(packet(1))).toBe(true);
  clock.advance(RECENT_AUTH_MS - 1);
  expect(auths.isReplay(packet(1))).toBe(true);
  clock.advance(RECENT_AUTH_MS);
  expect(auths.isReplay(packet(1))).toBe(false);
});

test('what is older than 10 min is forgotten when another one comes', () => {
  const { clock, auths } = newAuths();
  for (let number = 0; number < 10; number += 1) auths.isReplay(packet(number));
  clock.advance(RECENT_AUTH_MS);
  auths.isReplay(packet(10));
  expect(auths.size).toBe(1);
});

test('of more than 4,096 packets the oldest is forgotten, and a replay makes its packet the newest', () => {
  const { auths } = newAuths();
  for (let number = 0; number < MAX_RECENT_AUTHS; number += 1) auths.isReplay(packet(number));
  expect(auths.isReplay(packet(0))).toBe(true);
  auths.isReplay(packet(MAX_RECENT_AUTHS));
  expect(auths.size).toBe(MAX_RECENT_AUTHS);
  expect(auths.isReplay(packet(0))).toBe(true);
  expect(auths.isReplay(packet(1))).toBe(false);
});
