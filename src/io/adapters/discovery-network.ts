/** What the charts of discovery tell the discovery protocol, and what it reports to them. */
import type { Node } from '../crypto/node.ts';
import type { Endpoint } from '../wire/endpoint.ts';

/** From table-maintenance, to what owns the UDP socket. */
export type DiscoveryNetworkCommand =
  /** Ping the node, and fetch its record when its pong says that there is a newer one. Answered once, by `check.…`. */
  | { readonly type: 'check'; readonly node: Node }
  /** Close the socket; answered by `network.closed`. */
  | { readonly type: 'close' };

export type DiscoveryNetworkEvent =
  | { readonly type: 'network.bound'; readonly address: Endpoint }
  /** The address could not be bound at the start. */
  | { readonly type: 'network.failed'; readonly message: string }
  /** The socket is lost; the next attempt to bind it is in `retryInMs`, and there is none when that is null. */
  | { readonly type: 'network.lost'; readonly message: string; readonly retryInMs: number | null }
  | { readonly type: 'network.restored' }
  | { readonly type: 'network.closed' }
  /** `node` has the newest record. */
  | { readonly type: 'check.answered'; readonly id: string; readonly node: Node }
  | { readonly type: 'check.failed'; readonly id: string }
  /** The node came to us of its own accord, and has answered at its endpoint. */
  | { readonly type: 'node.proven'; readonly node: Node };

/** From a lookup: ask the node for those it knows near the target, after an endpoint proof if it needs one. */
export type AskerCommand = { readonly type: 'ask'; readonly node: Node };

/** The answer to each `ask`, by the id of the node. */
export type AskerEvent =
  | { readonly type: 'answered'; readonly id: string; readonly nodes: readonly Node[] }
  | { readonly type: 'askFailed'; readonly id: string };
