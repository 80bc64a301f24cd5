/** Playback of a recording. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import { FileSource } from '../../../../src/inspect/page/recording/file-source.ts';
import { readTape } from '../../../../src/inspect/page/recording/recording-text.ts';
import {
  actorLine,
  chunksOf,
  fileOf,
  HEADER,
  LINES,
  stepLine,
} from '../../../support/recording-lines.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

async function opened(lines: readonly unknown[] = LINES) {
  const store = new Store();
  const read = await readTape(chunksOf(fileOf(lines)), () => {});
  const source = new FileSource(store, 'a file', read);
  const state = (actor: number) => store.actors.get(actor)?.state;
  return { store, source, state };
}

test('a recording opens paused at its end', async () => {
  const { store, source } = await opened();
  expect(source.time.value).toBe(1_000);
  expect(store.now).toBe(1_000);
  expect(store.actors.size).toBe(6);
  expect(source.mode.value).toBe('paused');
  expect(vi.getTimerCount()).toBe(0);
});

describe('playing', () => {
  test('restarts from the end, and stops there', async () => {
    const { source, state } = await opened();
    source.resume();
    expect(source.time.value).toBe(0);
    expect(state(3)).toBeUndefined();
    vi.advanceTimersByTime(100);
    expect(state(3)).toBe('encHandshake.awaitingAuth');
    vi.advanceTimersByTime(200);
    expect(state(5)).toBe('rejected.tooManyPeers');
    expect(source.mode.value).toBe('running');
    vi.advanceTimersByTime(700);
    expect(source).toMatchObject({ time: { value: 1_000 }, mode: { value: 'paused' } });
    expect(vi.getTimerCount()).toBe(0);
  });

  test.for([10, 100] as const)('at %i times the speed', async (speed) => {
    const steps = Array.from({ length: 100 }, (_, at) =>
      stepLine(at * 1_000, 1, `e${at}`, `s${at}`),
    );
    const { source, state } = await opened([HEADER, actorLine(0, 1, 'm', 'm'), ...steps]);
    source.seek(0);
    source.speed.value = speed;
    source.resume();
    vi.advanceTimersByTime(500);
    expect(source.time.value).toBe(500 * speed);
    expect(state(1)).toBe(`s${Math.floor((500 * speed) / 1_000)}`);
  });

  test('resumes where it was paused', async () => {
    const { source } = await opened();
    source.seek(100);
    source.toggle();
    vi.advanceTimersByTime(200);
    source.toggle();
    vi.advanceTimersByTime(1_000);
    expect(source.time.value).toBe(300);
    source.resume();
    source.resume();
    vi.advanceTimersByTime(100);
    expect(source.time.value).toBe(400);
    expect(vi.getTimerCount()).toBe(1);
    source.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('shortens long gaps', async () => {
    const lines = [
      actorLine(0, 1, 'm', 'm'),
      stepLine(0, 1, 'a', 'a'),
      stepLine(3_600_000, 1, 'b', 'b'),
    ];
    const { source, state } = await opened([HEADER, ...lines]);
    source.resume();
    vi.advanceTimersByTime(100);
    expect(source.time.value).toBe(3_598_000);
    expect(state(1)).toBe('a');
    vi.advanceTimersByTime(2_000);
    expect(state(1)).toBe('b');
  });
});

describe('jumping', () => {
  test('back and forward shows the state of that time', async () => {
    const { store, source, state } = await opened();
    source.seek(115);
    expect(state(3)).toBe('protoHandshake');
    expect(store.endings).toHaveLength(0);
    source.seek(500);
    expect(state(3)).toBe('admitted');
    expect(store.endings).toHaveLength(1);
    source.seek(0);
    expect(store.actors.size).toBe(1);
  });

  test.for([
    [-5, 0],
    [1e9, 1_000],
  ] as const)('to %i ends at %i', async ([to, at]) => {
    const { source } = await opened();
    source.seek(to);
    expect(source.time.value).toBe(at);
  });

  test('keeps the focus', async () => {
    const { store, source } = await opened();
    source.focus([3]);
    expect(store.histories.get(3)).toHaveLength(3);
    source.seek(115);
    expect(store.histories.get(3)).toHaveLength(2);
    source.focus([5]);
    expect([...store.histories.keys()]).toEqual([]);
    source.seek(1_000);
    expect([...store.histories.keys()]).toEqual([5]);
  });
});

describe('stepping', () => {
  const times = async (by: 1 | -1, from: number, count: number) => {
    const { source } = await opened();
    source.seek(from);
    return Array.from({ length: count }, () => {
      source.step(by);
      return source.time.value;
    });
  };

  test('forward stops at endings too', async () => {
    expect(await times(1, 150, 5)).toEqual([200, 220, 220, 900, 900]);
  });

  test('back', async () => {
    expect(await times(-1, 130, 6)).toEqual([120, 110, 100, 2, 1, 0]);
  });

  test('forward and back returns to the same place', async () => {
    const { store, source } = await opened();
    source.seek(110);
    const before = store.log.length;
    source.step(1);
    expect(store.log).toHaveLength(before + 1);
    source.step(-1);
    expect(store.log).toHaveLength(before);
  });

  test('pauses', async () => {
    const { source } = await opened();
    source.resume();
    source.step(1);
    expect(source.mode.value).toBe('paused');
  });

  test('stops at both ends', async () => {
    expect((await times(1, 1_000, 2)).at(-1)).toBe(900);
    expect(await times(-1, 0, 3)).toEqual([0, 0, 0]);
  });
});
