import { signal } from '@preact/signals';
import { expect, test } from 'vitest';

import {
  type Browser,
  LiveSource,
  type Stream,
} from '../../../../src/inspect/page/base/live-source.ts';
import type { Connectivity } from '../../../../src/inspect/page/base/session.ts';

/** A browser without network, with manual time. */
function begun() {
  const streams: (Stream & { readonly url: string; isOpen: boolean })[] = [];
  const asked: string[] = [];
  const timers: { readonly ms: number; readonly act: () => void; isOn: boolean }[] = [];
  const applied: unknown[] = [];
  const lives: unknown[] = [];
  const focused: (readonly number[])[] = [];
  const connectivity = signal<Connectivity>('connecting');
  let answer: Promise<unknown> = Promise.resolve({ focusedSteps: [] });
  const browser: Browser = {
    openStream: (url) => {
      const stream = {
        url,
        isOpen: true,
        onHello: () => {},
        onMessage: () => {},
        onError: () => {},
        close: () => {
          stream.isOpen = false;
        },
      };
      streams.push(stream);
      return stream;
    },
    onSignedOut: () => {
      asked.push('signed out');
    },
    get: (url) => {
      asked.push(url);
      return answer;
    },
    after: (ms, act) => {
      const timer = { ms, act, isOn: true };
      timers.push(timer);
      return () => {
        timer.isOn = false;
      };
    },
    now: () => 7,
  };
  const screen = {
    apply: (frame: unknown) => {
      applied.push(frame);
      return frame !== null;
    },
    applyHistories: (told: unknown) => {
      lives.push(told);
    },
    focus: (actors: readonly number[]) => {
      focused.push(actors);
    },
  };
  const source = new LiveSource(browser, screen, connectivity);
  const fail = () => {
    answer = Promise.reject(new Error('gone'));
  };
  const open = () => streams.filter(({ isOpen }) => isOpen);
  return { source, streams, open, asked, timers, applied, lives, focused, connectivity, fail };
}

test('frames are applied, and invalid JSON counts as an unreadable frame', () => {
  const { streams, applied, connectivity } = begun();
  expect(streams.map(({ url }) => url)).toEqual(['api/stream']);
  streams[0]!.onMessage('{oops');
  expect([applied, connectivity.value]).toEqual([[null], 'connecting']);
  streams[0]!.onMessage('{"t":1}');
  expect([applied[1], connectivity.value]).toEqual([{ t: 1 }, 'live']);
});

test('a broken stream is reopened with increasing delays', () => {
  const { streams, open, timers, connectivity } = begun();
  for (let each = 0; each < 6; each += 1) {
    streams.at(-1)!.onError(0);
    expect([open().length, connectivity.value]).toEqual([0, 'reconnecting']);
    timers.at(-1)!.act();
    expect([open().length, connectivity.value]).toEqual([1, 'reconnecting']);
  }
  expect(timers.map(({ ms }) => ms)).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  streams.at(-1)!.onMessage('{}');
  streams.at(-1)!.onError(0);
  expect(timers.at(-1)!.ms).toBe(1_000);
});

test('while hidden or paused no stream is open or reopened', () => {
  const { source, streams, open, timers, connectivity } = begun();
  source.pause();
  expect([open().length, connectivity.value]).toEqual([0, 'paused']);
  source.setHidden(true);
  source.setHidden(false);
  expect([open().length, connectivity.value]).toEqual([0, 'paused']);
  source.resume();
  expect(open().length).toBe(1);
  source.setHidden(true);
  expect([open().length, connectivity.value]).toEqual([0, 'hidden']);
  source.setHidden(false);
  streams.at(-1)!.onError(0);
  source.pause();
  expect(timers.every(({ isOn }) => !isOn)).toBe(true);
});

test('a closed source stays closed', () => {
  const { source, open } = begun();
  source.close();
  source.resume();
  source.setHidden(false);
  expect(open()).toEqual([]);
});

test('a new focus is sent to the named stream, or to the next one', () => {
  const { source, streams, asked, focused } = begun();
  streams[0]!.onHello('{"stream":"a b"}');
  expect(asked).toEqual([]);
  source.focus([7, 9]);
  source.focus([7, 9]);
  expect(asked).toEqual(['api/focus?stream=a%20b&actors=7%2C9']);
  expect(focused).toEqual([[7, 9]]);
  streams[0]!.onError(0);
  source.pause();
  source.resume();
  expect(streams.at(-1)!.url).toBe('api/stream?focus=7%2C9');
});

test('a focus set before the stream has a name is sent once it has one', () => {
  const { source, streams, asked } = begun();
  source.focus([7]);
  streams[0]!.onHello('{"stream":"1"}');
  expect(asked).toEqual(['api/focus?stream=1&actors=7']);
});

test('while paused the history of a selection is fetched alone, and may fail', async () => {
  const { source, asked, lives, fail } = begun();
  source.pause();
  source.focus([3]);
  await Promise.resolve();
  expect([asked, lives]).toEqual([['api/steps?actors=3'], [{ focusedSteps: [] }]]);
  source.focus([]);
  expect(asked).toHaveLength(1);
  fail();
  source.focus([4]);
  await Promise.resolve();
  expect(lives).toHaveLength(1);
});

test('without a valid session the stream is not reopened, and the page signs in again', () => {
  const { streams, open, timers, asked, connectivity } = begun();
  streams[0]!.onMessage('{}');
  streams[0]!.onError(401);
  expect([open().length, timers.length, connectivity.value]).toEqual([0, 0, 'signedOut']);
  expect(asked).toEqual(['signed out']);
});

test('a hello without a name is ignored', () => {
  const { source, streams, asked } = begun();
  for (const hello of ['', '{}', 'null', '{"stream":7}']) streams[0]!.onHello(hello);
  source.focus([1]);
  expect(asked).toEqual([]);
});
