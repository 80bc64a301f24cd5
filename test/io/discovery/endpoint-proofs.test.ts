import { describe, expect, test } from 'vitest';

import {
  EndpointProofs,
  MAX_FIND_FAILURES,
  MAX_NODES_PER_HOST,
  MAX_PROVEN,
  MAX_STRANGERS,
  OUR_PROOF_MS,
  THEIR_PROOF_MS,
} from '../../../src/io/discovery/endpoint-proofs.ts';

const HOST = '46.0.0.1';
const hostOf = (index: number) => `46.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;

describe('a proof of theirs', () => {
  test('K2: is a pong, of this node and at this address', () => {
    const { proofs } = stage();
    proofs.notePong('a', HOST);
    expect(proofs.isProven('a', HOST)).toBe(true);
    expect([proofs.isProven('b', HOST), proofs.isProven('a', '46.0.0.2')]).toEqual([false, false]);
    expect([proofs.hasAny(HOST), proofs.hasAny('46.0.0.2')]).toEqual([true, false]);
  });

  test('is valid for 12 hours', () => {
    const { proofs, move } = stage();
    proofs.notePong('a', HOST);
    move(THEIR_PROOF_MS);
    expect(proofs.isProven('a', HOST)).toBe(true);
    move(1);
    expect(proofs.isProven('a', HOST)).toBe(false);
  });

  test('survives a clock that is set back by an hour, and not one that is set back by a day', () => {
    const { proofs, move } = stage();
    proofs.notePong('a', HOST);
    move(-3_600_000);
    expect(proofs.isProven('a', HOST)).toBe(true);
    move(-24 * 3_600_000);
    expect(proofs.isProven('a', HOST)).toBe(false);
  });

  test('is no ping', () => {
    const { proofs } = stage();
    proofs.notePing('a', HOST);
    expect([proofs.isProven('a', HOST), proofs.hasAny(HOST), proofs.size]).toEqual([
      false,
      false,
      0,
    ]);
  });
});

describe('a proof of ours', () => {
  test('is their ping, for 24 hours', () => {
    const { proofs, move } = stage();
    expect(proofs.haveProvenOurs('a', HOST)).toBe(false);
    proofs.notePing('a', HOST);
    move(OUR_PROOF_MS);
    expect(proofs.haveProvenOurs('a', HOST)).toBe(true);
    move(1);
    expect(proofs.haveProvenOurs('a', HOST)).toBe(false);
  });

  test('stays known when they prove theirs', () => {
    const { proofs } = stage();
    proofs.notePing('a', HOST);
    proofs.notePong('a', HOST);
    expect([proofs.haveProvenOurs('a', HOST), proofs.isProven('a', HOST)]).toEqual([true, true]);
    expect(proofs.size).toBe(1);
  });

  test('is in doubt after six questions in a row without an answer, until they ping again', () => {
    const { proofs } = stage();
    proofs.notePing('a', HOST);
    for (let time = 0; time < MAX_FIND_FAILURES; time += 1) proofs.noteFindFailed('a', HOST);
    expect(proofs.haveProvenOurs('a', HOST)).toBe(true);
    proofs.noteFindFailed('a', HOST);
    expect(proofs.haveProvenOurs('a', HOST)).toBe(false);
    proofs.noteFindAnswered('a', HOST);
    expect(proofs.haveProvenOurs('a', HOST)).toBe(true);
    for (let time = 0; time <= MAX_FIND_FAILURES; time += 1) proofs.noteFindFailed('a', HOST);
    proofs.notePing('a', HOST);
    expect(proofs.haveProvenOurs('a', HOST)).toBe(true);
  });
});

describe('what is kept', () => {
  test('K3: pings of strangers push out no proof', () => {
    const { proofs } = stage();
    proofs.notePong('a', HOST);
    proofs.notePing('a', HOST);
    for (let index = 1; index <= 3 * MAX_STRANGERS; index += 1)
      proofs.notePing('b', hostOf(index << 8));
    expect([proofs.isProven('a', HOST), proofs.haveProvenOurs('a', HOST)]).toEqual([true, true]);
    expect(proofs.haveProvenOurs('b', hostOf((3 * MAX_STRANGERS) << 8))).toBe(true);
    expect(proofs.haveProvenOurs('b', hostOf(1 << 8))).toBe(false);
  });

  test('K3: one address pushes out no proof of another', () => {
    const { proofs } = stage();
    proofs.notePong('a', HOST);
    for (let index = 0; index < 2 * MAX_NODES_PER_HOST; index += 1)
      proofs.notePong(`n${index}`, '46.0.0.2');
    expect(proofs.size).toBe(1 + MAX_NODES_PER_HOST);
    expect(proofs.isProven('a', HOST)).toBe(true);
    expect(proofs.isProven('n0', '46.0.0.2')).toBe(false);
  });

  test('is bounded; the address that was used longest ago leaves first', () => {
    const { proofs } = stage();
    for (let index = 0; index < MAX_PROVEN; index += 1) proofs.notePong('a', hostOf(index));
    proofs.isProven('a', hostOf(0));
    proofs.notePong('a', '47.0.0.1');
    expect(proofs.size).toBe(MAX_PROVEN);
    expect([proofs.hasAny(hostOf(0)), proofs.hasAny(hostOf(1))]).toEqual([true, false]);
  });

  test('of an earlier run counts, unless something newer is known', () => {
    const { proofs, now } = stage();
    proofs.notePong('b', HOST);
    proofs.restore([
      { id: 'a', host: HOST, pongedAtMs: now() - 1_000, pingedAtMs: now() - 2_000 },
      { id: 'b', host: HOST, pongedAtMs: 1, pingedAtMs: 1 },
      { id: 'c', host: HOST, pongedAtMs: 0, pingedAtMs: now() },
    ]);
    expect(['a', 'b', 'c'].map((id) => proofs.isProven(id, HOST))).toEqual([true, true, false]);
    expect(['a', 'b', 'c'].map((id) => proofs.haveProvenOurs(id, HOST))).toEqual([
      true,
      false,
      false,
    ]);
  });
});

function stage() {
  let nowMs = 1_800_000_000_000;
  const now = () => nowMs;
  const move = (ms: number) => {
    nowMs += ms;
  };
  return { proofs: new EndpointProofs(now), now, move };
}
