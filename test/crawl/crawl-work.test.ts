import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CrawlNetwork, Visit } from '../../src/crawl/crawl-network.ts';
import type { CrawlQueue, CrawlTask, NodeText } from '../../src/crawl/crawl-queue.ts';
import {
  type CrawlParts,
  CrawlWork,
  EXTEND_EVERY_MS,
  VISIT_TIMEOUT_MS,
} from '../../src/crawl/crawl-work.ts';
import { MemoryQueue } from '../../src/crawl/memory-queue.ts';
import type { CrawlResults, VisitRecord } from '../../src/crawl/visit-record.ts';
import type { CrawlReport } from '../../src/io/adapters/crawl-visitor.ts';
import { StepClock } from '../support/step-clock.ts';

const node = (name: string): NodeText => ({ id: name.repeat(64), text: `enode://${name}` });

const visitOf = ({ id, text }: NodeText): Visit => ({
  ...{ id, enode: text, at: 1, addressFamily: 'ipv4', latencyMs: {} },
  ...{ outcome: 'accepted', stage: 'peer', reason: 'accepted' },
});

/** What the tests drive by hand. */
let clock: StepClock;
let reports: CrawlReport[];
/** Tasks that had ended when each record was written. */
let endedBefore: number[];
let kept: VisitRecord[];
let queue: CrawlQueue & Pick<MemoryQueue, 'counts'>;
let found: (node: NodeText | null) => void;
let visits: Map<string, { end: () => void; signal: AbortSignal }>;
let closed: string[];
let failing: Partial<CrawlParts>;

beforeEach(() => {
  clock = new StepClock();
  reports = [];
  kept = [];
  endedBefore = [];
  closed = [];
  failing = {};
  visits = new Map();
  queue = new MemoryQueue({ unixTimeMs: () => 5 });
});

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) await setImmediate();
};

const types = (): readonly string[] => reports.map(({ type }) => type);

const failures = () =>
  reports.flatMap((report) => (report.type === 'crawl.failed' ? [report.failure] : []));

