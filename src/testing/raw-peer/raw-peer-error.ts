/** Why a raw peer cannot do what it is told to, or hears nothing. */

/** `noSession`: frames need a handshake. `overdue`: it took longer than allowed. `gone`: the stream is at its end. */
export type RawPeerFault = 'noSession' | 'overdue' | 'gone';

export class RawPeerError extends Error {
  override readonly name = 'RawPeerError';
  readonly code: RawPeerFault;

  constructor(code: RawPeerFault, message: string) {
    super(message);
    this.code = code;
  }
}
