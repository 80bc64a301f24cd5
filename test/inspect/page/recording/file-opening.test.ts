/** From a file to the source of the page. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Session } from '../../../../src/inspect/page/base/session.ts';
import { Store } from '../../../../src/inspect/page/model/store.ts';
import {
  fileFrom,
  forgetOpening,
  opening,
  openRecording,
  type Readable,
  servedFile,
} from '../../../../src/inspect/page/recording/file-opening.ts';
import { FileSource } from '../../../../src/inspect/page/recording/file-source.ts';
import { fileOf, LINES } from '../../../support/recording-lines.ts';

beforeEach(forgetOpening);
afterEach(() => {
  vi.unstubAllGlobals();
});

function livePage() {
  const session = new Session();
  const store = new Store();
  let closed = 0;
  const close = (): void => {
    closed += 1;
  };
  const live = { focus() {}, pause() {}, resume() {}, close };
  session.source.value = live;
  session.connectivity.value = 'live';
  return { session, store, live, closed: () => closed };
}

const file = (text: string, name = 'a.jsonl'): Readable => fileFrom(new File([text], name));

test('a recording replaces the current source', async () => {
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

test('a file that is not a recording changes nothing and gives the reason', async () => {
  const page = livePage();
  await openRecording(page, file('hello', 'notes.txt'));
  expect(page.closed()).toBe(0);
  expect(page.session.source.value).toBe(page.live);
  expect(page.session.connectivity.value).toBe('live');
  expect(opening.value).toMatchObject({
    is: 'refused',
    name: 'notes.txt',
    why: expect.stringContaining('not a peerchart recording'),
  });
});

test('reading reports its progress', async () => {
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

describe('a cancelled file', () => {
  /** A stream that sends chunks on request and never ends. */
  function slow(name: string) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const given = vi.fn();
    writer.closed.catch(given);
    const file: Readable = { name, size: 0, bytes: async () => readable };
    const push = (text: string) => writer.write(new TextEncoder().encode(text)).catch(() => {});
    return { file, push, given };
  }

  test('is not read or shown after another one was opened', async () => {
    const page = livePage();
    const first = slow('first');
    const reading = openRecording(page, first.file);
    await first.push(fileOf(LINES.slice(0, 5)));
    await openRecording(page, file(fileOf(LINES), 'second'));
    await first.push(fileOf(LINES.slice(5, 9)));
    await reading;
    expect((page.session.source.value as FileSource).name).toBe('second');
    expect(opening.value).toEqual({ is: 'idle' });
    expect(first.given).toHaveBeenCalled();
  });

  test('leaves the page unchanged', async () => {
    const page = livePage();
    const only = slow('only');
    const reading = openRecording(page, only.file);
    await only.push(fileOf(LINES.slice(0, 5)));
    forgetOpening();
    await only.push(fileOf(LINES.slice(5)));
    await reading;
    expect(page.session.source.value).toBe(page.live);
    expect(opening.value).toEqual({ is: 'idle' });
  });
});

describe('the recording served by peerchart inspect', () => {
  test('is fetched and opened', async () => {
    const asked = vi.fn(async () => new Response(fileOf(LINES)));
    vi.stubGlobal('fetch', asked);
    const page = livePage();
    await openRecording(page, servedFile(fetch));
    expect(asked).toHaveBeenCalledWith('/api/recording');
    expect(page.store.actors.size).toBe(6);
  });

  test('may be missing', async () => {
    vi.stubGlobal('fetch', async () => new Response('', { status: 404 }));
    await openRecording(livePage(), servedFile(fetch));
    expect(opening.value).toMatchObject({ is: 'refused', why: expect.stringContaining('404') });
  });
});
