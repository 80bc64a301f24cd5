/** What a `Discv4` is made of, and what it reports to its owner without being asked. */
import type { Node } from '../crypto/node.ts';
import type { NodeKey } from '../crypto/node-key.ts';
import type { NodeRecord } from '../crypto/node-record.ts';
import type { Primitives } from '../crypto/primitives.ts';
import type { Clock } from '../process/clock.ts';
import type { Endpoint } from '../wire/endpoint.ts';
import type { Datagram } from './datagram-socket.ts';
import type { KnownProof } from './endpoint-proofs.ts';

export type Discv4Options = {
  readonly key: NodeKey;
  readonly primitives: Primitives;
  readonly clock: Clock;
  /** Time of day, in ms since 1970. */
  readonly unixTimeMs: () => number;
  /** Our record now. */
  readonly record: () => NodeRecord;
  /** NetRestrict. It covers who is answered, who is asked, and whom others name. */
  readonly isAllowed: (host: string) => boolean;
  /** Nodes to name to others for a node id, the closest first. Only those that answered us before. */
  readonly closest: (targetId: string) => readonly Node[];
  readonly hooks: Discv4Hooks;
  /** Gets datagrams that are no packets of this protocol, on a socket that has another one too. They are not counted as refused. */
  readonly onForeign?: (datagram: Datagram) => void;
  /** What was proven in an earlier run. */
  readonly proofs?: Iterable<KnownProof>;
};

/** None of them may throw. Addresses of nodes are those their packets came from. */
export type Discv4Hooks = {
  /** A valid ping, before anything else is done for it. `seq` is that of the sender's record. */
  readonly onPing?: (ping: PingFrom) => void;
  /** The node pinged us, and has answered our ping now: it has proven its endpoint. */
  readonly onProven?: (proven: { readonly node: Node }) => void;
  /** A node that we pinged of our own accord says where our packets come from. */
  readonly onStatement?: (statement: {
    readonly host: string;
    readonly endpoint: Endpoint;
  }) => void;
  /** We sent a ping of our own accord. */
  readonly onContact?: (contact: { readonly host: string }) => void;
  /** For the node store: their pong, their ping, and how a question for nodes ended. Unix times in ms. */
  readonly onPonged?: (at: AtEndpoint) => void;
  readonly onPinged?: (at: AtEndpoint) => void;
  readonly onFindEnded?: (end: FindEnd) => void;
  /** No node answers us, and our clock is behind those of others by so many ms, or ahead when below zero. Every 10 min at most. */
  readonly onClockDrift?: (drift: { readonly byMs: number }) => void;
  /** A mistake of ours while a datagram was handled. The datagram is dropped. */
  readonly onFault: (error: unknown) => void;
};

type PingFrom = {
  readonly node: Node;
  readonly seq: number | null;
  /** Whether the node had proven its endpoint before. */
  readonly isProven: boolean;
};

type AtEndpoint = { readonly id: string; readonly host: string; readonly atMs: number };
type FindEnd = { readonly id: string; readonly host: string; readonly isAnswered: boolean };
