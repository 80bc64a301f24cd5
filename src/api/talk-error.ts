/** The error of a message of another protocol that got no response through Node Discovery v5. */
import type { TalkResult } from '../io/discovery/request-results.ts';

/** Why there was no response: `timedOut`, or why nothing was sent. */
export type TalkErrorCode = 'timedOut' | Extract<TalkResult, { type: 'refused' }>['why'];

const SENTENCES = {
  timedOut: 'the node did not answer',
  noUdpEndpoint: 'the node has no address and port for datagrams',
  notInNetRestrict: 'netRestrict excludes the address of the node',
  ownNode: 'the node is our own',
  tooManyRequests: 'too many requests wait for an answer',
  closed: 'discovery v5 is not running',
  tooLarge: 'protocol and payload do not fit into one packet',
} as const satisfies Record<TalkErrorCode, string>;

/** Match on `code`, never on the message. */
export class TalkError extends Error {
  override readonly name = 'TalkError';
  readonly code: TalkErrorCode;

  constructor(code: TalkErrorCode) {
    super(SENTENCES[code]);
    this.code = code;
  }
}
