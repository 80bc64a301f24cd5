import { expect, test, vi } from 'vitest';
import { DemoEnded } from '../../src/demo/scene-context.ts';
import { SceneScheduler } from '../../src/demo/scene-scheduler.ts';
import { COVERED, OPENING_SCENES, SCENES } from '../../src/demo/scenes.ts';
import { RawPeerError } from '../../src/testing/raw-peer/raw-peer-error.ts';
import { DemoContext } from '../support/demo-context.ts';

/** Replaces every scene by `run`. */
async function directed(play: (name: string) => Promise<void>) {
  const at = await new DemoContext().start();
  const names: string[] = [];
  for (const name of COVERED)
    vi.spyOn(SCENES[name], 'run').mockImplementation(() => {
      names.push(name);
      return play(name);
    });
  const faults: unknown[] = [];
  const scheduler = new SceneScheduler(at.context, at.world.random.fork('scheduler'), (e) =>
    faults.push(e),
  );
  const directing = scheduler.run().catch((error: unknown) => error);
  const end = async () => {
    at.context.end();
    expect(await at.world.complete(directing)).toBeInstanceOf(DemoEnded);
    await at.world.complete(scheduler.finished());
    await at.end();
    vi.restoreAllMocks();
  };
  return { at, names, faults, scheduler, end };
}

test('the opening scenes come first, then all; a scene without its occurrence is repeated', async () => {
  const { at, names, scheduler, end } = await directed(async () => {});
  await at.world.until(() => names.length === OPENING_SCENES.length);
  expect(new Set(names).size).toBeLessThan(OPENING_SCENES.length); // some are repeated
  await at.world.run('30m');
  const firsts = names.filter((name, index) => names.indexOf(name) === index);
  expect(firsts.slice(0, 3)).toEqual(OPENING_SCENES.slice(0, 3));
  expect(new Set(names)).toEqual(new Set(COVERED));
  for (const name of COVERED)
    expect(names.filter((each) => each === name).length).toBeGreaterThan(3);
  expect(scheduler.countOf('rejected.self')).toBe(0);
  await end();
});

test('occurrences are counted', async () => {
  const { at, scheduler, end } = await directed(async () => {});
  await at.world.complete(
    at.context.withConnection('inbound', async ({ peer }) => {
      await at.context.wait(200);
      peer.close();
    }),
  );
  expect(scheduler.countOf('failed.connectionClosed')).toBe(1);
  await end();
});

test('a RawPeerError of a scene is no error, every other one is', async () => {
  const { at, faults, end } = await directed(async (name) => {
    throw name === OPENING_SCENES[0] ? new RawPeerError('closed', 'away') : new Error(name);
  });
  await at.world.run('3s');
  expect(faults).toEqual([new Error(OPENING_SCENES[1])]);
  await end();
});

test('at most twelve scenes run at once', async () => {
  let running = 0;
  const { at, end } = await directed(() => {
    running += 1;
    return at.context.wait(1e9);
  });
  await at.world.run('10m');
  expect(running).toBe(12);
  await end();
});

test('no other scene starts during exclusiveMs', async () => {
  const { at, names, end } = await directed(async () => {});
  const times: [string, number][] = [];
  while (times.length < 250) {
    const before = names.length;
    await at.world.until(() => names.length > before);
    times.push([names.at(-1)!, at.world.clock.now()]);
  }
  for (const [index, [name, began]] of times.entries()) {
    const next = times[index + 1]?.[1] ?? Number.POSITIVE_INFINITY;
    expect(next - began).toBeGreaterThanOrEqual(
      (SCENES[name as keyof typeof SCENES].exclusiveMs ?? 0) + 900,
    );
  }
  await end();
});
