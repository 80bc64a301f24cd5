/** Errors that the user can fix: they are shown in one line. Any other error is an internal one. */

import { ServerError } from '../api/server-error.ts';
import { RecordingError } from '../inspect/recording/recording-error.ts';
import { KeyFileError } from './node-key-file.ts';

/** True when `error.message` is the line to show. */
export function isUserError(error: unknown): error is Error {
  return (
    error instanceof CommandError ||
    error instanceof KeyFileError ||
    error instanceof ServerError ||
    error instanceof RecordingError
  );
}

/** An argument or option cannot be used. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
