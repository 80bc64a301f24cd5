/** Builds frames as a recorder sends them, from calls for actors, steps and endings. */
import type {
  ActorNumber,
  Ending,
  Frame,
  Row,
  Status,
  Step,
  Views,
} from '../../../../src/inspect/protocol.ts';

type Way = readonly [machine: string, source: string, event: string, target: string];

/** Collects everything since the last call of `frame()` for the next one. */
export class NodeFrames {
  t = 0;
  #names: string[] = [];
  #ways: string[] = [];
  #actors = 0;
  #sequence = 0;
  #machines = new Map<ActorNumber, string>();
  #steps = new Map<ActorNumber, number>();
  #next: { -readonly [Key in keyof Frame]?: Frame[Key] } = {};
  #isFirst = true;

  born(machine: string, id: string, state: string, row: Row | null = null): ActorNumber {
    this.#actors += 1;
    this.#machines.set(this.#actors, machine);
    this.#steps.set(this.#actors, 0);
    const entry = [this.#actors, this.#name(machine), id, -1, this.t, this.#name(state)] as const;
    this.#add('actors', [...entry, this.t, 0, 'active', row]);
    return this.#actors;
  }

  /** The actor handles an event, with these transitions. */
  step(
    actor: ActorNumber,
    event: string,
    state: string,
    ...ways: readonly (readonly [source: string, event: string, target: string])[]
  ): void {
    this.#sequence += 1;
    const numbers = ways.map((way) => this.#way([this.#machines.get(actor)!, ...way]));
    const steps = this.#steps.get(actor)! + 1;
    this.#steps.set(actor, steps);
    const step: Step = [
      this.#sequence,
      actor,
      this.t,
      this.#name(event),
      this.#name(state),
      ...numbers,
    ];
    this.#add('moved', [actor, step[4], this.t, steps]);
    this.#add('log', step);
    this.#add('focusedSteps', step);
    for (const way of numbers) this.#add('transitionCounts', [way, 1]);
    this.#next.logTotal = (this.#next.logTotal ?? 0) + 1;
  }

  row(actor: ActorNumber, row: Row): void {
    this.#add('rows', [actor, row]);
  }

  over(actor: ActorNumber, status: Status = 'done'): void {
    this.#add('actorsEnded', [actor, this.t, status]);
  }

  gone(actor: ActorNumber): void {
    this.#add('forgotten', actor);
  }

  ended(ending: Ending): void {
    this.#add('endings', ending);
  }

  views(views: Views): void {
    this.#next.views = views;
  }

  frame(more: Partial<Frame> = {}): Frame {
    const about = {
      protocol: 4,
      peerchart: '0.0.0',
      startedAt: '2026-01-01T00:00:00.000Z',
      node: 'a node',
      source: 'live',
      actions: false,
      masked: false,
    } as const;
    const first = this.#isFirst ? { about } : {};
    this.#isFirst = false;
    const frame = { t: this.t, hz: 10, ...first, ...this.#next, ...more };
    this.#next = {};
    return JSON.parse(JSON.stringify(frame)) as Frame;
  }

  #name(name: string): number {
    const known = this.#names.indexOf(name);
    if (known >= 0) return known;
    this.#add('names', name);
    return this.#names.push(name) - 1;
  }

  #way(way: Way): number {
    const known = this.#ways.indexOf(way.join('|'));
    if (known >= 0) return known;
    this.#add('transitions', way.map((name) => this.#name(name)) as unknown as never);
    return this.#ways.push(way.join('|')) - 1;
  }

  #add<
    Key extends
      | 'names'
      | 'transitions'
      | 'actors'
      | 'moved'
      | 'rows'
      | 'actorsEnded'
      | 'forgotten'
      | 'transitionCounts'
      | 'log'
      | 'focusedSteps'
      | 'endings',
  >(key: Key, item: NonNullable<Frame[Key]>[number]): void {
    this.#next[key] = [...((this.#next[key] ?? []) as readonly unknown[]), item] as never;
  }
}

export const ending = (more: Partial<Ending> = {}): Ending => ({
  at: 0,
  type: 'ended',
  connection: '1',
  actor: 'connection-setup:1',
  direction: 'inbound',
  remote: '1.2.3.4:30303',
  id: '',
  client: '',
  state: 'rejected.tooManyPeers',
  facts: {},
  ms: 1,
  bytesIn: 0,
  bytesOut: 0,
  explanation: { verdict: 'We are full.', remedy: 'Wait.', confidence: 'certain', evidence: ['a'] },
  ...more,
});

export const setupRow = (
  more: Partial<import('../../../../src/inspect/protocol.ts').SetupRow> = {},
) => ({
  direction: 'inbound' as const,
  remote: '1.2.3.4:30303',
  slot: 0,
  id: '',
  client: '',
  capabilities: [],
  ...more,
});
