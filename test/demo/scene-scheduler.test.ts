import { expect, test, vi } from 'vitest';

import { SceneScheduler } from '../../src/demo/scene-scheduler.ts';
import { OPENING, SCENES, SHOWN } from '../../src/demo/scenes.ts';
import { StageClosed } from '../../src/demo/stage.ts';
import { RawPeerError } from '../../src/testing/raw-peer/raw-peer-error.ts';
import { DemoStage } from '../support/demo-stage.ts';

/** Scenes that do nothing but what `play` does. */
async function directed(play: (name: string) => Promise<void>) {
  const at = await new DemoStage().start();
  const names: string[] = [];
  for (const name of SHOWN)
    vi.spyOn(SCENES[name], 'play').mockImplementation(() => {
      names.push(name);
      return play(name);
    });
  const faults: unknown[] = [];
  const director = new SceneScheduler(at.stage, at.world.random.fork('director'), (e) =>
    faults.push(e),
  );
  const directing = director.direct().catch((error: unknown) => error);
  const end = async () => {
    at.stage.close();
    expect(await at.world.complete(directing)).toBeInstanceOf(StageClosed);
    await at.world.complete(director.over());
    await at.end();
    vi.restoreAllMocks();
  };
  return { at, names, faults, director, end };
}

test('the opening comes first, then all of them; what came to nothing is played again', async () => {
  const { at, names, director, end } = await directed(async () => {});
  await at.world.until(() => names.length === OPENING.length);
  expect(new Set(names).size).toBeLessThan(OPENING.length); // some of them again
  await at.world.run('30m');
  const firsts = names.filter((name, index) => names.indexOf(name) === index);
  expect(firsts.slice(0, 3)).toEqual(OPENING.slice(0, 3));
  expect(new Set(names)).toEqual(new Set(SHOWN));
  for (const name of SHOWN) expect(names.filter((each) => each === name).length).toBeGreaterThan(3);
  expect(director.countOf('rejected.self')).toBe(0);
  await end();
});

test('what happens is counted', async () => {
  const { at, director, end } = await directed(async () => {});
  await at.world.complete(
    at.stage.withGuest('inbound', async ({ wire }) => {
      await at.stage.wait(200);
      wire.close();
    }),
  );
  expect(director.countOf('failed.connectionClosed')).toBe(1);
  await end();
});

test('whom nobody lets in is no fault, and everything else is', async () => {
  const { at, faults, end } = await directed(async (name) => {
    throw name === OPENING[0] ? new RawPeerError('closed', 'away') : new Error(name);
  });
  await at.world.run('3s');
  expect(faults).toEqual([new Error(OPENING[1])]);
  await end();
});

test('there are never more than twelve at once', async () => {
  let running = 0;
  const { at, end } = await directed(() => {
    running += 1;
    return at.stage.wait(1e9);
  });
  await at.world.run('10m');
  expect(running).toBe(12);
  await end();
});

test('some scenes are alone for a while', async () => {
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
      (SCENES[name as keyof typeof SCENES].aloneMs ?? 0) + 900,
    );
  }
  await end();
});
