/** The errors of recording files. */

export type RecordingFault =
  /** A file of that name exists; it is not overwritten. */
  | 'exists'
  /** The system refuses to create the file. */
  | 'unwritable'
  /** The system refuses to read the file. */
  | 'unreadable'
  /** The file is no recording. */
  | 'notARecording'
  /** The recording has a version that this program does not read. */
  | 'unknownVersion'
  /** A line is not valid in a recording. */
  | 'malformedLine';

/** Match on `fault`; the message is for people. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  readonly fault: RecordingFault;
  /** Line of the file, from 1; null when the error is about no line. */
  readonly line: number | null;

  constructor(fault: RecordingFault, message: string, line: number | null, options?: ErrorOptions) {
    super(line === null ? message : `line ${line}: ${message}`, options);
    this.fault = fault;
    this.line = line;
  }
}
