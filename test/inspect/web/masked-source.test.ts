import { expect, test } from 'vitest';
import type { DialRow } from '../../../src/inspect/protocol.ts';
import { createMask } from '../../../src/inspect/recording/mask.ts';
import { maskedSource } from '../../../src/inspect/web/masked-source.ts';
import { ID } from '../../cli/some-reports.ts';
import { FakeSource, type FakeViewer } from './page-server-fixture.ts';

test('ids and addresses are replaced, and nothing else', () => {
  const source = new FakeSource();
  const viewer = maskedSource(source, createMask(new Uint8Array(32), ID)).open({ actions: true });
  source.frame = {
    t: 5,
    names: ['connection-setup'],
    rows: [[7, { direction: 'static', id: ID, remote: '192.0.2.1:30303' }]],
    transitionCounts: [[3, 4]],
  };

  const frame = viewer.next(10)!;

  expect(frame).toMatchObject({
    t: 5,
    hz: 10,
    names: ['connection-setup'],
    transitionCounts: [[3, 4]],
  });
  const [[actor, row]] = frame.rows as unknown as [[number, DialRow]];
  expect(actor).toBe(7);
  expect(row.id).toMatch(/^[0-9a-f]{64}$/);
  expect(row.remote).toMatch(/^host-[0-9a-f]{12}:30303$/);
  expect(JSON.stringify(frame)).not.toContain(ID);
  expect(viewer.next(10)).toEqual(frame);
});

test('focus and close are passed to the viewer behind it', () => {
  const source = new FakeSource();
  const viewer = maskedSource(source, createMask(new Uint8Array(32), ID)).open({ actions: true });
  const behind = source.viewers[0] as FakeViewer;
  viewer.focus([3]);
  source.frame = null;
  expect([viewer.next(10), behind.focused, behind.actions]).toEqual([null, [3], true]);
  viewer.close();
  expect(source.viewers).toEqual([]);
});
