/** Numbers that stand beside each other on the page, in frames of the demo. */
import { expect, test } from 'vitest';
import { Lifecycle } from '../../../../src/actors/lifecycle.ts';
import type { ServerEvent } from '../../../../src/api/server-events.ts';
import { createDemo } from '../../../../src/demo/demo.ts';
import { connectionRows } from '../../../../src/inspect/page/model/connection-rows.ts';
import { stageCounts } from '../../../../src/inspect/page/model/pipeline.ts';
import { reasonsOf } from '../../../../src/inspect/page/model/reasons.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { settingUpIn, tablesOf } from '../../../../src/inspect/page/model/tables.ts';
import { endingOf } from '../../../../src/inspect/recorder/endings.ts';
import { Recorder } from '../../../../src/inspect/recorder/recorder.ts';
import { ServerViews } from '../../../../src/inspect/recorder/views.ts';
import type { Observation } from '../../../../src/server/observation.ts';

const ABOUT = {
  ...{ peerchart: '0', startedAt: '2026-01-01T00:00:00.000Z', node: '', masked: false },
  source: 'live' as const,
};

/** A recorder that observes the server as an inspector does. */
function observed(observation: Observation): Recorder {
  const { server, clock, inspection } = observation;
  const recorder = new Recorder({ clock, about: ABOUT });
  const onPhase = () => recorder.expireViews();
  const views = new ServerViews({ ...observation, loopDelay: () => 0, onPhase });
  recorder.setViews(() => views.read());
  recorder.setDiagnosis(() => views.diagnosis());
  inspection.watch(new Lifecycle(recorder));
  for (const type of ['drop', 'ended', 'dialFailed'] as const)
    server.on(type, (event) => recorder.addEnding(endingOf(event as ServerEvent)!));
  return recorder;
}

/** Such as 9, of `9 peers of 12.` and `Full: 9 of 9 peers.` */
const peersIn = (sentence: string): number => Number(/\d+/.exec(sentence)?.[0]);

/** What the tabs and the header show in one frame, by the name of what is counted. */
function numbersIn(store: Store): Readonly<Record<string, readonly (number | null)[]>> {
  const { server, peers, listener, dials, dialling } = tablesOf(store);
  const counts = stageCounts(store);
  const live = connectionRows(store, 'live', [], store.now);
  const inbound = peers.filter(({ direction }) => direction === 'inbound');
  const all = reasonsOf(store, 'all');
  const sum = (reasons: typeof all) => reasons.reduce((total, { count }) => total + count, 0);
  return {
    peers: [server!.peers, peers.length, counts.peer, peersIn(store.diagnosis!.sentence)],
    'inbound peers': [server!.inbound, inbound.length],
    'peers we dialled': [dials!.dialled, peers.length - inbound.length],
    'live connections': [live.live, live.rows.length, counts.live],
    'ended connections': [live.ended, counts.ended],
    'setting up': [
      settingUpIn(store),
      counts.encHandshake + counts.checkpoint1 + counts.hello + counts.checkpoint2,
    ],
    dials: [
      dialling.length,
      [...store.actors.values()].filter(
        ({ machine, status }) => machine === 'dial-task' && status === 'active',
      ).length,
    ],
    slots: [listener!.used, listener!.slots.filter((holder) => holder !== null).length],
    endings: [
      counts.ended,
      sum(all),
      sum(reasonsOf(store, 'connections')) + sum(reasonsOf(store, 'dials')),
    ],
  };
}

test('every number beside another of the same kind agrees with it in 100 frames of the demo', async () => {
  const demo = createDemo({ seed: 'numbers' });
  const recorders: Recorder[] = [];
  await demo.server.attach((observation) => {
    recorders.push(observed(observation));
    return { [Symbol.asyncDispose]: async () => {} };
  });
  await demo.start();
  const [store, viewer] = [new Store(), recorders[0]!.open({ actions: false })];
  let most = 0;
  for (let frame = 0; frame < 100; frame += 1) {
    await demo.run(730);
    store.apply(viewer.next(10) ?? {});
    for (const [what, values] of Object.entries(numbersIn(store)))
      expect([frame, what, ...new Set(values)]).toEqual([frame, what, values[0]]);
    // the actors are not only consistent, they are right
    expect([frame, tablesOf(store).server?.peers]).toEqual([frame, demo.server.peerCount]);
    most = Math.max(most, demo.server.peerCount);
  }
  expect(most).toBeGreaterThan(5);
  await demo.end();
});
