import { expect, test } from 'vitest';
import { DialHistory } from '../../../src/inspect/recorder/dial-history.ts';
import { dialsView, MAX_LINES, staticNodes } from '../../../src/inspect/recorder/dials-view.ts';
import { NodeHistory } from '../../../src/inspect/recorder/node-history.ts';
import { enodeOf, World } from '../../support/world.ts';

async function scheduling(statics: number) {
  const world = new World();
  const staticNodes = Array.from({ length: statics }, (_, place) => enodeOf(place + 5));
  const a = world.add(1, { staticNodes, maxPendingPeers: 2 });
  const nodes = new NodeHistory({ server: a.server, clock: world.clock });
  await world.start(a);
  const history = new DialHistory(world.clock);
  const scheduler = () => a.server.actor.getSnapshot().children.dialScheduler!.getSnapshot();
  history.update(scheduler().context.facts);
  return { world, nodes, history, scheduler };
}

test('each static node has its address before it was dialled, and all of them are counted', async () => {
  const { world, nodes, history, scheduler } = await scheduling(MAX_LINES + 20);
  const { context } = scheduler();
  const all = staticNodes(context, history, nodes);
  expect(all).toHaveLength(MAX_LINES + 20);
  expect(all[0]).toMatchObject({ remote: '192.0.2.1:30005', msLeft: null, last: null });
  expect(all.filter(({ status }) => status === 'dialling')).toHaveLength(2);
  const view = dialsView('scheduling', context, history, nodes);
  expect([view.statics.length, view.staticsTotal, view.running.length]).toEqual([
    MAX_LINES,
    MAX_LINES + 20,
    2,
  ]);
  for (const { id, remote, direction } of view.running) {
    expect(remote).toBe(all.find((node) => node.id === id)!.remote);
    expect(direction).toBe('static');
  }
  nodes.close();
  await world.end();
});
