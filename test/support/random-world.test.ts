/** The worlds of the seeds: many sizes, many endings, no two alike. */
import { expect, test } from 'vitest';

import { replayScript, runSeed, scriptOf } from './random-world.ts';

test('the worlds differ, and nodes of every kind connect and disconnect in them', async () => {
  const worlds = [];
  for (let seed = 0; seed < 40; seed += 1) worlds.push(await runSeed(`seed ${seed}`));
  expect(new Set(worlds.map(({ fingerprint }) => fingerprint)).size).toBe(40);
  const sizes = worlds.map(({ nodes }) => new Set(nodes.map(({ label }) => label)).size);
  expect(Math.min(...sizes)).toBe(2);
  expect(Math.max(...sizes)).toBeGreaterThan(8);
  const events = worlds.flatMap(({ nodes }) => nodes.flatMap((node) => node.events));
  expect(events.filter(({ type }) => type === 'add').length).toBeGreaterThan(100);
  const endings = events.flatMap((event) =>
    'state' in event ? [`${event.type} ${event.state}`] : [],
  );
  expect(new Set(endings).size).toBeGreaterThan(25);
});

test('a script that is written as text and read again gives the same world', async () => {
  const script = scriptOf('seed 7');
  const copy = JSON.parse(JSON.stringify(script)) as typeof script;
  const [first, second] = [
    await replayScript('seed 7', script),
    await replayScript('seed 7', copy),
  ];
  expect(second.fingerprint).toBe(first.fingerprint);
  expect(script.length).toBeGreaterThan(5);
});
