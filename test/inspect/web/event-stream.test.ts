import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';

import {
  EventStream,
  KEEP_ALIVE_MS,
  MAX_BLOCKED_MS,
  MAX_UNREAD_BYTES,
} from '../../../src/inspect/web/event-stream.ts';
import { StepClock } from '../../support/step-clock.ts';
import { FakeSource, type FakeViewer } from './page-server-fixture.ts';

/** A response that takes chunks one by one: at once, or when it is told to. */
class SlowReader extends Writable {
  reads = true;
  #bytes: Buffer[] = [];
  #waiting: (() => void) | null = null;

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.#bytes.push(chunk);
    if (this.reads) done();
    else this.#waiting = done;
  }

  get text(): string {
    return Buffer.concat(this.#bytes).toString('utf8');
  }

  /** Takes one chunk, and from then on each at once. */
  resume(): void {
    this.reads = true;
    this.takeOne();
  }

  takeOne(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }

  /** The text since the last call. */
  take(): string {
    const { text } = this;
    this.#bytes = [];
    return text;
  }
}

function someStream() {
  const clock = new StepClock();
  const source = new FakeSource();
  const viewer = source.open({ actions: false }) as FakeViewer;
  const response = new SlowReader({ highWaterMark: 1_000 });
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  const stream = new EventStream({ id: 'its id', response, viewer, clock, onFault });
  /** As the timer of all streams does. */
  const update = (ms = 100): void => {
    clock.advance(ms);
    stream.update(10);
  };
  return { clock, source, viewer, response, stream, update, faults };
}

/** A frame of so many bytes, about. */
const frameOf = (bytes: number, t = 1) => ({ t, names: ['x'.repeat(bytes)] });

test('a stream starts with its id and the delay for reconnecting', () => {
  const { response } = someStream();
  expect(response.text).toBe('retry: 1000\n\nevent: hello\ndata: {"stream":"its id"}\n\n');
});

test('each update sends the changes as one line of JSON', () => {
  const { source, response, stream, update } = someStream();
  response.take();
  source.frame = { t: 7, names: ['a\nb'] };
  stream.update(5);
  expect(response.take()).toBe('data: {"t":7,"names":["a\\nb"],"hz":5}\n\n');
  source.frame = null;
  update();
  expect(response.take()).toBe('');
});

test('an idle stream gets keep-alive comments', () => {
  const { source, response, update } = someStream();
  source.frame = null;
  response.take();
  update(KEEP_ALIVE_MS - 1);
  expect(response.take()).toBe('');
  update(1);
  expect(response.take()).toBe(': keep-alive\n\n');
  update(KEEP_ALIVE_MS - 1);
  expect(response.take()).toBe('');
});

test('a large frame is sent completely, in pieces', async () => {
  const { source, response, update } = someStream();
  response.take();
  source.frame = { ...frameOf(200_000), names: ['é€x'.repeat(40_000)] };
  update();
  source.frame = null;
  for (let turns = 0; turns < 50; turns += 1) await turn();
  const text = response.take();
  expect(JSON.parse(text.replace('data: ', '')).names).toEqual(['é€x'.repeat(40_000)]);
});

