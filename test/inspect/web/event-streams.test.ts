import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';

import { EventStreams, MAX_VIEWERS } from '../../../src/inspect/web/event-streams.ts';
import { seededRandom } from '../../support/crypto.ts';
import { closed } from '../../support/loopback.ts';
import { StepClock } from '../../support/step-clock.ts';
import { FakeLoopDelay, FakeSource, type FakeViewer } from './page-server-fixture.ts';

function someStreams() {
  const clock = new StepClock();
  const source = new FakeSource();
  const loopDelay = new FakeLoopDelay();
  const faults: unknown[] = [];
  const random = seededRandom('streams');
  const onFault = (error: unknown): void => void faults.push(error);
  const streams = new EventStreams({ source, actions: true, clock, random, loopDelay, onFault });
  const open = (actors: readonly number[] = []): { outlet: PassThrough; id: string } => {
    const outlet = new PassThrough({ encoding: 'utf8' });
    streams.open(outlet, actors);
    const id = /"stream":"([^"]+)"/.exec(outlet.read() as string)?.[1] ?? '';
    return { outlet, id };
  };
  return { clock, source, loopDelay, faults, streams, open };
}

test('a viewer sees the first frame at once, and ten more each second', () => {
  const { source, open, clock } = someStreams();
  open();
  const viewer = source.viewers[0] as FakeViewer;
  expect([viewer.asked, viewer.actions]).toEqual([1, true]);
  clock.advance(1_000);
  expect(viewer.asked).toBe(11);
});

test('a busy process sends fewer frames, with the rate in them', () => {
  const { source, open, clock, loopDelay } = someStreams();
  const { outlet } = open();
  const viewer = source.viewers[0] as FakeViewer;
  loopDelay.ms = 200;
  clock.advance(4_000);
  outlet.read();
  const { asked } = viewer;
  clock.advance(10_000);
  expect(viewer.asked - asked).toBe(10);
  expect(outlet.read()).toContain('"hz":1}');
});

test('all viewers share one timer, and without viewers there is none', async () => {
  const { open, clock, streams, source, loopDelay } = someStreams();
  expect([clock.pending, loopDelay.runs]).toEqual([0, false]);
  const [one, other] = [open(), open()];
  expect([clock.pending, loopDelay.runs]).toEqual([1, true]);
  one.outlet.destroy();
  await closed(one.outlet);
  expect([clock.pending, loopDelay.runs]).toEqual([1, true]);
  other.outlet.destroy();
  await closed(other.outlet);
  expect([clock.pending, loopDelay.runs]).toEqual([0, false]);
  expect([streams.size, source.viewers]).toEqual([0, []]);
});

test('a viewer that comes after all others left is served like the first', async () => {
  const { open, clock, source } = someStreams();
  const first = open();
  first.outlet.destroy();
  await closed(first.outlet);
  open();
  clock.advance(1_000);
  expect((source.viewers[0] as FakeViewer).asked).toBe(11);
});

test('eight viewers are the limit', async () => {
  const { open, streams } = someStreams();
  const full = Array.from({ length: MAX_VIEWERS }, () => {
    const wasFull = streams.isFull;
    return [wasFull, open()] as const;
  });
  expect(full.map(([wasFull]) => wasFull)).toEqual(Array(8).fill(false));
  expect(streams.isFull).toBe(true);
  const { outlet } = full[3]![1];
  outlet.destroy();
  await closed(outlet);
  expect(streams.isFull).toBe(false);
});

test('a focus belongs to the stream with its id', () => {
  const { open, streams, source } = someStreams();
  const [one, other] = [open([3]), open()];
  expect(one.id).not.toBe(other.id);
  expect(Buffer.from(one.id, 'base64url')).toHaveLength(16);
  expect(streams.focus(other.id, [7, 9])).toBe(true);
  expect(streams.focus('unknown', [7, 9])).toBe(false);
  expect(source.viewers.map((viewer) => viewer.focused)).toEqual([[3], [7, 9]]);
});

test('the end reaches every viewer', async () => {
  const { open, streams, source, clock } = someStreams();
  const opened = [open(), open()];
  source.frame = { t: 99 };
  streams.end();
  for (const { outlet } of opened) {
    expect(outlet.read()).toContain('"t":99');
    await closed(outlet.resume());
  }
  expect([streams.size, source.viewers, clock.pending]).toEqual([0, [], 0]);
});

test('an error of the source is reported and closes that stream only', async () => {
  const { open, streams, source, clock, faults } = someStreams();
  const [one, other] = [open(), open()];
  const broken = new Error('broken');
  source.viewers[0]!.next = () => {
    throw broken;
  };
  const over = closed(one.outlet);
  clock.advance(100);
  await over;
  expect(faults).toEqual([broken]);
  expect([streams.size, other.outlet.destroyed]).toEqual([1, false]);
});

test('an error while opening a viewer is reported and closes the response', async () => {
  const { streams, source, faults, clock } = someStreams();
  const broken = new Error('broken');
  source.open = () => {
    throw broken;
  };
  const outlet = new PassThrough();
  streams.open(outlet, []);
  await closed(outlet);
  expect([faults, streams.size, clock.pending]).toEqual([[broken], 0, 0]);
});
