/** The whole demo on virtual time: every occurrence, no leaks, and the same run for the same seed. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { IMPOSSIBLE, OCCURRENCES } from '../../src/demo/coverage.ts';
import { createDemo, type Demo } from '../../src/demo/demo.ts';
import { OPENING_SCENES, SCENES } from '../../src/demo/scenes.ts';

// XState warns about an event to a stopped actor: one scene drops a timer
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

/** Some seconds, and much more on a busy computer. */
const LONG = { timeout: 120_000 };

type Reported = { readonly type: string; readonly at: number; readonly what: string };

async function started(seed = 1): Promise<{ demo: Demo; reported: readonly Reported[] }> {
  const demo = createDemo({ seed });
  const reported: Reported[] = [];
  const now = (): number => demo.world.clock.now();
  demo.server.on('add', ({ type, peer }) => reported.push({ type, at: now(), what: peer.id }));
  for (const type of ['drop', 'ended', 'dialFailed'] as const)
    demo.server.on(type, ({ state }) => reported.push({ type, at: now(), what: state }));
  await demo.start();
  return { demo, reported };
}

test(
  'within six minutes every possible occurrence happens, and the end has no leaks',
  LONG,
  async () => {
    const { demo, reported } = await started();
    await demo.run(360_000);
    expect(OCCURRENCES.filter((name) => !(name in IMPOSSIBLE) && demo.countOf(name) === 0)).toEqual(
      [],
    );
    for (const name of OCCURRENCES.filter((each) => each in IMPOSSIBLE))
      expect([name, demo.countOf(name)]).toEqual([name, 0]);

    const gaps = reported.map(({ at }, index) => at - (reported[index - 1]?.at ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(8_000);
    expect(reported.length / 360).toBeGreaterThan(0.9); // about one a second

    expect(demo.world.nodes).toHaveLength(8); // however many restarted
    expect(demo.world.tcp.connections.size).toBeLessThan(40);
    await demo.end();
    expect(demo.countOf('ending.rejected.clientQuitting')).toBeGreaterThan(0);
  },
);

test('the first minute has joins, rejections, a drop and a redial', async () => {
  const { demo, reported } = await started();
  await demo.run(60_000);
  const of = (type: string) =>
    reported.filter((each) => each.type === type).map(({ what }) => what);
  const joined = of('add');
  expect(new Set(joined).size).toBeGreaterThan(10);
  expect(joined.filter((id, index) => joined.indexOf(id) !== index)).toHaveLength(1);
  expect(new Set(of('drop')).size).toBeGreaterThan(4);
  const rejected = of('ended').filter((state) => /^(rejected|refused)/.test(state));
  expect(new Set(rejected).size).toBeGreaterThan(4);
  expect(of('dialFailed')).toContain('connectionRefused');
  await demo.end();
});

test('the same seed gives the same run', async () => {
  const fingerprints: string[] = [];
  for (const seed of [7, 7, 8]) {
    const { demo } = await started(seed);
    await demo.run(20_000);
    await demo.end();
    fingerprints.push(demo.world.fingerprint);
  }
  const [first, again, other] = fingerprints;
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test('it can be stopped at any time', async () => {
  for (const ms of [0, 300, 2_345, 17_000]) {
    const { demo } = await started();
    await demo.run(ms);
    await demo.end();
  }
});

test('an error in a scene ends the demo', async () => {
  vi.spyOn(SCENES[OPENING_SCENES[0]!], 'run').mockRejectedValue(new Error('scene failed'));
  const { demo } = await started();
  await expect(demo.run(10_000)).rejects.toThrow('scene failed');
});

test('an internal error of a server ends the demo', async () => {
  const { demo } = await started();
  demo.world.problems.push('no state of peer handles that');
  await expect(demo.run(1_000)).rejects.toThrow('no state of peer handles that');
});