function begin(open?: () => Promise<CrawlParts>, seeds: readonly NodeText[] = []) {
  let offered = 0;
  let returned = 0;
  const network: CrawlNetwork = {
    async *found(signal) {
      for (;;) {
        const next = await new Promise<NodeText | null>((resolve) => {
          found = resolve;
          signal.addEventListener('abort', () => resolve(null));
        });
        if (next === null) return;
        yield next;
      }
    },
    visit: (visited, signal) =>
      new Promise((resolve, reject) => {
        visits.set(visited.id, { end: () => resolve(visitOf(visited)), signal });
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
    close: async () => void closed.push('network'),
  };
  const results: CrawlResults = {
    write: async (record) => {
      kept.push(record);
      endedBefore.push(queue.counts.visited);
    },
    close: async () => void closed.push('results'),
  };
  const work = new CrawlWork({
    open: open ?? (async () => ({ queue, results, network, ...failing })),
    ...{ seeds, clock },
    onOffer: () => {
      offered += 1;
    },
    onRecord: () => {},
    onReturned: () => {
      returned += 1;
    },
    report: (report) => void reports.push(report),
  });
  return {
    do: async (...commands: readonly ('open' | 'take' | 'drain')[]) => {
      for (const type of commands) {
        work.carryOut({ type });
        await settled();
      }
    },
    work,
    counts: () => ({ offered, returned }),
  };
}

describe('the work of a crawl', () => {
  test('adds what is found to the queue, visits it, and writes the record before the task ends', async () => {
    const run = begin();
    await run.do('open');
    found(node('a'));
    await settled();
    await run.do('take');
    expect(types()).toEqual(['seeded', 'task.taken']);
    expect(queue.counts.visiting).toBe(1);
    visits.get(node('a').id)!.end();
    await settled();
    expect(types().at(-1)).toBe('visit.ended');
    expect(kept).toEqual([{ ...visitOf(node('a')), firstSeen: 5 }]);
    expect([endedBefore, queue.counts.visited]).toEqual([[0], 1]);
    expect(clock.pending).toBe(0);
  });

  test('says once that a node was added after the queue was empty', async () => {
    const run = begin();
    await run.do('open', 'take');
    expect(types()).toEqual(['seeded', 'queue.empty']);
    for (const name of ['a', 'a', 'b']) {
      found(node(name));
      await settled();
    }
    expect(types()).toEqual(['seeded', 'queue.empty', 'node.added']);
    expect(run.counts().offered).toBe(3);
  });

  test('does not call a queue empty that got a node while it was asked', async () => {
    const answers: ((task: CrawlTask | null) => void)[] = [];
    const slow: CrawlQueue = {
      offer: async () => 'added',
      take: () => new Promise((resolve) => void answers.push(resolve)),
      close: async () => {},
    };
    failing = { queue: slow };
    const run = begin();
    await run.do('open', 'take');
    found(node('a'));
    await settled();
    answers[0]!(null);
    await settled();
    expect(types()).toEqual(['seeded']);
    expect(answers.length).toBe(2);
    answers[1]!(null);
    await settled();
    expect(types()).toEqual(['seeded', 'queue.empty']);
  });

  test('begins with the nodes that it is given, and says when no other is found', async () => {
    const run = begin(undefined, [node('a')]);
    await run.do('open');
    found(null);
    await settled();
    expect(types()).toEqual(['seeded', 'search.ended']);
    expect(queue.counts.waiting).toBe(1);
  });

  test('gives a visit back that takes too long', async () => {
    const run = begin(undefined, [node('a')]);
    await run.do('open', 'take');
    clock.advance(VISIT_TIMEOUT_MS - 1);
    await settled();
    expect(types().at(-1)).toBe('task.taken');
    clock.advance(1);
    await settled();
    expect(types().at(-1)).toBe('visit.ended');
    expect(queue.counts).toMatchObject({ waiting: 1, visited: 0 });
    expect(run.counts().returned).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('tells the queue now and then that a visit goes on', async () => {
    let extended = 0;
    const extend = async () => {
      extended += 1;
      if (extended === 3) throw new Error('the queue is gone');
    };
    const task = { node: node('a'), firstSeen: 1, ack: async () => {}, retry: async () => {} };
    const take = async () => ({ ...task, extend });
    failing = { queue: { offer: async () => 'known', take, close: async () => {} } };
    const run = begin();
    await run.do('open', 'take');
    for (let time = 0; time < 3; time += 1) clock.advance(EXTEND_EVERY_MS);
    await settled();
    expect(extended).toBe(3);
    expect(failures()).toEqual([{ part: 'queue', message: 'Error: the queue is gone' }]);
  });

  test('ends the search and the visits, gives them back, and closes everything', async () => {
    const run = begin(undefined, [node('a'), node('b')]);
    await run.do('open', 'take', 'take');
    visits.get(node('a').id)!.end();
    await run.do('drain');
    expect(reports.at(-1)).toEqual({ type: 'drained', failure: null });
    expect(kept.length).toBe(1);
    expect(queue.counts).toMatchObject({ visited: 1, waiting: 1, visiting: 0 });
    expect(visits.get(node('b').id)!.signal.aborted).toBe(true);
    expect(closed).toEqual(['network', 'results']);
    run.work.abandon(); // nothing is left
    await settled();
    expect(closed.length).toBe(2);
  });

  test('does not visit a task that came while it ended', async () => {
    const { promise, resolve } = deferred<CrawlTask>();
    let returned = false;
    const task = { node: node('a'), firstSeen: 1, ack: async () => {}, extend: async () => {} };
    failing = {
      queue: { offer: async () => 'known', take: () => promise, close: async () => {} },
    };
    const run = begin();
    await run.do('open', 'take', 'drain');
    expect(types()).toEqual(['seeded']);
    const retry = async () => {
      returned = true;
    };
    resolve({ ...task, retry });
    await settled();
    expect(returned).toBe(true);
    expect(types().at(-1)).toBe('drained');
    expect(visits.size).toBe(0);
  });

  test('waits for the opening when it is ended meanwhile', async () => {
    const { promise, resolve } = deferred<CrawlParts>();
    const run = begin(() => promise);
    await run.do('open');
    run.work.abandon();
    await settled();
    expect(types()).toEqual([]);
    const close = async () => void closed.push('all');
    resolve({
      queue,
      network: { close } as CrawlNetwork,
      results: { write: async () => {}, close },
    });
    await settled();
    expect(closed).toEqual(['all', 'all']);
    expect(types()).toEqual(['drained']);
  });

  test('fails when it cannot be opened, and has nothing to close', async () => {
    const run = begin(async () => {
      throw new Error('the port is taken');
    });
    await run.do('open', 'drain');
    expect(reports).toEqual([
      { type: 'crawl.failed', failure: { part: 'network', message: 'Error: the port is taken' } },
      { type: 'drained', failure: null },
    ]);
  });

  test.each(['network', 'queue', 'results'] as const)(
    'names the part that broke: %s',
    async (part) => {
      const broken = async () => {
        throw new Error('broken');
      };
      const usual = new MemoryQueue({ unixTimeMs: () => 5 });
      if (part === 'queue') failing = { queue: { offer: broken, take: broken, close: broken } };
      if (part === 'results') failing = { results: { write: broken, close: broken } };
      if (part === 'network')
        failing = {
          network: {
            found: () => ({ [Symbol.asyncIterator]: () => ({ next: broken }) }),
            visit: broken,
            close: broken,
          },
        };
      if (part !== 'queue') failing = { ...failing, queue: usual };
      const run = begin(undefined, [node('a')]);
      await run.do('open', 'take');
      visits.get(node('a').id)?.end();
      await run.do('drain');
      expect(new Set(failures().map((failure) => failure.part))).toEqual(new Set([part]));
      expect(reports.at(-1)).toMatchObject({ type: 'drained', failure: { part } });
      if (part !== 'queue') expect(usual.counts).toMatchObject({ visited: 0, waiting: 1 });
    },
  );
});

function deferred<Value>() {
  let resolve = (_: Value): void => {};
  const promise = new Promise<Value>((end) => {
    resolve = end;
  });
  return { promise, resolve };
}
