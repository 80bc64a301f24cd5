import { describe, expect, test } from 'vitest';
import type { CrawlFailure } from '../../../src/io/adapters/crawl-visitor.ts';
import {
  crawlMachine,
  DRAIN_TIMEOUT_MS,
  POLL_PAUSE_MS,
  SEED_TIMEOUT_MS,
  TAKE_TIMEOUT_MS,
  VISITS_TIMEOUT_MS,
} from '../../../src/machines/crawl/crawl.ts';
import { brokenActor } from '../../support/broken-actor.ts';
import { type Fact, INTERVAL_MS, MAX_MS, runCrawl } from '../../support/crawl-run.ts';
import { runMachine } from '../../support/run-machine.ts';

const TAKING = 'crawling.working.taking';
const PACING = 'crawling.working.pacing';
const AWAITING_SLOT = 'crawling.working.awaitingSlot';
const RESTING = 'crawling.waiting.resting';
const ASKING = 'crawling.waiting.asking';

const NO_DISK: CrawlFailure = { part: 'results', message: 'no space left' };

const FAILURE: CrawlFailure = { part: 'internal', message: 'it broke' };

/** Each state of `draining`. */
const ENDS: readonly { readonly ending: string; readonly begin: () => Run }[] = [
  { ending: 'finished', begin: () => reporting(['seeded', 'search.ended', 'queue.empty']) },
  {
    ending: 'stopped',
    begin: () => {
      const run = runCrawl();
      run.send({ type: 'stop' });
      return run;
    },
  },
  {
    ending: 'timeLimit',
    begin: () => {
      const run = reporting(['seeded'], { maxMs: INTERVAL_MS });
      run.clock.advance(INTERVAL_MS);
      return run;
    },
  },
  { ending: 'failed', begin: () => failing() },
];

/** What brings a new crawl into each state that waits for an answer with a time limit. */
const WAITS: readonly (readonly [what: string, part: string, ms: number, begin: () => Run])[] = [
  ['the crawl did not begin', 'network', SEED_TIMEOUT_MS, () => runCrawl()],
  ['the queue did not answer', 'queue', TAKE_TIMEOUT_MS, () => reporting(['seeded'])],
  ['the queue did not answer', 'queue', TAKE_TIMEOUT_MS, () => asking()],
  ['no visit ended', 'network', VISITS_TIMEOUT_MS, () => saturated()],
];

