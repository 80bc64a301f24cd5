/** The network that a crawl sees: real, with one server, or simulated. */
import type { NodeText } from './crawl-queue.ts';
import type { VisitRecord } from './visit-record.ts';

/** What a visit finds out; the crawl adds when the node was found. */
export type Visit = Omit<VisitRecord, 'firstSeen'>;

export type CrawlNetwork = {
  /** Nodes as discovery finds them; the same node may come again. Read one by one, until it ends or the signal is aborted. */
  found(signal: AbortSignal): AsyncIterable<NodeText>;
  /**
   * One handshake with the node, which is disconnected afterwards. Does not reject because of what the node does.
   * Ends within 60 s. Rejects when the signal is aborted before the visit is complete.
   */
  visit(node: NodeText, signal: AbortSignal): Promise<Visit>;
  close(): Promise<void>;
};
