/** Faults in bytes a peer sent. The only error class of `io`; every other error is a fault of our own. */

/** Every fault of a peer's bytes. Tables elsewhere are total over this union. */
export type WireFault =
  // Before a session exists: auth and ack.
  | 'handshakeSizeOutOfRange'
  | 'invalidPublicKey'
  | 'undecryptable'
  | 'malformedHandshake'
  | 'unrecoverableSignature'
  | 'replayedAuth'
  // Frames. After either bad MAC the stream is out of step and nothing more can be read from it.
  | 'badHeaderMac'
  | 'badFrameMac'
  | 'frameTooBig'
  | 'malformedFrame'
  | 'messageTooBig'
  | 'malformedSnappy'
  // Messages of the base protocol.
  | 'malformedRlp'
  | 'malformedHello'
  | 'invalidIdentity';

/** The peer's bytes are unacceptable. Match on `fault`; the message is for people only. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly fault: WireFault;
  /** What is wrong with these bytes. */
  readonly detail: string;

  constructor(fault: WireFault, detail: string) {
    super(`${fault}: ${detail}`);
    this.fault = fault;
    this.detail = detail;
  }
}
