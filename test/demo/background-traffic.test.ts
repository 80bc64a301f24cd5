import { expect, test } from 'vitest';

import { backgroundTraffic } from '../../src/demo/background-traffic.ts';
import { echo } from '../../src/protocols/echo.ts';
import { createWorld } from '../../src/testing/world/world.ts';

test('it sends messages, answers echoes, and stops with its peer', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  const heard: { readonly at: number; readonly kind: string }[] = [];
  const onMessage = ({ kind }: { readonly kind: string }): void =>
    void heard.push({ at: world.clock.now(), kind });
  const talker = world.node({
    protocols: [backgroundTraffic(world.clock, world.random.fork('talk'))],
  });
  const listener = world.node({ protocols: [echo({ say: 'hello', onMessage })] });
  await world.start(talker, listener);
  talker.server.addPeer(listener.enode);
  await world.run('1m');

  const said = heard.filter(({ kind }) => kind === 'said').map(({ at }) => at);
  expect(heard.filter(({ kind }) => kind === 'echoed')).toHaveLength(1);
  expect(said.length).toBeGreaterThan(6);
  for (const [index, at] of said.entries())
    if (index > 0) expect(at - said[index - 1]!).toBeGreaterThan(1_900);

  await world.stop(listener);
  await world.run('1m');
  expect(heard.filter(({ kind }) => kind === 'said')).toHaveLength(said.length);
  await world.end();
  expect(world.clock.pending).toBe(0);
});
