/** Who answers the TALKREQs of a protocol: handlers of users, with a time limit and a bound. */
import type { Node } from '../crypto/node.ts';
import type { Endpoint } from '../wire/endpoint.ts';

/** A TALKREQ in a session. */
export type TalkRequest = {
  /** As its record says. */
  readonly node: Node;
  /** Where the request came from. */
  readonly from: Endpoint;
  readonly payload: Uint8Array;
};

/** What it returns is the response. One that fails, or is too late, answers with an empty response. */
export type TalkHandler = (request: TalkRequest) => Uint8Array | Promise<Uint8Array>;
