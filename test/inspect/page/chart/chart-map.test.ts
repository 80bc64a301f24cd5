import { expect, test } from 'vitest';
import type { ChartMap } from '../../../../src/inspect/page/chart/chart-map.ts';
import { CHARTS } from '../../../../src/inspect/page/chart/charts.ts';

const mapOf = (machine: string): ChartMap => CHARTS.get(machine)!.map;

test('a state maps to its box and all outer boxes', () => {
  expect(mapOf('connection-setup').placeOf('encHandshake.awaitingAck').boxes).toEqual([
    'encHandshake.awaitingAck',
    'encHandshake',
  ]);
});

test('all parallel regions are found, though only the first has its full path', () => {
  const { boxes } = mapOf('dial-scheduler').placeOf(
    'scheduling.slots.hungry+fallback.noPeers+candidates.resting',
  );
  expect([...boxes].sort()).toEqual([
    'scheduling',
    'scheduling.candidates',
    'scheduling.candidates.resting',
    'scheduling.fallback',
    'scheduling.fallback.noPeers',
    'scheduling.slots',
    'scheduling.slots.hungry',
  ]);
});

test('a state listed in a box maps to its row', () => {
  const { boxes, rows } = mapOf('connection-setup').placeOf('rejected.tooManyPeers');
  expect(boxes).toEqual(['rejected']);
  expect(rows).toEqual([mapOf('connection-setup').listedRow('rejected.tooManyPeers')]);
  expect(mapOf('listener').placeOf('restarting.after8s').rows).toHaveLength(1);
});

test('an ending reached only by a row is known, other states are not', () => {
  expect(mapOf('dial-task').knows('connectionRefused')).toBe(true);
  expect(mapOf('dial-task').knows('flying')).toBe(false);
  expect(mapOf('peer').placeOf('')).toEqual({ boxes: [], rows: [] });
});

test('every transition of every picture is found where it is drawn', () => {
  for (const { picture, map } of CHARTS.values()) {
    for (const [box, { rows }] of picture.boxes.entries())
      for (const [row, { kind, lines }] of rows.entries())
        for (const way of lines.flatMap(({ transitions }) => transitions))
          if (kind === 'waiting') expect(map.rowOf(way) ?? map.lineOf(way)).toBeDefined();
          else expect(map.rowOf(way)).toBe(`${box}.${row}`);
    for (const [arrow, { lines }] of picture.arrows.entries())
      for (const [line, { transitions }] of lines.entries())
        for (const way of transitions) expect(map.lineOf(way)).toBe(`${arrow}.${line}`);
  }
});

test('a state that is not drawn has no place', () => {
  const way = { source: 'x', event: 'y', target: 'z' };
  expect([mapOf('peer').rowOf(way), mapOf('peer').lineOf(way)]).toEqual([undefined, undefined]);
});
