/** What the demo shows of its node: every ending, every reason to turn a caller away, and what a part of it reports. */

import type { ServerEvent } from '../api/server-events.ts';
import { END_STATES, type EndState } from '../explain/end-states.ts';
import { TURN_AWAY_REASONS, type TurnAwayReason } from '../machines/listening/listener.ts';

export type Occurrence =
  | EndState
  | `turnedAway.${TurnAwayReason}`
  | 'listener.lost'
  | 'listener.restored'
  | 'static.heldBack';

export const OCCURRENCES: readonly Occurrence[] = [
  ...END_STATES,
  ...TURN_AWAY_REASONS.map((why) => `turnedAway.${why}` as const),
  'listener.lost',
  'listener.restored',
  'static.heldBack',
];

/** Occurrences that are impossible while the node runs, and why. A test requires a scene for each other one. */
export const IMPOSSIBLE = {
  'rejected.serverStopped': 'only while the server stops',
  'ending.rejected.clientQuitting': 'only when the server stops, which is the end of the demo',
  'ending.rejected.churned': 'the demo node has no churn, so that its peers stay',
  'failed.checkpointTimeout':
    'only a run loop that has stopped does not answer, and no scene stops it',
  'turnedAway.sourceBusy':
    'the throttle blocks a source until the deadlines of its earlier handshakes have passed',
  'static.heldBack': 'the demo node dials static nodes beyond its share',
} as const satisfies Partial<Record<Occurrence, string>>;

export type CoveredOccurrence = Exclude<Occurrence, keyof typeof IMPOSSIBLE>;

/** The occurrences that a server event reports; none for a new peer. */
export function occurrencesOf(event: ServerEvent): readonly Occurrence[] {
  switch (event.type) {
    case 'drop':
    case 'ended':
    case 'dialFailed':
      return [event.state as EndState];
    case 'turnedAway':
      return TURN_AWAY_REASONS.filter((why) => event.counts[why] > 0).map(
        (why) => `turnedAway.${why}` as const,
      );
    case 'lost':
      return event.part === 'listener' ? ['listener.lost'] : [];
    case 'restored':
      return ['listener.restored'];
    case 'heldBack':
      return ['static.heldBack'];
    default:
      return [];
  }
}
