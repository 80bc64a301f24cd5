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

    test('shows every transition with a target once', () => {
      const ways = [
        ...drawn.boxes.flatMap(({ rows }) => rows.flatMap(({ lines }) => lines)),
        ...drawn.arrows.flatMap(({ lines }) => lines),
      ].flatMap((line) => line.transitions);
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

    test('has arrows only between existing boxes of which neither contains the other', () => {
      const paths = drawn.boxes.map(({ path }) => path);
      for (const { from, to } of drawn.arrows) {
        expect(paths).toContain(from);
        expect(paths).toContain(to);
        expect(`${to}.`.startsWith(`${from}.`) || `${from}.`.startsWith(`${to}.`)).toBe(false);
      }
    });
  },
);

test('an outcome is a row in the state that leads to it', () => {
  expect(words(boxAt(setup, 'protoHandshake').rows)).toEqual(['outcome helloTimeout after 5 s']);
  expect(words(boxAt(setup, 'encHandshake').rows)).toEqual([
    'outcome aborted stop cancel supersede',
    'outcome encHandshakeTimeout after 5 s',
  ]);
  expect(setup.boxes.filter(({ path }) => path.startsWith('rejected.'))).toEqual([]);
});

test('a final state with a remedy is an outcome', () => {
  const dial = sketch(chartModel(dialTaskMachine));
  expect(dial.boxes.filter(({ kind }) => kind === 'final').map(({ path }) => path)).toEqual([
    'done',
  ]);
  expect(words(boxAt(dial, 'settingUp').rows)).toEqual([
    'outcome setupFailed setup.ended [otherwise]',
    'outcome setupTimeout after settingUpTimeout (30 s)',
  ]);
});

test('transitions of the root have a box of their own, with one row for a family of events', () => {
  expect(words(boxAt(setup, ANYWHERE).rows)[0]).toBe('outcome rejected 13 reject events');
  expect(boxAt(sample, ANYWHERE).title).toBe('any state');
  expect(words(boxAt(sample, ANYWHERE).rows)).toEqual([
    'outcome late reject.late link fails',
    'outcome rude reject.rude',
  ]);
});

test('the box of a group lists its outcomes with their Disconnect codes', () => {
  const { kind, rows } = boxAt(setup, 'rejected');
  expect(kind).toBe('outcomes');
  expect(words(rows).slice(0, 3)).toEqual([
    'listed serverStopped 0x08',
    'listed nodeRemoved 0x00',
    'listed tooManyPeers 0x04',
  ]);
  expect(words(boxAt(setup, 'failed').rows)[0]).toBe('listed destinationKeyMissing');
});

test('the states of a delay group are listed, with one arrow for all', () => {
  const listener = sketch(chartModel(listenerMachine));
  expect(words(boxAt(listener, 'restarting').rows)[0]).toBe('waiting after1s 1 s');
  expect(arrowsIn(listener)).toContain('restarting > open: after the delay');
});

test('a transition between a box and one inside it is a row', () => {
  expect(words(boxAt(sample, 'busy').rows)).toEqual(['move on again', 'move busy restart']);
  expect(words(boxAt(sample, 'busy.right.class').rows)).toEqual(['move busy a;b:c']);
});

test('transitions between the same two boxes share one arrow', () => {
  expect(arrowsIn(sample)).toEqual([
    'end > busy: go [isReady], after pause (250 ms), [isReady]',
    'end > over: after whim (computed)',
    'end > busy.left.on: [has a:b;"c"#{}]',
    'busy > over: busy is done',
    'busy.left.on > busy.left.off: swap',
    'rejected > over: after patience (1.5 s)',
  ]);
});

test('a box shows its initial state only if a transition enters it by default', () => {
  const peer = sketch(chartModel(peerMachine));
  expect(boxAt(peer, 'running').initial).toBe('running.resting');
  expect(boxAt(peer, 'ending').initial).toBeNull();
  expect(boxAt(sample, 'busy.left').initial).toBe('busy.left.on');
});

test('the actors of a state are a note', () => {
  expect(boxAt(sketch(chartModel(dialTaskMachine)), 'connecting').notes).toEqual(['runs dialer']);
});

test('a parallel root has no initial state', () => {
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
