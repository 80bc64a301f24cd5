/** What a server says no to, by a code to match on. */

export type ServerErrorCode =
  | 'alreadyRunning'
  | 'inspectFailed'
  | 'notRunning'
  | 'startFailed'
  | 'stopped'
  | 'tooManyStatic'
  | 'tooManyTrusted';

/** The server is in no state to do what was asked. Match on `code`. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
