/** What can go wrong with the file of a recording. */

export type RecordingFault =
  /** There is a file of that name, and it is left alone. */
  | 'exists'
  /** The system does not let us write there. */
  | 'unwritable'
  /** The system does not let us read it. */
  | 'unreadable'
  /** It is no recording. */
  | 'notARecording'
  /** Of a version that this program does not know. */
  | 'unknownVersion'
  /** A line of it is none that a recording has. */
  | 'malformedLine';

/** Match on `fault`; the message is for people. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  readonly fault: RecordingFault;
  /** Where in the file, from 1 on; null when it is not about a line. */
  readonly line: number | null;

  constructor(fault: RecordingFault, message: string, line: number | null, options?: ErrorOptions) {
    super(line === null ? message : `line ${line}: ${message}`, options);
    this.fault = fault;
    this.line = line;
  }
}