describe('a crawl', () => {
  test('opens everything, then visits one node after the other, a little apart', () => {
    const run = runCrawl();
    expect(run.state()).toBe('seeding');
    run.report('seeded');
    expect(run.state()).toBe(TAKING);
    run.report('task.taken');
    run.clock.advance(INTERVAL_MS - 1);
    expect(run.state()).toBe(PACING);
    run.clock.advance(1);
    expect(run.state()).toBe(TAKING);
    expect(run.commands()).toEqual(['open', 'take', 'take']);
  });

  test('begins no more visits than it may have at once', () => {
    const run = reporting(['seeded', 'task.taken']);
    run.clock.advance(INTERVAL_MS);
    run.report('task.taken');
    run.clock.advance(INTERVAL_MS);
    expect(run.state()).toBe(AWAITING_SLOT);
    run.report('visit.ended');
    expect(run.state()).toBe(TAKING);
    expect(run.context()).toMatchObject({ visiting: 1, visited: 1 });
  });

  test('asks an empty queue again after a while, or when a node was added', () => {
    const run = asking();
    expect(run.state()).toBe(ASKING);
    run.report('queue.empty');
    expect(run.state()).toBe(RESTING);
    run.report('node.added');
    expect(run.state()).toBe(TAKING);
    run.report('queue.empty');
    run.clock.advance(POLL_PAUSE_MS);
    run.report('task.taken');
    expect(run.state()).toBe(PACING);
    expect(run.context()).toMatchObject({ visiting: 1, polls: 0 });
  });

  test('is finished once no other node is found, none is left and no visit is under way', () => {
    const run = reporting(['seeded', 'task.taken']);
    run.clock.advance(INTERVAL_MS);
    run.report('search.ended');
    expect(run.state()).toBe(TAKING);
    run.report('queue.empty');
    expect(run.state()).toBe(RESTING);
    run.report('visit.ended');
    expect(run.state()).toBe('draining.finished');
    expect(run.commands().at(-1)).toBe('drain');
    run.drained();
    expect(run.output()).toEqual({ outcome: 'finished', visited: 1, failure: null });
  });

  test('is finished when there was nothing to visit for long enough, though the search goes on', () => {
    const run = reporting(['seeded', 'queue.empty']);
    for (let poll = 0; poll < 3; poll += 1) {
      run.clock.advance(POLL_PAUSE_MS);
      expect(run.state()).toBe(ASKING);
      run.report('queue.empty');
    }
    run.clock.advance(POLL_PAUSE_MS);
    expect(run.state()).toBe('draining.finished');
  });

  test('is not finished while a visit is under way', () => {
    const run = reporting(['seeded', 'task.taken']);
    run.clock.advance(INTERVAL_MS);
    run.report('queue.empty');
    for (let poll = 0; poll < 5; poll += 1) {
      run.clock.advance(POLL_PAUSE_MS);
      run.report('queue.empty');
    }
    expect(run.state()).toBe(RESTING);
    run.report('visit.ended');
    expect(run.state()).toBe(RESTING);
    run.clock.advance(POLL_PAUSE_MS);
    expect(run.state()).toBe('draining.finished');
  });

  test.each([
    ['seeding', []],
    [TAKING, ['seeded']],
    [PACING, ['seeded', 'task.taken']],
    [RESTING, ['seeded', 'queue.empty']],
  ] as const)('in %s, a stop ends the visits and closes everything', (state, reports) => {
    const run = reporting(reports);
    expect(run.state()).toBe(state);
    run.send({ type: 'stop' }, { type: 'stop' });
    expect(run.state()).toBe('draining.stopped');
    expect(run.commands().filter((command) => command === 'drain')).toEqual(['drain']);
    run.drained();
    expect(run.output()).toMatchObject({ outcome: 'stopped' });
  });

  test('ends when its time is over', () => {
    const run = reporting(['seeded', 'task.taken'], { parallel: 1, maxMs: MAX_MS });
    run.clock.advance(INTERVAL_MS);
    for (let ms = INTERVAL_MS; ms < MAX_MS; ms += MAX_MS / 40 - 0.5) {
      run.report('visit.ended', 'task.taken');
      run.clock.advance(MAX_MS / 40 - 0.5);
    }
    expect(run.state()).toBe('draining.timeLimit');
    run.drained();
    expect(run.output()).toMatchObject({ outcome: 'timeLimit', failure: null });
  });

  test.each(WAITS)('fails when %s in time', (what, part, ms, begin) => {
    const run = begin();
    run.clock.advance(ms - 1);
    expect(run.state()).not.toBe('draining.failed');
    run.clock.advance(1);
    expect(run.state()).toBe('draining.failed');
    run.drained();
    const message = expect.stringContaining(what);
    expect(run.output()).toMatchObject({ outcome: 'failed', failure: { part, message } });
  });

  test('fails with the failure that its visitor reports, and keeps the first one', () => {
    const run = reporting(['seeded']);
    run.visitor.report({ type: 'crawl.failed', failure: NO_DISK });
    expect(run.state()).toBe('draining.failed');
    const other: CrawlFailure = { part: 'queue', message: 'another' };
    run.visitor.report({ type: 'crawl.failed', failure: other });
    run.visitor.report({ type: 'drained', failure: other });
    expect(run.output()).toMatchObject({ outcome: 'failed', failure: NO_DISK });
  });

  test.each(ENDS.slice(0, 3))(
    'fails when something cannot be closed: $ending',
    ({ ending, begin }) => {
      const run = begin();
      expect(run.state()).toBe(`draining.${ending}`);
      run.visitor.report({ type: 'drained', failure: NO_DISK });
      expect(run.output()).toMatchObject({ outcome: 'failed', failure: NO_DISK });
    },
  );

  test.each(ENDS)('fails when not everything closes in time: $ending', ({ ending, begin }) => {
    const run = begin();
    run.clock.advance(DRAIN_TIMEOUT_MS - 1);
    expect(run.state()).toBe(`draining.${ending}`);
    run.clock.advance(1);
    expect(run.output()).toMatchObject({ outcome: 'failed', failure: { part: 'internal' } });
  });

  test('fails when its visitor breaks', () => {
    const run = runMachine(crawlMachine.provide({ actors: { visitor: brokenActor() } }), {
      ...{ parallel: 1, visitIntervalMs: 1, emptyPolls: 1, maxMs: 1_000 },
    });
    expect(run.output()).toMatchObject({ outcome: 'failed', failure: { part: 'internal' } });
  });

  test('takes no notice of what comes after its time', () => {
    const run = reporting(['seeded', 'seeded', 'node.added']);
    expect(run.state()).toBe(TAKING);
    run.drained();
    expect(run.state()).toBe(TAKING);
    run.send({ type: 'stop' });
    run.report('task.taken', 'visit.ended', 'search.ended', 'queue.empty');
    expect(run.state()).toBe('draining.stopped');
    expect(run.context()).toMatchObject({ visiting: 0, visited: 0 });
  });
});

type Run = ReturnType<typeof runCrawl>;

function reporting(reports: readonly Fact[], input?: Parameters<typeof runCrawl>[0]) {
  const run = runCrawl(input);
  run.report(...reports);
  return run;
}

function failing(): Run {
  const run = reporting(['seeded']);
  run.visitor.report({ type: 'crawl.failed', failure: FAILURE });
  return run;
}

function asking(): Run {
  const run = reporting(['seeded', 'queue.empty']);
  run.clock.advance(POLL_PAUSE_MS);
  return run;
}

function saturated(): Run {
  const run = reporting(['seeded', 'task.taken'], { parallel: 1 });
  run.clock.advance(INTERVAL_MS);
  return run;
}
