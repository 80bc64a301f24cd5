/** Every state in which a dial, a connection or a peer ends, with the sentence and remedy from its chart. */
import {
  FAILURES,
  type FailureReason,
  REFUSALS,
  REJECTIONS,
  type RefusalReason,
  type RejectionReason,
} from '../machines/connection/connection-endings.ts';
import { DIAL_FAILURES, type DialFailure } from '../machines/dialing/dial-failures.ts';
import {
  PEER_FAILURES,
  PEER_REFUSALS,
  PEER_REJECTIONS,
  type PeerFailureReason,
  type PeerRefusalReason,
  type PeerRejectionReason,
} from '../machines/peer/peer-endings.ts';
import type { ReasonText } from '../machines/reason-states.ts';

/** A dial ends in states of the first level; the rest are leaves such as `refused.tooManyPeers`. */
export type EndState =
  | DialFailure
  | `rejected.${RejectionReason}`
  | `refused.${RefusalReason}`
  | `failed.${FailureReason}`
  | `ending.rejected.${PeerRejectionReason}`
  | `ending.refused.${PeerRefusalReason}`
  | `ending.failed.${PeerFailureReason}`;

const TABLES: readonly (readonly [parent: string, table: Readonly<Record<string, ReasonText>>])[] =
  [
    ['', DIAL_FAILURES],
    ['rejected.', REJECTIONS],
    ['refused.', REFUSALS],
    ['failed.', FAILURES],
    ['ending.rejected.', PEER_REJECTIONS],
    ['ending.refused.', PEER_REFUSALS],
    ['ending.failed.', PEER_FAILURES],
  ];

const REASON_TEXTS = new Map<string, ReasonText>(
  TABLES.flatMap(([parent, table]) =>
    Object.entries(table).map(([reason, words]) => [`${parent}${reason}`, words] as const),
  ),
);

/** All end states, each once. */
export const END_STATES = [...REASON_TEXTS.keys()] as readonly EndState[];

/** Undefined when `state` is not an end state. */
export const reasonTextOf = (state: string): ReasonText | undefined => REASON_TEXTS.get(state);
