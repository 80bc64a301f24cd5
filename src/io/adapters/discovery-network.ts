/** What the charts of discovery tell the discovery protocol, and what it reports to them. */
import type { Node } from '../crypto/node.ts';

/** From a lookup: ask the node for those it knows near the target, after an endpoint proof if it needs one. */
export type AskerCommand = { readonly type: 'ask'; readonly node: Node };

/** The answer to each `ask`, by the id of the node. */
export type AskerEvent =
  | { readonly type: 'answered'; readonly id: string; readonly nodes: readonly Node[] }
  | { readonly type: 'askFailed'; readonly id: string };
