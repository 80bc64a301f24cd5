/** A recording in columns. */
import { expect, test } from 'vitest';

import { Tape } from '../../../../src/inspect/page/recording/tape.ts';
import { actorLine, HEADER, LINES, stepLine } from '../../../support/recording-lines.ts';

function taped(lines = LINES): Tape {
  const tape = new Tape(HEADER);
  for (const line of lines) tape.add(line);
  return tape;
}

test('a step is read back with its dictionary indexes', () => {
  const tape = taped();
  const index = Array.from({ length: tape.length }, (_, at) => at).find(
    (at) => tape.isStep(at) && tape.at(at) === 110,
  )!;
  const entry = tape.entry(index, 7);
  if (entry.is !== 'step') throw new Error('it is a step');
  const [sequence, actor, at, event, state, way] = entry.step;
  expect([sequence, actor, at]).toEqual([7, 3, 110]);
  expect([tape.names[event], tape.names[state]]).toEqual(['auth.received', 'protoHandshake']);
  expect(tape.transitions[way!]!.map((name) => tape.names[name])).toEqual([
    'connection-setup',
    'encHandshake.awaitingAuth',
    'auth.received',
    'protoHandshake',
  ]);
});

test('a transition is stored once per machine', () => {
  const way = ['a', 'go', 'b'] as const;
  const lines = [1, 2].flatMap((actor) => [
    actorLine(0, actor, `machine ${actor}`, `${actor}`),
    stepLine(1, actor, 'go', 'b', way),
    stepLine(2, actor, 'go', 'b', way),
  ]);
  const tape = taped([...lines.filter(({ t }) => t < 2), ...lines.filter(({ t }) => t === 2)]);
  expect(tape.transitions).toHaveLength(2);
});

test('thousands of entries are all kept', () => {
  const steps = Array.from({ length: 5_000 }, (_, t) => stepLine(t, 1, `e${t % 7}`, `s${t % 5}`));
  const tape = taped([actorLine(0, 1, 'm', 'm'), ...steps]);
  expect(tape).toMatchObject({ length: 5_001, steps: 5_000, duration: 4_999 });
  const entry = tape.entry(4_001, 0);
  expect(entry.is === 'step' && tape.names[entry.step[3]]).toBe(`e${4_000 % 7}`);
});

test('entries of an unknown actor are dropped and counted', () => {
  const tape = taped([
    stepLine(1, 9, 'a', 'b'),
    { type: 'row', actor: 9, row: {} },
    { type: 'actorEnded', t: 2, actor: 9, status: 'done' },
  ]);
  expect(tape).toMatchObject({ length: 0, leftOut: 3 });
});

test('time never goes back', () => {
  const tape = taped([actorLine(50, 1, 'm', 'm'), stepLine(10, 1, 'a', 'b')]);
  expect([tape.at(0), tape.at(1)]).toEqual([50, 50]);
});

test('the first entry after a time is found among equal times', () => {
  const times = [0, 5, 5, 5, 9];
  const tape = taped([
    actorLine(0, 1, 'm', 'm'),
    ...times.map((t) => stepLine(t, 1, 'a', 'b')),
    { type: 'end', t: 20, why: 'closed' },
  ]);
  expect([-1, 0, 4, 5, 8.9, 9, 20].map((t) => tape.after(t))).toEqual([0, 2, 2, 5, 5, 6, 6]);
  expect(tape.duration).toBe(20);
});

test('names beyond the limit share one entry', () => {
  const steps = Array.from({ length: 66_000 }, (_, t) => stepLine(t, 1, `e${t}`, 's'));
  const tape = taped([actorLine(0, 1, 'm', 'm'), ...steps]);
  expect(tape.names).toHaveLength(65_535);
  const last = tape.entry(tape.length - 1, 0);
  expect(last.is === 'step' && tape.names[last.step[3]]).toBe('…');
});
