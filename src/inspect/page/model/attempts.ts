/**
 * Attempts: the dial task, the setup and the peer of one connection, which are separate actors. A dial without a
 * connection is an attempt too.
 */
import type { ActorNumber, DialRow, Ending, PeerRow, SetupRow } from '../../protocol.ts';
import type { Actor } from './entities.ts';

export type Attempt = {
  /** Number of the connection, such as `12`; `d345` for a dial without one, by the number of its actor. */
  readonly key: string;
  dial: Actor | null;
  setup: Actor | null;
  peer: Actor | null;
  ending: Ending | null;
};

/** Facts of the connection, from the actor that has them. Unknown text is empty. */
export type Identity = {
  readonly direction: 'inbound' | 'static' | 'dynamic' | null;
  readonly remote: string;
  readonly id: string;
  readonly client: string;
  readonly capabilities: readonly string[];
  readonly protocols: readonly string[];
  readonly slot: number | null;
};

/** Most endings that wait for their actors. */
const MAX_EARLY_ENDINGS = 200;

export class Attempts {
  readonly #byKey = new Map<string, Attempt>();
  readonly #byActor = new Map<ActorNumber, Attempt>();
  /** Endings received before their actors. */
  readonly #early = new Map<string, Ending>();

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Attempt | undefined {
    return this.#byKey.get(key);
  }

  /** The attempt that an actor belongs to. */
  of(actor: ActorNumber): Attempt | undefined {
    return this.#byActor.get(actor);
  }

  /** Oldest first. */
  all(): IterableIterator<Attempt> {
    return this.#byKey.values();
  }

  /** Adds a new actor, or one with a new row. */
  join(actor: Actor): void {
    switch (actor.machine) {
      case 'dial-task': {
        if (this.#byActor.has(actor.number)) return;
        this.#put(this.#at(`d${actor.number}`), 'dial', actor);
        return;
      }
      case 'connection-setup': {
        const attempt = this.#at(numberOf(actor));
        this.#put(attempt, 'setup', actor);
        if (!attempt.dial) this.#findDial(attempt, actor);
        return;
      }
      case 'peer': {
        this.#put(this.#at(numberOf(actor)), 'peer', actor);
        return;
      }
    }
  }

  end(ending: Ending): void {
    const attempt = this.#endedBy(ending);
    if (!attempt) {
      if (ending.connection !== null && this.#early.size < MAX_EARLY_ENDINGS)
        this.#early.set(ending.connection, ending);
      return;
    }
    // the ending of a connection says more than that of its dial
    if (ending.type !== 'dialFailed' || !attempt.ending) attempt.ending = ending;
  }

  /** The recorder forgot the actor. The attempt is dropped with its last actor. */
  forget(number: ActorNumber): void {
    const attempt = this.#byActor.get(number);
    if (!attempt) return;
    this.#byActor.delete(number);
    const isLeft = actorsOf(attempt).some((actor) => this.#byActor.has(actor.number));
    if (!isLeft) this.#byKey.delete(attempt.key);
  }

  clear(): void {
    this.#byKey.clear();
    this.#byActor.clear();
    this.#early.clear();
  }

  #at(key: string): Attempt {
    const known = this.#byKey.get(key);
    if (known) return known;
    const ending = this.#early.get(key) ?? null;
    this.#early.delete(key);
    const attempt: Attempt = { key, dial: null, setup: null, peer: null, ending };
    this.#byKey.set(key, attempt);
    return attempt;
  }

  #put(attempt: Attempt, part: 'dial' | 'setup' | 'peer', actor: Actor): void {
    attempt[part] = actor;
    this.#byActor.set(actor.number, attempt);
  }

  /** A dial task does not name its connection: it is the one dialling that address when the setup started. */
  #findDial(attempt: Attempt, { row, startedAt }: Actor): void {
    if (!row || !('slot' in row) || row.direction === 'inbound') return;
    for (const other of [...this.#byKey.values()].reverse()) {
      const { dial, setup } = other;
      if (!dial || setup || dial.startedAt > startedAt) continue;
      if ((dial.row as DialRow | null)?.remote !== row.remote) continue;
      if (dial.endedAt !== null && dial.endedAt < startedAt) continue;
      this.#byKey.delete(other.key);
      this.#put(attempt, 'dial', dial);
      return;
    }
  }

  #endedBy({ connection, actor, at }: Ending): Attempt | undefined {
    if (connection !== null) return this.#byKey.get(connection);
    // ids of dials repeat: take the latest that had started
    return [...this.#byKey.values()]
      .reverse()
      .find(({ dial }) => dial?.id === actor && dial.startedAt <= at);
  }
}

/** The part after the colon of `peer:12`. */
const numberOf = ({ id }: Actor): string => id.slice(id.indexOf(':') + 1);

/** In the order in which they run. */
export const actorsOf = ({ dial, setup, peer }: Attempt): readonly Actor[] =>
  [dial, setup, peer].filter((actor) => actor !== null);

/** The current actor, or the last one. */
export const currentOf = (attempt: Attempt): Actor => actorsOf(attempt).at(-1)!;

/** Also between the end of the setup and the start of the peer. */
export function isLive({ dial, setup, peer, ending }: Attempt): boolean {
  if (peer) return peer.status === 'active';
  if (setup) return setup.status === 'active' || (setup.state === 'admitted' && !ending);
  return dial?.status === 'active';
}

export const beganAt = (attempt: Attempt): number =>
  Math.min(...actorsOf(attempt).map(({ startedAt }) => startedAt));

/** Null while it is live. */
export const endedAt = (attempt: Attempt): number | null =>
  isLive(attempt) ? null : (currentOf(attempt).endedAt ?? currentOf(attempt).at);

/** The state that gives the reason of its end, if known; otherwise its current state. */
export function stateOf(attempt: Attempt): string {
  const { ending } = attempt;
  return !isLive(attempt) && ending ? ending.state : currentOf(attempt).state;
}

export function identityOf({ dial, setup, peer, ending }: Attempt): Identity {
  const dialRow = dial?.row as Partial<DialRow> | null | undefined;
  const row = setup?.row as Partial<SetupRow> | null | undefined;
  const peerRow = peer?.row as Partial<PeerRow> | null | undefined;
  return {
    direction: row?.direction ?? dialRow?.direction ?? ending?.direction ?? null,
    remote: row?.remote || dialRow?.remote || ending?.remote || '',
    id: row?.id || dialRow?.id || ending?.id || '',
    client: row?.client || ending?.client || '',
    capabilities: row?.capabilities ?? [],
    protocols: peerRow?.protocols ?? [],
    slot: row?.slot ?? null,
  };
}
