import { describe, expect, test } from 'vitest';
import {
  MAX_TRACKED_REQUESTS,
  REQUEST_LIFETIME_MS,
  RequestTracker,
} from '../../src/protocols/request-tracker.ts';
import { StepClock } from '../support/step-clock.ts';

function stage() {
  const clock = new StepClock();
  const log: string[] = [];
  const tracker = new RequestTracker(
    clock,
    {
      tracked: (code, change) => log.push(`tracked ${code} ${change}`),
      fulfilled: (code, ms) => log.push(`fulfilled ${code} after ${ms}`),
      lost: (code) => log.push(`lost ${code}`),
      stale: (code) => log.push(`stale ${code}`),
    },
    (id) => log.push(`no answer to ${id}`),
  );
  const track = (id: bigint, maxItems = 2) =>
    tracker.track({ id, code: 9, answerCode: 10, maxItems });
  const answer = (id: bigint, items = 1, code = 10) => tracker.fulfil({ id, code, items });
  return { clock, log, tracker, track, answer };
}

describe('a request', () => {
  test('is fulfilled by an answer with its id, and measured', () => {
    const { clock, log, tracker, track, answer } = stage();
    expect(track(1n)).toBe('tracked');
    clock.advance(70);
    expect([tracker.pending, answer(1n), tracker.pending]).toEqual([1, 'fulfilled', 0]);
    expect(log).toEqual(['tracked 9 1', 'tracked 9 -1', 'fulfilled 9 after 70']);
    expect(answer(1n)).toBe('noMatchingRequest');
    expect(log.at(-1)).toBe('stale 10');
    clock.advance(REQUEST_LIFETIME_MS);
    expect(clock.pending).toBe(0);
  });

  test('waits on after an answer of another type, or with too many items', () => {
    const { tracker, track, answer } = stage();
    track(1n);
    expect([answer(1n, 1, 4), answer(1n, 3)]).toEqual(['codeMismatch', 'tooManyItems']);
    expect(tracker.pending).toBe(1);
    expect(answer(1n, 2)).toBe('fulfilled');
  });

  test('is lost after 5 min, together with those that are 5 ms younger', () => {
    const { clock, log, tracker, track, answer } = stage();
    track(1n);
    clock.advance(5);
    track(2n);
    clock.advance(1);
    track(3n);
    clock.advance(REQUEST_LIFETIME_MS - 7);
    expect(tracker.pending).toBe(3);
    clock.advance(1);
    expect(log.slice(3)).toEqual([
      ...['tracked 9 -1', 'lost 9', 'no answer to 1'],
      ...['tracked 9 -1', 'lost 9', 'no answer to 2'],
    ]);
    clock.advance(6);
    expect([tracker.pending, clock.pending, answer(3n)]).toEqual([0, 0, 'noMatchingRequest']);
  });

  test('needs an id of its own, room, and a tracker that runs', () => {
    const { clock, log, tracker, track } = stage();
    track(1n);
    expect(track(1n)).toBe('idCollision');
    for (let id = 2n; id <= BigInt(MAX_TRACKED_REQUESTS); id += 1n) track(id);
    expect(track(0n)).toBe('limitReached');
    tracker.stop();
    expect([track(0n), tracker.pending, clock.pending]).toEqual(['stopped', 0, 0]);
    expect(log.filter((line) => line.startsWith('lost'))).toEqual([]);
    expect(log.filter((line) => line === 'tracked 9 -1')).toHaveLength(MAX_TRACKED_REQUESTS);
  });
});
