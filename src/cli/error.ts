/** Errors that the user can fix: they are shown in one line. Any other error is an internal one. */

import { NodeError } from '../api/node-error.ts';
import { ServerError } from '../api/server-error.ts';
import { NdjsonError } from '../crawl/ndjson-file.ts';
import { ResultsError } from '../crawl/result-table.ts';
import { RecordingError } from '../inspect/recording/recording-error.ts';
import { NatsError } from '../jetstream/jetstream.ts';
import { KeyFileError } from '../server/node-key-file.ts';

/** True when `error.message` is the line to show. */
export function isUserError(error: unknown): error is Error {
  return (
    error instanceof CommandError ||
    error instanceof KeyFileError ||
    error instanceof NodeError ||
    error instanceof ServerError ||
    error instanceof RecordingError ||
    error instanceof NatsError ||
    error instanceof ResultsError ||
    error instanceof NdjsonError
  );
}

/** An argument or option cannot be used. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** One line: the reason, and what to do about it. */
export function errorLine({ message }: Error): string {
  const [, , remedy] =
    REMEDIES.find(([code, where]) => message.includes(code) && message.startsWith(where)) ?? [];
  return `peerchart: ${message}${remedy === undefined ? '' : `. ${remedy}.`}`;
}

const REMEDIES = [
  ['EADDRINUSE', 'start', 'Another program uses this port: choose another one with --port'],
  ['EADDRINUSE', 'the metrics', 'Another program uses it: choose another --metrics-port'],
  [
    'EADDRINUSE',
    'the admin API',
    'Another program uses it: choose another --http-port or --ws-port',
  ],
  ['socket has more than', 'the admin API', 'Choose a shorter one with --ipc, or none'],
  ['EADDRINUSE', 'the inspector', 'Another program uses this port: choose another one, or 0'],
  ['EADDRNOTAVAIL', '', 'This computer does not have this address: choose another --host'],
  ['is accessible to other users', '', 'Or accept it with --allow-readable-key'],
  ['who can read it', '', 'Or accept it with --allow-readable-key'],
  ['EACCES', 'start', 'A port below 1024 needs more rights: choose a higher one'],
] as const;

/** How commander begins an error about a value; the reader of that value wrote the reason. */
const WRONG_VALUE =
  /^error: (?:option '(?:-\w, )?(--[\w-]+)[^']*' argument|command-argument value) '(.*)' is invalid(?: for argument '(.*?)')?\. (.*?)\.?\n?$/s;

/** Longest wrong value that is shown, in UTF-16 units. */
const MAX_VALUE_CHARS = 60;

/** The reason first, then what was given, then where. */
export function argumentErrorLine(text: string): string {
  const [, option, value, argument, reason] = WRONG_VALUE.exec(text) ?? [];
  if (value === undefined || reason === undefined) return text.replace(/^error: /, 'peerchart: ');
  const shown = value.length > MAX_VALUE_CHARS ? `${value.slice(0, MAX_VALUE_CHARS)}…` : value;
  const got = reason.includes(' got ') ? '' : `, got ${JSON.stringify(shown)}`;
  const sentence = reason.charAt(0).toLowerCase() + reason.slice(1);
  return `peerchart: ${sentence}${got} (${option ?? `<${argument}>`})\n`;
}
