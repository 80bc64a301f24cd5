/** Errors of raw peers. */

/** `noSession`: a frame needs a handshake first. `timeout`: nothing arrived in time. `closed`: the stream has ended. */
export type RawPeerFault = 'noSession' | 'timeout' | 'closed';

export class RawPeerError extends Error {
  override readonly name = 'RawPeerError';
  readonly code: RawPeerFault;

  constructor(code: RawPeerFault, message: string) {
    super(message);
    this.code = code;
  }
}
