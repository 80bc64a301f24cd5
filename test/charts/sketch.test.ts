import { describe, expect, test } from 'vitest';

import { chartModel } from '../../src/charts/chart-model.ts';
import { destinationsOf, transitionsOf } from '../../src/charts/chart-reading.ts';
import { ANYWHERE, type Row, type Sketch, sketch } from '../../src/charts/sketch.ts';
import { readMachines } from '../../src/charts/write-charts.ts';
import { connectionSetupMachine } from '../../src/machines/connection/connection-setup.ts';
import { dialTaskMachine } from '../../src/machines/dialing/dial-task.ts';
import { listenerMachine } from '../../src/machines/listening/listener.ts';
import { peerMachine } from '../../src/machines/peer/peer.ts';
import { sampleMachine, twinMachine } from './sample.ts';

const setup = sketch(chartModel(connectionSetupMachine));
const sample = sketch(chartModel(sampleMachine));
const subjects = await readMachines();

const boxAt = ({ boxes }: Sketch, path: string) => boxes.find((box) => box.path === path)!;
const words = (rows: readonly Row[]) =>
  rows.map(({ kind, title, lines }) => [kind, title, ...lines.map(({ text }) => text)].join(' '));
const arrowsIn = ({ arrows }: Sketch) =>
  arrows.map(
    ({ from, to, lines }) => `${from} > ${to}: ${lines.map(({ text }) => text).join(', ')}`,
  );

describe.each(subjects.map(({ model }) => [model.id, model] as const))(
  'sketch of %s',
  (_, model) => {
    const drawn = sketch(model);

    test('shows every transition that leads somewhere, once', () => {
      const ways = [
        ...drawn.boxes.flatMap(({ rows }) => rows.flatMap(({ lines }) => lines)),
        ...drawn.arrows.flatMap(({ lines }) => lines),
      ].flatMap((line) => line.ways);
      const shown = new Set(ways.map(({ source, target }) => `${source} > ${target}`));
      const all = transitionsOf(model).flatMap((one) =>
        destinationsOf(model, one).map(({ path }) => `${one.source} > ${path}`),
      );
      expect([...shown].sort()).toEqual([...new Set(all)].sort());
    });

    test('shows every state, as a box or as a row', () => {
      const shown = [
        ...drawn.boxes.map(({ path }) => path),
        ...drawn.boxes.flatMap(({ path, rows }) => rows.map(({ title }) => `${path}.${title}`)),
        ...drawn.boxes.flatMap(({ rows }) => rows.map(({ title }) => title)),
      ];
      const missing = model.states.filter(({ path }) => path !== '' && !shown.includes(path));
      expect(missing.map(({ path }) => path)).toEqual([]);
    });

    test('has no arrow between boxes that are not there, or one of which holds the other', () => {
      const paths = drawn.boxes.map(({ path }) => path);
      for (const { from, to } of drawn.arrows) {
        expect(paths).toContain(from);
        expect(paths).toContain(to);
        expect(`${to}.`.startsWith(`${from}.`) || `${from}.`.startsWith(`${to}.`)).toBe(false);
      }
    });
  },
);

test('an outcome is a row in the state it leaves', () => {
  expect(words(boxAt(setup, 'protoHandshake').rows)).toEqual(['outcome helloTimeout after 5 s']);
  expect(words(boxAt(setup, 'encHandshake').rows)).toEqual([
    'outcome aborted stop cancel supersede',
    'outcome encHandshakeTimeout after 5 s',
  ]);
  expect(setup.boxes.filter(({ path }) => path.startsWith('rejected.'))).toEqual([]);
});

test('a final state with advice is an outcome as well', () => {
  const dial = sketch(chartModel(dialTaskMachine));
  expect(dial.boxes.filter(({ kind }) => kind === 'final').map(({ path }) => path)).toEqual([
    'done',
  ]);
  expect(words(boxAt(dial, 'settingUp').rows)).toEqual([
    'outcome setupFailed setup.ended [otherwise]',
    'outcome setupTimeout after settingUpTimeout (30 s)',
  ]);
});

test('what happens in any state has a box of its own, families of events in one row', () => {
  expect(words(boxAt(setup, ANYWHERE).rows)[0]).toBe('outcome rejected 13 reject events');
  expect(boxAt(sample, ANYWHERE).title).toBe('any state');
  expect(words(boxAt(sample, ANYWHERE).rows)).toEqual([
    'outcome late reject.late link breaks',
    'outcome rude reject.rude',
  ]);
});

test('the box of a group lists its outcomes with their words on the wire', () => {
  const { kind, rows } = boxAt(setup, 'rejected');
  expect(kind).toBe('outcomes');
  expect(words(rows).slice(0, 3)).toEqual([
    'listed serverStopped 0x08',
    'listed nodeRemoved 0x00',
    'listed tooManyPeers 0x04',
  ]);
  expect(words(boxAt(setup, 'failed').rows)[0]).toBe('listed destinationKeyMissing');
});

test('states that only wait are listed, with one arrow for all', () => {
  const listener = sketch(chartModel(listenerMachine));
  expect(words(boxAt(listener, 'restarting').rows)[0]).toBe('waiting after1s 1 s');
  expect(arrowsIn(listener)).toContain('restarting > open: after its time');
});

test('a move between a box and one inside of it is a row', () => {
  expect(words(boxAt(sample, 'busy').rows)).toEqual(['move on again', 'move busy restart']);
  expect(words(boxAt(sample, 'busy.right.class').rows)).toEqual(['move busy a;b:c']);
});

test('arrows between the same two boxes are one', () => {
  expect(arrowsIn(sample)).toEqual([
    'end > busy: go [isReady], after pause (250 ms), [isReady]',
    'end > over: after whim (computed)',
    'end > busy.left.on: [has a:b;"c"#{}]',
    'busy > over: busy is done',
    'busy.left.on > busy.left.off: swap',
    'rejected > over: after patience (1.5 s)',
  ]);
});

test('a box shows where it begins only if something enters it without saying where', () => {
  const peer = sketch(chartModel(peerMachine));
  expect(boxAt(peer, 'running').initial).toBe('running.resting');
  expect(boxAt(peer, 'ending').initial).toBeNull();
  expect(boxAt(sample, 'busy.left').initial).toBe('busy.left.on');
});

test('what a box runs is a note', () => {
  expect(boxAt(sketch(chartModel(dialTaskMachine)), 'connecting').notes).toEqual(['runs dialer']);
});

test('regions at the top have no beginning', () => {
  const twin = sketch(chartModel(twinMachine));
  expect(twin.initial).toBeNull();
  expect(twin.boxes.map(({ path, kind }) => [path, kind])).toEqual([
    [ANYWHERE, 'anywhere'],
    ['left', 'region'],
    ['right', 'region'],
    ['right.a', 'state'],
    ['right.b', 'state'],
  ]);
});
