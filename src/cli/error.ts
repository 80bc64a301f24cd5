/** Which errors are the user's to mend: they get one line. Anything else that is thrown is a mistake of ours. */

import { ServerError } from '../api/server-error.ts';
import { RecordingError } from '../inspect/recording/recording-error.ts';
import { KeyFileError } from './node-key-file.ts';

/** The message is the line to show. */
export function isForUser(error: unknown): error is Error {
  return (
    error instanceof CommandError ||
    error instanceof KeyFileError ||
    error instanceof ServerError ||
    error instanceof RecordingError
  );
}

/** What was asked cannot be done. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
