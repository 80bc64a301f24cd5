import { expect, test } from 'vitest';
import type { ServerEvent } from '../../src/api/server-events.ts';
import { IMPOSSIBLE, OCCURRENCES, occurrencesOf } from '../../src/demo/coverage.ts';
import { END_STATES } from '../../src/explain/end-states.ts';

const event = (given: object): ServerEvent => given as ServerEvent;

test('every end state and every reason to turn a caller away is an occurrence', () => {
  expect(OCCURRENCES).toEqual(expect.arrayContaining([...END_STATES]));
  expect(OCCURRENCES.filter((name) => name.startsWith('turnedAway.'))).toHaveLength(5);
  expect(new Set(OCCURRENCES).size).toBe(OCCURRENCES.length);
});

test('an impossible occurrence has a reason', () => {
  for (const [name, why] of Object.entries(IMPOSSIBLE)) {
    expect(OCCURRENCES).toContain(name);
    expect(why).toMatch(/\w+ \w+/);
  }
});

test.for([
  ['drop', { type: 'drop', state: 'ending.rejected.silence' }, ['ending.rejected.silence']],
  ['ended', { type: 'ended', state: 'rejected.self' }, ['rejected.self']],
  ['dialFailed', { type: 'dialFailed', state: 'noTcpPort' }, ['noTcpPort']],
  [
    'turnedAway',
    { type: 'turnedAway', counts: { netRestrict: 1, throttled: 0, noSlot: 2 } },
    ['turnedAway.netRestrict', 'turnedAway.noSlot'],
  ],
  ['lost listener', { type: 'lost', part: 'listener' }, ['listener.lost']],
  ['another lost part', { type: 'lost', part: 'dialScheduler' }, []],
  ['restored', { type: 'restored', part: 'listener' }, ['listener.restored']],
  ['static nodes held back', { type: 'heldBack' }, ['static.heldBack']],
  ['add', { type: 'add' }, []],
] as const)('occurrences of %s', ([_, given, occurrence]) => {
  expect(occurrencesOf(event(given))).toEqual(occurrence);
});
