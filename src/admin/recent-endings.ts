/** The latest endings of dials, connections and peers with their explanations, for `peerchart_why`. */
import type { Explanation } from '../api/explanation.ts';
import type { Peer } from '../api/peer.ts';
import type { ServerEvents } from '../api/server-events.ts';
import { formatEndpoint } from '../io/wire/endpoint.ts';
import type { ObservedServer } from '../server/observation.ts';

/** Endings that are kept; the oldest leave. Ours. */
export const MAX_ENDINGS = 256;

export type RecentEnding = {
  /** When, in ISO 8601. */
  readonly time: string;
  readonly type: 'drop' | 'ended' | 'dialFailed';
  /** Node id; null for an inbound connection that did not prove one. */
  readonly id: string | null;
  readonly remote: string;
  /** Null for a failed dial. */
  readonly direction: Peer['direction'] | null;
  /** The state of the chart in which it ended. */
  readonly state: string;
  readonly explanation: Explanation;
};

export class RecentEndings {
  readonly #unixTime: () => string;
  readonly #ends: readonly (() => void)[];
  /** The newest last; at most `MAX_ENDINGS`. */
  #endings: readonly RecentEnding[] = [];

  /** @param unixTime The time of day in ISO 8601. */
  constructor(server: Pick<ObservedServer, 'on'>, unixTime: () => string) {
    this.#unixTime = unixTime;
    this.#ends = [
      server.on('drop', (event) => this.#add(event, event.peer)),
      server.on('ended', (event) => this.#add(event, { ...event, id: event.identity.id ?? null })),
      server.on('dialFailed', (event) =>
        this.#add(event, { id: event.target.id, remote: event.address, direction: null }),
      ),
    ];
  }

  /** The newest first; of this node, or of all. */
  of(id: string | null): readonly RecentEnding[] {
    return this.#endings.filter((ending) => id === null || ending.id === id).reverse();
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  #add<Type extends RecentEnding['type']>(
    { type, state, explanation }: { readonly type: Type } & ServerEvents[Type],
    {
      id,
      remote,
      direction,
    }: Pick<RecentEnding, 'id' | 'direction'> & {
      readonly remote: ServerEvents['ended']['remote'];
    },
  ): void {
    const ending: RecentEnding = {
      time: this.#unixTime(),
      ...{ type, id, remote: formatEndpoint(remote), direction, state, explanation },
    };
    this.#endings = [...this.#endings, ending].slice(-MAX_ENDINGS);
  }
}