describe('a viewer that does not read', () => {
  test('gets no frames; their number is in the next one', async () => {
    const { source, viewer, response, update } = someStream();
    source.frame = frameOf(100_000);
    response.reads = false;
    update();
    const { asked } = viewer;
    for (let count = 0; count < 4; count += 1) update();
    expect(viewer.asked).toBe(asked);
    response.resume();
    for (let turns = 0; turns < 50; turns += 1) await turn();
    response.take();
    source.frame = null;
    update();
    source.frame = { t: 2 };
    update();
    expect(response.take()).toBe('data: {"t":2,"hz":10,"skippedFrames":4}\n\n');
    update();
    expect(response.take()).toBe('data: {"t":2,"hz":10}\n\n');
  });

  test('makes the stream hold one frame at most, and small frames up to a limit', () => {
    const { source, viewer, response, update } = someStream();
    response.reads = false;
    source.frame = frameOf(1_000);
    for (let count = 0; count < 100; count += 1) update();
    expect(viewer.asked).toBeLessThanOrEqual(Math.ceil(MAX_UNREAD_BYTES / 1_000));
    expect(response.writableLength).toBeLessThan(MAX_UNREAD_BYTES + 2_000);
  });

  test('is given no frame once it has left the limit unread', async () => {
    const { source, viewer, response, update } = someStream();
    await turn(); // the start of the stream is taken
    response.reads = false;
    source.frame = frameOf(1_000);
    for (let count = 0; response.writableLength < MAX_UNREAD_BYTES && count < 100; count += 1)
      update();
    const { asked } = viewer;
    update();
    expect(viewer.asked).toBe(asked);
  });

  test('is given a large frame up to the limit only', async () => {
    const { source, response, update } = someStream();
    await turn();
    response.reads = false;
    source.frame = frameOf(1_000_000);
    update();
    expect(response.writableLength).toBe(MAX_UNREAD_BYTES);
  });

  test.for<[number, boolean]>([
    [MAX_BLOCKED_MS - 1, false],
    [MAX_BLOCKED_MS, true],
  ])('for %s ms is disconnected: %s', async ([ms, isGone], { expect }) => {
    const { source, response, update } = someStream();
    await turn(); // the start of the stream is taken
    source.frame = frameOf(100_000);
    response.reads = false;
    update();
    update(ms);
    expect(response.destroyed).toBe(isGone);
  });
});

describe('a viewer that reads slowly', () => {
  test('is kept while it takes a piece within 30 s, however long the frame takes', async () => {
    const { source, viewer, response, update } = someStream();
    await turn();
    source.frame = frameOf(1_000_000);
    response.reads = false;
    update();
    const { asked } = viewer;
    for (let pieces = 0; pieces < 50; pieces += 1) {
      update(MAX_BLOCKED_MS - 1);
      response.takeOne();
      await turn();
    }
    expect([response.destroyed, viewer.asked]).toEqual([false, asked]);
    update(MAX_BLOCKED_MS);
    expect(response.destroyed).toBe(true);
  });

  test('is not cut for the time before there was anything to take', async () => {
    const { source, response, update } = someStream();
    await turn();
    source.frame = null;
    update(KEEP_ALIVE_MS - 1);
    response.reads = false;
    source.frame = frameOf(100_000);
    update(MAX_BLOCKED_MS * 3);
    update(MAX_BLOCKED_MS - 1);
    expect(response.destroyed).toBe(false);
  });
});

describe('the end', () => {
  test('closes the viewer', () => {
    const { source, stream } = someStream();
    expect(source.viewers).toHaveLength(1);
    stream.closed();
    expect(source.viewers).toEqual([]);
  });

  test('sends a last frame', () => {
    const { source, response, stream } = someStream();
    response.take();
    source.frame = frameOf(200_000, 9);
    stream.end(10);
    expect(response.text).toContain('"t":9');
    expect([response.writableEnded, response.destroyed]).toEqual([true, false]);
  });

  test('sends a slow viewer the rest of its frame and then the last one', async () => {
    const { source, response, stream, update } = someStream();
    response.take();
    source.frame = frameOf(200_000, 1);
    response.reads = false;
    update();
    stream.end(10);
    source.frame = frameOf(100_000, 9);
    update();
    expect([response.writableEnded, response.destroyed]).toEqual([false, false]);
    response.resume();
    for (let turns = 0; turns < 50; turns += 1) await turn();
    const frames = response.text.split('\n\n').filter((event) => event.startsWith('data: {"t"'));
    expect(frames.map((event) => JSON.parse(event.slice(6)).t)).toEqual([1, 9]);
    expect(response.writableFinished).toBe(true);
  });

  test('an error while the last frame is made is reported, and ends the response', async () => {
    const { source, viewer, response, stream, update, faults } = someStream();
    source.frame = frameOf(200_000);
    response.reads = false;
    update();
    stream.end(10);
    const broken = new Error('broken');
    viewer.next = () => {
      throw broken;
    };
    response.resume();
    for (let turns = 0; turns < 50; turns += 1) await turn();
    expect([faults, response.destroyed]).toEqual([[broken], true]);
  });
});
