import { Writable } from 'node:stream';
import { expect, test } from 'vitest';

import {
  EventStream,
  KEEP_ALIVE_MS,
  MAX_BLOCKED_MS,
  MAX_UNREAD_BYTES,
} from '../../../src/inspect/web/event-stream.ts';
import { FakeSource, type FakeViewer } from './page-server-fixture.ts';

/** Where to write, read from only when it is told to. */
class SlowReader extends Writable {
  text = '';
  reads = true;
  #wait: (() => void) | null = null;

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += String(chunk);
    if (this.reads) done();
    else this.#wait = done;
  }

  read(): void {
    this.reads = true;
    this.#wait?.();
  }

  /** Since it was asked last. */
  take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}

function someStream(): {
  source: FakeSource;
  viewer: FakeViewer;
  reader: SlowReader;
  stream: EventStream;
} {
  const source = new FakeSource();
  const viewer = source.open({ actions: false }) as FakeViewer;
  const reader = new SlowReader({ highWaterMark: 1_000 });
  return { source, viewer, reader, stream: new EventStream('its id', reader, viewer, 0) };
}

test('a stream starts with its id and the delay for reconnecting', () => {
  const { reader } = someStream();
  expect(reader.text).toBe('retry: 1000\n\nevent: hello\ndata: {"stream":"its id"}\n\n');
});

test('each update sends the changes as one line of JSON', () => {
  const { source, reader, stream } = someStream();
  reader.take();
  source.frame = { t: 7, names: ['a\nb'] };
  stream.update(100, 5);
  expect(reader.take()).toBe('data: {"t":7,"names":["a\\nb"],"hz":5}\n\n');
  source.frame = null;
  stream.update(200, 5);
  expect(reader.take()).toBe('');
});

test('an idle stream gets keep-alive comments', () => {
  const { source, reader, stream } = someStream();
  source.frame = null;
  reader.take();
  stream.update(KEEP_ALIVE_MS - 1, 10);
  expect(reader.take()).toBe('');
  stream.update(KEEP_ALIVE_MS, 10);
  expect(reader.take()).toBe(': keep-alive\n\n');
  stream.update(2 * KEEP_ALIVE_MS - 1, 10);
  expect(reader.take()).toBe('');
});

test('no frame is made for a viewer that does not read; the count is sent later', () => {
  const { source, viewer, reader, stream } = someStream();
  source.frame = { t: 1, names: ['x'.repeat(2_000)] };
  reader.reads = false;
  stream.update(100, 10);
  const { asked } = viewer;
  for (let now = 200; now <= 500; now += 100) stream.update(now, 10);
  expect(viewer.asked).toBe(asked);

  reader.read();
  reader.take();
  source.frame = { t: 2 };
  stream.update(600, 10);
  expect(reader.take()).toBe('data: {"t":2,"hz":10,"skippedFrames":4}\n\n');
  stream.update(700, 10);
  expect(reader.take()).toBe('data: {"t":2,"hz":10}\n\n');
});

test('the number of skipped frames is in the next frame', () => {
  const { source, reader, stream } = someStream();
  reader.reads = false;
  source.frame = { t: 1, names: ['x'.repeat(2_000)] };
  stream.update(100, 10);
  stream.update(200, 10);
  reader.read();
  source.frame = null;
  stream.update(300, 10);
  reader.take();
  source.frame = { t: 4 };
  stream.update(400, 10);
  expect(reader.take()).toContain('"skippedFrames":1');
});

test('unsent bytes are bounded, even when the response reports no backpressure', () => {
  const { source, viewer, stream } = someStream();
  const sent: string[] = [];
  const patient = {
    writableNeedDrain: false,
    writableLength: MAX_UNREAD_BYTES + 1,
    write: (text: string) => void sent.push(text),
  };
  Object.assign(stream, { response: patient });
  source.frame = { t: 1 };
  stream.update(100, 10);
  expect([sent, viewer.asked]).toEqual([[], 0]);
  patient.writableLength = MAX_UNREAD_BYTES;
  stream.update(200, 10);
  expect(sent).toEqual(['data: {"t":1,"hz":10,"skippedFrames":1}\n\n']);
});

test.for<[number, boolean]>([
  [MAX_BLOCKED_MS - 1, false],
  [MAX_BLOCKED_MS, true],
])('a viewer that has read nothing for %s ms: destroyed %s', async ([ms, isGone], { expect }) => {
  const { source, reader, stream } = someStream();
  source.frame = { t: 1, names: ['x'.repeat(2_000)] };
  reader.reads = false;
  stream.update(100, 10);
  stream.update(200, 10);
  stream.update(200 + ms, 10);
  expect(reader.destroyed).toBe(isGone);
});

test('a viewer that reads now and then is kept', () => {
  const { source, reader, stream } = someStream();
  source.frame = { t: 1, names: ['x'.repeat(2_000)] };
  reader.reads = false;
  stream.update(100, 10);
  stream.update(200, 10);
  reader.read();
  stream.update(20_000, 10);
  reader.reads = false;
  stream.update(20_100, 10);
  stream.update(20_200, 10);
  stream.update(40_000, 10);
  expect(reader.destroyed).toBe(false);
});

test('the end sends a last frame to a viewer that reads, and destroys others', () => {
  const reading = someStream();
  reading.reader.take();
  reading.source.frame = { t: 9, names: ['x'.repeat(2_000)] };
  reading.stream.end(100, 10);
  expect(reading.reader.text).toContain('"t":9');
  expect([reading.reader.writableEnded, reading.reader.destroyed]).toEqual([true, false]);

  const stalled = someStream();
  stalled.source.frame = { t: 1, names: ['x'.repeat(2_000)] };
  stalled.reader.reads = false;
  stalled.stream.update(100, 10);
  stalled.stream.end(200, 10);
  expect(stalled.reader.destroyed).toBe(true);
});
