/** Slow lines: what makes progress is not dropped, and what makes none is. All of them are in test/exhaustive. */
import { expect, test } from 'vitest';

import { flawOf, nameOf, RATES, type SlowLink, slowLinksAt } from '../support/slow-links.ts';

/** A prime, so that the sample has every value of every property. */
const STEP = 127;

/** A pong wait as long as the ping interval ended this one in `pongTimeout`. */
const ONCE_DROPPED: SlowLink = {
  ...{ rate: 40, size: 64, direction: 'back', roundTripMs: 20, startS: 0, buffer: 4_096 },
  fate: 'goes on',
};

const sample = [
  ONCE_DROPPED,
  ...RATES.flatMap(slowLinksAt).filter((_, index) => index % STEP === 0),
];

test.for(sample.map((link) => [nameOf(link), link] as const))('%s', async ([, link]) => {
  expect(await flawOf(link)).toBeNull();
});

test('the sample has every rate, size, direction, round trip, start and buffer, and both fates', () => {
  for (const property of Object.keys(sample[0]!) as (keyof (typeof sample)[number])[]) {
    const all = new Set(RATES.flatMap(slowLinksAt).map((link) => link[property]));
    expect(new Set(sample.map((link) => link[property])), property).toEqual(all);
  }
});
