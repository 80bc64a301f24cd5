/** `peerchart inspect`: opens the page of the inspector on a recording, until it is told to stop. */
import { once } from 'node:events';

import { RecordingError } from '../inspect/recording/recording-error.ts';
import { CommandError } from './error.ts';
import type { Terminal } from './terminal.ts';

export type InspectFileOptions = { readonly port: number; readonly json?: boolean };

/** Any time will do, in ms. */
const AWAKE_MS = 3_600_000;

/** As `replay` has it. */
const UNREADABLE = 2;

/** @throws {CommandError} Its address cannot be had. */
export async function inspectFile(
  path: string,
  { port, json = false }: InspectFileOptions,
  { stdout, stderr, signal }: Terminal,
): Promise<number> {
  const { openFileInspector } = await import('../inspect/file-inspector.ts');
  const show = (link: string): void =>
    void stdout.write(json ? `${JSON.stringify({ type: 'link', link })}\n` : `open ${link}\n`);
  const onFault = (error: unknown): void => void stderr.write(`peerchart: ${String(error)}\n`);
  try {
    await using inspector = await openFileInspector(path, { port, onLink: show }, onFault);
    show(inspector.link);
    const awake = setInterval(() => {}, AWAKE_MS); // the inspector alone lets Node leave
    if (!signal.aborted) await once(signal, 'abort');
    clearInterval(awake);
    return 0;
  } catch (error) {
    if (error instanceof RecordingError) {
      stderr.write(`peerchart: ${error.message}\n`);
      return UNREADABLE;
    }
    throw new CommandError(`the inspector cannot listen: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
