/** The error of calls that the state of the server does not allow. */

export type ServerErrorCode =
  | 'alreadyRunning'
  | 'inspectFailed'
  | 'notRunning'
  | 'startFailed'
  | 'stopped'
  | 'tooManyStatic'
  | 'tooManyTrusted';

/** The server cannot do what was asked in its present state. Match on `code`, never on the message. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
