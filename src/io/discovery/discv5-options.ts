/** What a `Discv5` is made of, and what it reports to its owner without being asked. */
import type { Node } from '../crypto/node.ts';
import type { NodeKey } from '../crypto/node-key.ts';
import type { NodeRecord } from '../crypto/node-record.ts';
import type { Primitives, Random } from '../crypto/primitives.ts';
import type { Clock } from '../process/clock.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import type { SessionStart } from './discv5-sessions.ts';

export type Discv5Options = {
  readonly key: NodeKey;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly random: Random;
  /** Our record now. */
  readonly record: () => NodeRecord;
  /** NetRestrict. It covers who is answered, who is asked, and whom others name. */
  readonly isAllowed: (host: string) => boolean;
  /**
   * Nodes to name to others, of one log distance from us, 1 to 256: those that answered us before. Those without a record
   * are left out here.
   */
  readonly nodesAt: (distance: number) => readonly Node[];
  /** The newest record that is known of a node; null when none is. */
  readonly recordOf: (id: string) => NodeRecord | null;
  /**
   * Runs the chart `discv5-session` for this handshake and the keys that come of it, with the adapter `discv5Handshake`. The
   * actor ends by itself.
   */
  readonly startSession: (start: SessionStart) => void;
  readonly hooks: Discv5Hooks;
};

/** None of them may throw. */
export type Discv5Hooks = {
  /** A ping in a session, after its answer. `seq` is that of the sender's record, `node` is as its record says. */
  readonly onPing?: (ping: {
    readonly node: Node;
    readonly from: Endpoint;
    readonly seq: number;
  }) => void;
  /** A node that we pinged says where our packets come from. */
  readonly onStatement?: (statement: {
    readonly host: string;
    readonly endpoint: Endpoint;
  }) => void;
  /** We sent a ping of our own accord. */
  readonly onContact?: (contact: { readonly host: string }) => void;
  /** A node has begun a session with us, after the answer to its first message. Its record has an endpoint, which has not answered yet. */
  readonly onNode?: (found: { readonly node: Node }) => void;
  /** A node gave us a record of its own that is newer than the one we knew. */
  readonly onRecord?: (found: { readonly node: Node }) => void;
  /** A mistake of ours while a datagram was handled. The datagram is dropped. */
  readonly onFault: (error: unknown) => void;
};
