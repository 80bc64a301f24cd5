/** What users hold of discovery: the nodes a server has found, and ways to find others. */
import type { Node, NodeLike } from '../io/crypto/node.ts';
import type { Discv4Stats } from '../io/discovery/discv4.ts';

export type LookupOptions = {
  /** Ends it: an iteration ends, and `resolve` returns null. */
  readonly signal?: AbortSignal;
};

export type DiscoveryTable = {
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
  stats(): Discv4Stats | null;
};
