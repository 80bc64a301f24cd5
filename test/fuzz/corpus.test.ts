/** Each target replays its corpus and its crashers, and some thousands of inputs derived from them. */
import { afterAll, describe, expect, test } from 'vitest';

import { isExhaustive } from '../support/exhaustive.ts';
import { Chance } from './chance.ts';
import { readInputs } from './corpus.ts';
import { mutate } from './mutator.ts';
import { TARGETS } from './targets.ts';
import { Watchdog } from './watchdog.ts';

/** Inputs made of the corpus of each target; the same ones every time. */
const MUTANTS = isExhaustive ? 2_000 : 400;

/** Fewer where one input is a handshake or a session. */
const MUTANTS_OF: Readonly<Record<string, number>> = {
  'auth-sealed': isExhaustive ? 300 : 60,
  'ack-sealed': isExhaustive ? 300 : 60,
  'discv4-node': isExhaustive ? 1_000 : 100,
  'discv5-node': isExhaustive ? 300 : 30,
  session: isExhaustive ? 60 : 12,
};

describe.for([...TARGETS])('$name', (target) => {
  const inputs = [...readInputs(target, 'corpus'), ...readInputs(target, 'crashers')];

  const watchdog = new Watchdog(target);

  afterAll(async () => {
    await target.close?.();
  });

  test('keeps its promises for every input of its corpus', async () => {
    for (const input of [...(await target.seeds()), ...inputs]) await watchdog.try(input);
    expect(inputs).not.toEqual([]);
  });

  test('and for inputs derived from those', async () => {
    const { maxBytes, words = [], isRlp = false } = target;
    const chance = new Chance(2026);
    const from = [...(await target.seeds()), ...inputs];
    for (let left = MUTANTS_OF[target.name] ?? MUTANTS; left > 0; left -= 1) {
      const other = chance.pick(from);
      const input = mutate(chance.pick(from), { chance, maxBytes, words, isRlp, other });
      await watchdog.try(input);
    }
  });
});
