/** What users hold of discovery: the nodes a server has found, and ways to find others. */
import type { Node, NodeLike } from '../io/crypto/node.ts';
import type { Discv4Stats } from '../io/discovery/discv4.ts';
import type { Discv5Stats } from '../io/discovery/discv5-counts.ts';
import type { TalkHandler } from '../io/discovery/talk-handlers.ts';

export type LookupOptions = {
  /** Ends it: an iteration ends, and `resolve` returns null. */
  readonly signal?: AbortSignal;
};

export type DiscoveryTable<Stats = Discv4Stats> = {
  /** Every node of the table, 272 at most; those that answered a check first. */
  nodes(): readonly Node[];
  /** Nodes of the table that answered a check, `count` at most, chosen at random. */
  readRandomNodes(count: number): readonly Node[];
  /**
   * Looks for nodes close to the target, which need not exist, and gives each node on the way as it is found. At most 16
   * lookups run at once; one more gives nothing.
   *
   * @throws {TypeError} `target` is no node.
   */
  lookup(target: NodeLike, options?: LookupOptions): AsyncIterable<Node>;
  /**
   * The node as it describes itself now: its record if it has one, and where it answers. Null when it does not answer
   * where it was, and the nodes around it know no other place. Takes a minute at most.
   *
   * @throws {TypeError} `node` is no node.
   */
  resolve(node: NodeLike, options?: LookupOptions): Promise<Node | null>;
  /** What was sent, received and refused since the start; null while discovery has no socket. */
  stats(): Stats | null;
};

/** The table of Node Discovery v5. Its nodes may speak other protocols inside their sessions: TALKREQ of the specification. */
export type DiscoveryTableV5 = DiscoveryTable<Discv5Stats> & {
  /**
   * Sends a message of another protocol to the node, which need not be in the table, and returns its response; that is empty
   * when the node does not speak the protocol.
   *
   * @param protocol As both sides know it, such as `portal`.
   * @param payload About 1,100 bytes at most: one packet.
   * @throws {TypeError} `node` is no node. @throws {TalkError} There was no response. Rejects with the reason of the signal
   *   when that is aborted.
   */
  talk(
    node: NodeLike,
    protocol: string,
    payload: Uint8Array,
    options?: LookupOptions,
  ): Promise<Uint8Array>;
  /**
   * Answers the messages of a protocol with what the handler returns, 1,170 bytes at most. One that throws, rejects or takes
   * longer than 500 ms answers with an empty response; 64 may be at work. A handler that was there before is replaced.
   *
   * @returns Removes the handler.
   * @throws {RangeError} There are handlers for 64 protocols.
   */
  handleTalk(protocol: string, handler: TalkHandler): () => void;
};
