import { expect, test } from 'vitest';

import { PeerPopulation } from '../../src/demo/peer-population.ts';
import { DemoEnded } from '../../src/demo/scene-context.ts';
import { DemoContext } from '../support/demo-context.ts';

async function crowded() {
  const at = await new DemoContext().start();
  const population = new PeerPopulation(at.context, at.world.random.fork('population'));
  const lives = Promise.allSettled(population.run());
  const end = async () => {
    at.context.end();
    const ends = (await at.world.complete(lives)) as PromiseRejectedResult[];
    for (const { reason } of ends) expect(reason).toBeInstanceOf(DemoEnded);
    await at.end();
  };
  return { at, population, end };
}

test('members start one after the other; one crashes, restarts and is dialled again', async () => {
  const { at, population, end } = await crowded();
  await at.world.run('8s');
  expect(at.events.map(({ type }) => type)).toEqual(['add', 'add', 'add', 'add', 'add']);
  await at.world.run('52s');
  const crashed = at.events.find(({ type }) => type === 'drop');
  expect(crashed).toMatchObject({ state: 'ending.failed.connectionReset' });
  const { id } = (crashed as { readonly peer: { readonly id: string } }).peer;
  expect(at.events.filter((event) => event.type === 'add' && event.peer.id === id)).toHaveLength(2);
  expect(population.nodes).toHaveLength(7);
  await end();
});

test('members stop, crash and lose their network, and their number stays the same', async () => {
  const { at, population, end } = await crowded();
  await at.world.run('10m');
  expect(new Set(at.occurrences)).toEqual(
    new Set([
      'ending.refused.clientQuitting',
      'ending.failed.connectionReset',
      'ending.rejected.pongTimeout',
      'ending.rejected.silence',
      'connectionRefused',
    ]),
  );
  expect(at.world.nodes).toHaveLength(8);
  expect(at.world.nodes).toEqual(expect.arrayContaining([...population.nodes]));
  for (const { events } of at.world.nodes) expect(events).toEqual([]);
  await end();
});

test('the candidates come in turn, at an interval', async () => {
  const { at, population, end } = await crowded();
  const found = population.candidates();
  const urls: unknown[] = [];
  for (let left = 3; left > 0; left -= 1) urls.push((await at.world.complete(found.next())).value);
  expect(at.world.clock.now()).toBeGreaterThan(11_000);
  expect(new Set(urls).size).toBe(2);
  expect(urls[2]).toBe(urls[0]);
  await end();
});
