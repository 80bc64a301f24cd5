/** From a file to the source of the page. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import {
  fileFrom,
  forgetOpening,
  opening,
  openRecording,
  type Readable,
  servedFile,
} from '../../../src/inspect/page/file-opening.ts';
import { FileSource } from '../../../src/inspect/page/file-source.ts';
import { Session } from '../../../src/inspect/page/session.ts';
import { Store } from '../../../src/inspect/page/store.ts';
import { fileOf, LINES } from '../../support/recording-lines.ts';

beforeEach(forgetOpening);
afterEach(() => {
  vi.unstubAllGlobals();
});

function livePage() {
  const session = new Session();
  const store = new Store();
  let closed = 0;
  const live = { focus() {}, pause() {}, resume() {}, close: () => void (closed += 1) };
  session.source.value = live;
  session.connectivity.value = 'live';
  return { session, store, live, closed: () => closed };
}

const file = (text: string, name = 'a.jsonl'): Readable => fileFrom(new File([text], name));

test('a recording takes the place of what was there', async () => {
  const page = livePage();
  page.session.select('7');
  await openRecording(page, file(fileOf(LINES)));
  expect(page.closed()).toBe(1);
  expect(page.session.source.value).toBeInstanceOf(FileSource);
  expect(page.session.connectivity.value).toBe('file');
  expect(page.session.selected.value).toBeNull();
  expect(page.store.actors.size).toBe(6);
  expect(opening.value).toEqual({ is: 'idle' });
});

test('what is no recording leaves everything as it is, and says why', async () => {
  const page = livePage();
  await openRecording(page, file('hello', 'notes.txt'));
  expect(page.closed()).toBe(0);
  expect(page.session.source.value).toBe(page.live);
  expect(page.session.connectivity.value).toBe('live');
  expect(opening.value).toMatchObject({
    is: 'refused',
    name: 'notes.txt',
    why: expect.stringContaining('not a recording of peerchart'),
  });
});

test('while it is read it says how far it is', async () => {
  const page = livePage();
  const told: unknown[] = [];
  const letGo = opening.subscribe((now) => void told.push(now));
  const text = fileOf(LINES);
  await openRecording(page, file(text));
  letGo();
  const size = text.length;
  expect(told).toContainEqual({ is: 'reading', name: 'a.jsonl', bytes: 0, of: size });
  expect(told).toContainEqual({ is: 'reading', name: 'a.jsonl', bytes: size, of: size });
});

describe('a file that is given up on', () => {
  /** Comes when it is told to. */
  function slow(name: string) {
    let push = (_: string): void => {};
    const given = vi.fn();
    const readable: Readable = {
      name,
      size: 0,
      bytes: async () =>
        new ReadableStream({
          start(controller) {
            push = (text) => {
              controller.enqueue(new TextEncoder().encode(text));
              controller.close();
            };
          },
          cancel: given,
        }),
    };
    return { readable, push: (text: string) => push(text), given };
  }

  test('because another one was opened is shown no more', async () => {
    const page = livePage();
    const first = slow('first');
    const reading = openRecording(page, first.readable);
    await openRecording(page, file(fileOf(LINES), 'second'));
    first.push('hello');
    await reading;
    expect((page.session.source.value as FileSource).name).toBe('second');
    expect(opening.value).toEqual({ is: 'idle' });
  });

  test('by the viewer leaves the page as it is', async () => {
    const page = livePage();
    const only = slow('only');
    const reading = openRecording(page, only.readable);
    forgetOpening();
    only.push(fileOf(LINES));
    await reading;
    expect(page.session.source.value).toBe(page.live);
    expect(opening.value).toEqual({ is: 'idle' });
  });
});

describe('the recording that a server shows', () => {
  test('is asked for, and opened', async () => {
    const asked = vi.fn(async () => new Response(fileOf(LINES)));
    vi.stubGlobal('fetch', asked);
    const page = livePage();
    await openRecording(page, servedFile());
    expect(asked).toHaveBeenCalledWith('/api/recording');
    expect(page.store.actors.size).toBe(6);
  });

  test('may not be there', async () => {
    vi.stubGlobal('fetch', async () => new Response('', { status: 404 }));
    await openRecording(livePage(), servedFile());
    expect(opening.value).toMatchObject({ is: 'refused', why: expect.stringContaining('404') });
  });
});
