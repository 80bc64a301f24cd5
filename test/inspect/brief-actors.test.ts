import { expect, test } from 'vitest';

import { EndedActors } from '../../src/inspect/brief-actors.ts';

const machineOf = (actor: string): string => actor.split(':')[0]!;

test('the oldest ended actor is dropped', () => {
  const ended = new EndedActors(2, machineOf);
  expect(ended.add('peer:1')).toEqual([]);
  expect(ended.add('peer:2')).toEqual([]);
  expect(ended.add('peer:3')).toEqual(['peer:1']);
  expect(ended.size).toBe(2);
});

test('many proofs do not drop a connection, nor a lookup', () => {
  const ended = new EndedActors(100, machineOf);
  for (let number = 0; number < 80; number += 1) ended.add(`peer:${number}`);
  ended.add('lookup:1');
  const dropped = Array.from({ length: 1_000 }, (_, number) =>
    ended.add(`endpoint-proof:${number}`),
  ).flat();
  expect(dropped).toHaveLength(990);
  expect(dropped.every((actor) => machineOf(actor) === 'endpoint-proof')).toBe(true);
  expect(dropped[0]).toBe('endpoint-proof:0');
  expect(ended.size).toBe(91);
});

test('actors of a brief machine are dropped when there is no other', () => {
  const ended = new EndedActors(0, machineOf);
  expect(ended.add('lookup:1')).toEqual(['lookup:1']);
  expect(ended.size).toBe(0);
});
