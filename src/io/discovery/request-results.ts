/** How requests to other nodes end. */
import type { Node } from '../crypto/node.ts';
import type { NodeRecord } from '../crypto/node-record.ts';
import type { Endpoint } from '../wire/endpoint.ts';

/** Why nothing was sent. */
export type RequestRefusal =
  | 'noUdpEndpoint'
  | 'notInNetRestrict'
  | 'ownNode'
  | 'tooManyRequests'
  | 'closed';

/** For every kind of request. */
export type NoAnswer =
  | { readonly type: 'timedOut' }
  | { readonly type: 'refused'; readonly why: RequestRefusal };

export type PingResult =
  | {
      readonly type: 'pong';
      readonly rttMs: number;
      /** Sequence number of their record; null when they have none. */
      readonly seq: number | null;
      /** Where our ping came from, they say. `host` may be empty. */
      readonly statedEndpoint: Endpoint;
    }
  | NoAnswer;

/** At most 16, those that others may name only. */
export type FindNodeResult =
  | { readonly type: 'neighbors'; readonly nodes: readonly Node[] }
  | NoAnswer;

/** `invalid`: they answered with a record that is none, or not theirs. */
export type RecordResult =
  | { readonly type: 'record'; readonly record: NodeRecord }
  | { readonly type: 'invalid'; readonly detail: string }
  | NoAnswer;

/** At most 16, of the distances that were asked for, those that others may name only. */
export type NodesResult = { readonly type: 'nodes'; readonly nodes: readonly Node[] } | NoAnswer;

/** `tooLarge`: protocol and payload do not fit into one packet. */
export type TalkResult =
  | { readonly type: 'response'; readonly payload: Uint8Array }
  | NoAnswer
  | { readonly type: 'refused'; readonly why: 'tooLarge' };

/** Ends a request of which nothing was sent. @returns What cancels it: there is nothing to cancel. */
export function refused(why: RequestRefusal, done: (result: NoAnswer) => void): () => void {
  done({ type: 'refused', why });
  return () => {};
}
