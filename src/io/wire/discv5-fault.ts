/** What can be wrong with a datagram that should be a packet of Node Discovery v5, or with the message in it. */

/** Why a datagram, a handshake or a message is refused. */
export type Discv5Fault =
  // What anyone can see who knows our node id.
  | 'packetTooShort'
  | 'packetTooLong'
  | 'notDiscv5'
  | 'unsupportedVersion'
  | 'unknownPacketKind'
  | 'badAuthDataSize'
  | 'unsupportedIdentityScheme'
  | 'messageTooShort'
  | 'unexpectedMessage'
  // What a handshake proves.
  | 'recordMissing'
  | 'badRecord'
  | 'recordOfOtherNode'
  | 'badIdSignature'
  | 'invalidEphemeralKey'
  // What a key of the session opens.
  | 'undecryptable'
  | 'emptyMessage'
  | 'unknownMessageType'
  | 'malformedMessage'
  | 'requestIdTooLong';

/** Bytes from outside that are refused. Match on `fault`; the message is for people only. */
export class Discv5Error extends Error {
  override readonly name = 'Discv5Error';
  readonly fault: Discv5Fault;

  constructor(fault: Discv5Fault, detail: string) {
    super(`${fault}: ${detail}`);
    this.fault = fault;
  }
}
