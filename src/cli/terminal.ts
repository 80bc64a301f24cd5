/** The process as a command sees it: where to write, and when to stop. */
import type { Writable } from 'node:stream';
import { wallTime } from '../io/process/wall-time.ts';

/** Exit code of a command that Ctrl-C ended before it was done, as a shell has it. */
export const INTERRUPTED = 130;

export type Terminal = {
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborted by Ctrl-C, by SIGTERM, or when stdout is closed by its reader. */
  readonly signal: AbortSignal;
  readonly hasColours: boolean;
  /** Whether a person reads stdout, so that a line can be written again and again. */
  readonly isTty: boolean;
  /** Ends the process at once, with an exit code: something does not stop. */
  readonly end: (code: number) => void;
  /** The time of day in ISO 8601, to be shown. */
  readonly wallTime: () => string;
};

/** The part of `process` that is used. */
export type Host = {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  readonly env: { readonly NO_COLOR?: string | undefined; readonly TERM?: string | undefined };
  on(signal: StopSignal, listener: () => void): unknown;
  off(signal: StopSignal, listener: () => void): unknown;
  exit(code: number): void;
};

type StopSignal = 'SIGINT' | 'SIGTERM';

/** The first signal asks for a clean stop and removes our handlers, so that a second one ends the process at once. */
export function openTerminal(host: Host): Terminal {
  const { stdout, stderr, env } = host;
  const controller = new AbortController();
  const stop = (): void => {
    host.off('SIGINT', stop);
    host.off('SIGTERM', stop);
    controller.abort();
  };
  host.on('SIGINT', stop);
  host.on('SIGTERM', stop);
  stdout.on('error', stop); // EPIPE, as after `| head -1`
  stderr.on('error', () => {});
  return {
    stdout,
    stderr,
    signal: controller.signal,
    hasColours: wantsColours(stdout.isTTY === true, env),
    isTty: stdout.isTTY === true && env.TERM !== 'dumb',
    end: (code) => host.exit(code),
    wallTime,
  };
}

/** Source: no-color.org, "when present and not an empty string". */
function wantsColours(isTty: boolean, env: Host['env']): boolean {
  return isTty && !env.NO_COLOR && env.TERM !== 'dumb';
}
