/** `peerchart inspect`: shows a recording on the page of the inspector, until the signal of the terminal. */
import { once } from 'node:events';

import { RecordingError } from '../inspect/recording/recording-error.ts';
import { printable, printableJson } from '../io/wire/printable.ts';
import { CommandError } from './error.ts';
import { LINK_HINT } from './human-line.ts';
import type { Terminal } from './terminal.ts';

export type InspectFileOptions = { readonly port: number; readonly json?: boolean };

/** Period of a timer that only keeps the process running, in ms. Ours. */
const AWAKE_MS = 3_600_000;

/** Longest error that is shown, in UTF-16 units. It may quote the recording. */
const MAX_CHARS = 400;

/** Exit code, the same as of `replay`. */
const UNREADABLE = 2;

/** @returns The exit code: 2 for a file that cannot be read. @throws {CommandError} It cannot listen. */
export async function inspectFile(
  path: string,
  { port, json = false }: InspectFileOptions,
  { stdout, stderr, signal }: Terminal,
): Promise<number> {
  const { openFileInspector } = await import('../inspect/file-inspector.ts');
  const show = (link: string): void =>
    void stdout.write(
      json ? `${printableJson({ type: 'link', link })}\n` : `open ${link} ${LINK_HINT}\n`,
    );
  const report = (text: string): void =>
    void stderr.write(`peerchart: ${printable(text, MAX_CHARS)}\n`);
  const onFault = (error: unknown): void => report(String(error));
  try {
    await using inspector = await openFileInspector(path, { port, onLink: show }, onFault);
    show(inspector.link);
    const awake = setInterval(() => {}, AWAKE_MS); // the inspector does not keep the process running
    if (!signal.aborted) await once(signal, 'abort');
    clearInterval(awake);
    return 0;
  } catch (error) {
    if (error instanceof RecordingError) {
      report(error.message);
      return UNREADABLE;
    }
    throw new CommandError(`the inspector cannot listen: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
