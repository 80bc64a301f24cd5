import { expect, test } from 'vitest';

import { PeerPopulation } from '../../src/demo/peer-population.ts';
import { StageClosed } from '../../src/demo/stage.ts';
import { DemoStage } from '../support/demo-stage.ts';

async function crowded() {
  const at = await new DemoStage().start();
  const crowd = new PeerPopulation(at.stage, at.world.random.fork('crowd'));
  const lives = Promise.allSettled(crowd.lives());
  const end = async () => {
    at.stage.close();
    const ends = (await at.world.complete(lives)) as PromiseRejectedResult[];
    for (const { reason } of ends) expect(reason).toBeInstanceOf(StageClosed);
    await at.end();
  };
  return { at, crowd, end };
}

test('they come one after the other; one crashes, comes back and is dialled again', async () => {
  const { at, crowd, end } = await crowded();
  await at.world.run('8s');
  expect(at.events.map(({ type }) => type)).toEqual(['add', 'add', 'add', 'add', 'add']);
  await at.world.run('52s');
  const crashed = at.events.find(({ type }) => type === 'drop');
  expect(crashed).toMatchObject({ state: 'ending.failed.connectionReset' });
  const { id } = (crashed as { readonly peer: { readonly id: string } }).peer;
  expect(at.events.filter((event) => event.type === 'add' && event.peer.id === id)).toHaveLength(2);
  expect(crowd.nodes).toHaveLength(7);
  await end();
});

test('they leave, crash and lose their network, and there are never more of them', async () => {
  const { at, crowd, end } = await crowded();
  await at.world.run('10m');
  expect(new Set(at.happened)).toEqual(
    new Set([
      'ending.refused.clientQuitting',
      'ending.failed.connectionReset',
      'ending.rejected.pongTimeout',
      ...at.happened.filter((name) => !name.startsWith('ending.')),
    ]),
  );
  expect(at.world.nodes).toHaveLength(8);
  expect(at.world.nodes).toEqual(expect.arrayContaining([...crowd.nodes]));
  for (const { events } of at.world.nodes) expect(events).toEqual([]);
  await end();
});

test('those that wait to be found are found in turn, at a pace', async () => {
  const { at, crowd, end } = await crowded();
  const found = crowd.found();
  const urls: unknown[] = [];
  for (let left = 3; left > 0; left -= 1) urls.push((await at.world.complete(found.next())).value);
  expect(at.world.clock.now()).toBeGreaterThan(11_000);
  expect(new Set(urls).size).toBe(2);
  expect(urls[2]).toBe(urls[0]);
  await end();
});
