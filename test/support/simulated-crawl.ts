/**
 * A simulated network for crawls: nodes with neighbours, faults and latencies, all of a seed, on a virtual clock. Nodes are found
 * as discovery finds them: each node that answers names some others.
 */
import { setImmediate } from 'node:timers';
import type { CrawlNetwork, Visit } from '../../src/crawl/crawl-network.ts';
import type { NodeText } from '../../src/crawl/crawl-queue.ts';
import type { Clock } from '../../src/io/process/clock.ts';
import { SeededRandom } from '../../src/testing/world/seeded-random.ts';
import type { VirtualClock } from '../../src/testing/world/virtual-clock.ts';

/** Nodes that one node names, chosen at random, besides the next one. */
const NEIGHBOURS = 12;

/** Nodes that discovery asks at once. */
const ASKED_AT_ONCE = 32;

const CLIENTS = ['Geth/v1.17.10', 'Nethermind/v1.36.0', 'besu/v26.1.0', 'reth/v1.9.0'];

/** What becomes of a visit, with its share of the nodes in percent. */
const FATES = [
  [50, 'accepted', 'peer', 'accepted'],
  [20, 'refused', 'setup', 'refused.tooManyPeers'],
  [8, 'rejected', 'setup', 'rejected.uselessPeer'],
  [12, 'failed', 'dial', 'connectTimeout'],
  [10, 'failed', 'dial', 'connectRefused'],
] as const;

const FATES_BY_PERCENT = FATES.flatMap((fate) => Array.from({ length: fate[0] }, () => fate));

type SimulatedNode = NodeText & {
  readonly neighbours: readonly number[];
  /** Whether it answers discovery. */
  readonly answers: boolean;
  readonly latencyMs: number;
  readonly fate: (typeof FATES)[number];
  readonly client: string;
};

export class SimulatedCrawl implements CrawlNetwork {
  readonly nodes: readonly SimulatedNode[];
  /** By id. */
  readonly byId: Map<string, SimulatedNode>;
  /** How often each node was visited, by id. */
  readonly visits = new Map<string, number>();
  /** Visits under way, and the most there were. */
  open = 0;
  mostOpen = 0;
  readonly #clock: Clock;
  readonly #unixTimeMs: () => number;

  constructor(seed: number, count: number, clock: Clock, unixTimeMs: () => number) {
    this.#clock = clock;
    this.#unixTimeMs = unixTimeMs;
    const random = new SeededRandom(`crawl ${seed}`);
    this.nodes = Array.from({ length: count }, (_, index): SimulatedNode => {
      const id = Array.from({ length: 8 }, () => random.uint32().toString(16).padStart(8, '0'));
      const named = Array.from({ length: NEIGHBOURS }, () => random.between(0, count - 1));
      const fate = FATES_BY_PERCENT[random.between(0, 99)]!;
      return {
        id: id.join(''),
        text: `enode://${id.join('')}@10.${index >> 16}.${(index >> 8) & 255}.${index & 255}:30303`,
        neighbours: [(index + 1) % count, ...named],
        answers: index === 0 || random.chance(0.9),
        latencyMs: random.between(5, 300),
        fate,
        client: random.pick(CLIENTS),
      };
    });
    this.byId = new Map(this.nodes.map((node) => [node.id, node]));
  }

  /** Nodes that discovery can find, beginning with the first one. */
  get reachable(): ReadonlySet<string> {
    const found = new Set([0]);
    for (const index of found) {
      const { answers, neighbours } = this.nodes[index]!;
      if (answers) for (const next of neighbours) found.add(next);
    }
    return new Set([...found].map((index) => this.nodes[index]!.id));
  }

  async *found(signal: AbortSignal): AsyncGenerator<NodeText> {
    const seen = new Set([0]);
    const waiting = [0];
    yield this.nodes[0]!;
    while (waiting.length > 0 && !signal.aborted) {
      const asked = waiting.splice(0, ASKED_AT_ONCE).map((index) => this.nodes[index]!);
      await this.#pass(Math.max(...asked.map(({ latencyMs }) => latencyMs)));
      for (const { answers, neighbours } of asked)
        for (const index of answers ? neighbours : []) {
          const node = this.nodes[index]!;
          yield node;
          if (seen.has(index)) continue;
          seen.add(index);
          waiting.push(index);
        }
    }
  }

  async visit({ id, text }: NodeText, signal: AbortSignal): Promise<Visit> {
    this.open += 1;
    this.mostOpen = Math.max(this.open, this.mostOpen);
    const { latencyMs, fate, client } = this.byId.get(id)!;
    const [, outcome, stage, reason] = fate;
    await this.#pass(reason === 'connectTimeout' ? 15_000 : 3 * latencyMs);
    this.open -= 1;
    signal.throwIfAborted();
    this.visits.set(id, (this.visits.get(id) ?? 0) + 1);
    return {
      ...{ id, enode: text, at: this.#unixTimeMs(), addressFamily: 'ipv4' },
      ...{ outcome, stage, reason },
      ...(stage !== 'dial' && { client, capabilities: ['eth/68', 'eth/69'] }),
      latencyMs: stage === 'dial' ? {} : { connect: latencyMs, hello: 2 * latencyMs },
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimeout(resolve, ms));
  }
}

/** Advances the clock until the promise has settled: everything that can run, runs before the next timer. */
export async function passingTime<Result>(
  clock: VirtualClock,
  promise: Promise<Result>,
): Promise<Result> {
  let isOver = false;
  const settled = (): void => {
    isOver = true;
  };
  promise.then(settled, settled);
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isOver) return promise;
    if (clock.nextAt === null) throw new Error('the promise cannot settle: no timer is left');
    clock.fireNext();
  }
}
