/** Reads a file that was dropped, picked or served, and then makes it the source of the page. */
import { signal } from '@preact/signals';
import type { Ask } from '../base/server-access.ts';
import type { Session } from '../base/session.ts';
import { stageCounts } from '../model/pipeline.ts';
import type { Store } from '../model/store.ts';
import { FileSource } from './file-source.ts';
import { type ReadTape, readTape } from './recording-text.ts';

/** The recording given to `peerchart inspect`. */
const SERVED = '/api/recording';

export type Opening =
  | { readonly is: 'idle' }
  | { readonly is: 'reading'; readonly name: string; readonly bytes: number; readonly of: number }
  /** Not a recording, or not readable; `why` is a sentence for people. */
  | { readonly is: 'refused'; readonly name: string; readonly why: string };

/** Something to read. */
export type Readable = {
  readonly name: string;
  /** In bytes; 0 if unknown. */
  readonly size: number;
  bytes(): Promise<ReadableStream<Uint8Array>>;
};

/** The current opening. */
export const opening = signal<Opening>({ is: 'idle' });

/** The latest requested file; reading of an earlier one stops. */
let wanted: Readable | null = null;

export async function openRecording(
  page: { readonly store: Store; readonly session: Session },
  file: Readable,
): Promise<void> {
  wanted = file;
  const { name, size: of } = file;
  const isWanted = (): boolean => wanted === file;
  opening.value = { is: 'reading', name, bytes: 0, of };
  try {
    const chunks = chunksOf(await file.bytes(), isWanted);
    const read = await readTape(chunks, (bytes) => {
      if (isWanted()) opening.value = { is: 'reading', name, bytes, of };
    });
    if (isWanted()) show(page, name, read);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (isWanted()) opening.value = { is: 'refused', name, why };
  }
}

export function forgetOpening(): void {
  wanted = null;
  opening.value = { is: 'idle' };
}

export const fileFrom = (file: File): Readable => ({
  name: file.name,
  size: file.size,
  bytes: async () => file.stream(),
});

/** What `peerchart inspect FILE` serves. */
export const servedFile = (ask: Ask): Readable => ({
  name: 'the recording',
  size: 0,
  async bytes() {
    const answer = await ask(SERVED);
    if (!answer.ok || !answer.body)
      throw new Error(`The server did not send the recording: it answered ${answer.status}.`);
    return answer.body;
  },
});

function show(
  { store, session }: Parameters<typeof openRecording>[0],
  name: string,
  read: ReadTape,
): void {
  forgetOpening();
  session.source.value?.close();
  session.select(null);
  session.connectivity.value = 'file';
  session.source.value = new FileSource(store, name, read);
  const { live, ended } = stageCounts(store);
  if (live === 0 && ended > 0) session.list.value = 'ended'; // what it contains
}

/** Longest time the page is blocked, in ms: two animation frames. */
const MAX_BUSY_MS = 32;

/** Not every browser can iterate a stream. Yields to the page regularly. */
async function* chunksOf(
  stream: ReadableStream<Uint8Array>,
  isWanted: () => boolean,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let since = performance.now();
  try {
    for (;;) {
      if (performance.now() - since > MAX_BUSY_MS) {
        await new Promise((resume) => setTimeout(resume));
        since = performance.now();
      }
      const { done, value } = await reader.read();
      if (done || !isWanted()) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {}); // it was read completely or is no longer wanted
  }
}
