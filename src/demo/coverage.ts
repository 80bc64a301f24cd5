/** Everything that the demo is to show of its node: every way to end, to be turned away, and to lose the address. */

import type { ServerEvent } from '../api/server-events.ts';
import { END_STATES, type EndState } from '../explain/end-states.ts';
import type { TurnAwayReason } from '../machines/listening/listener.ts';

export type Occurrence =
  | EndState
  | `turnedAway.${TurnAwayReason}`
  | 'listener.lost'
  | 'listener.restored';

const TURNED_AWAY: Readonly<Record<TurnAwayReason, true>> = {
  netRestrict: true,
  throttled: true,
  sourceBusy: true,
  noSlot: true,
  notAccepting: true,
};

export const OCCURRENCES: readonly Occurrence[] = [
  ...END_STATES,
  ...(Object.keys(TURNED_AWAY) as TurnAwayReason[]).map((why) => `turnedAway.${why}` as const),
  'listener.lost',
  'listener.restored',
];

/** What cannot happen while the node goes on, and why. A test asks for a scene for each of the others. */
export const NEVER = {
  'rejected.serverStopped': 'only while the server stops',
  'ending.rejected.clientQuitting': 'only when the server stops, which is the end of the demo',
  'failed.checkpointTimeout': 'only a run loop that is dead does not answer, and nothing kills it',
  'turnedAway.sourceBusy':
    'the throttle lets no source come again before its handshakes have met their deadlines',
} as const satisfies Partial<Record<Occurrence, string>>;

export type Shown = Exclude<Occurrence, keyof typeof NEVER>;

/** What an event of the server says has happened; nothing for who joins. */
export function occurrencesOf(event: ServerEvent): readonly Occurrence[] {
  switch (event.type) {
    case 'drop':
    case 'ended':
    case 'dialFailed':
      return [event.state as EndState];
    case 'turnedAway':
      return (Object.keys(TURNED_AWAY) as TurnAwayReason[])
        .filter((why) => event.counts[why] > 0)
        .map((why) => `turnedAway.${why}` as const);
    case 'lost':
      return event.part === 'listener' ? ['listener.lost'] : [];
    case 'restored':
      return ['listener.restored'];
    default:
      return [];
  }
}
