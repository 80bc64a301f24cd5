import { describe, expect, test } from 'vitest';
import type { NodeText } from '../../src/crawl/crawl-queue.ts';
import { Crawler, type CrawlOptions } from '../../src/crawl/crawler.ts';
import { MemoryQueue } from '../../src/crawl/memory-queue.ts';
import type { VisitRecord } from '../../src/crawl/visit-record.ts';
import { VirtualClock } from '../../src/testing/world/virtual-clock.ts';
import { passingTime, SimulatedCrawl } from '../support/simulated-crawl.ts';

const BEGAN_AT = 1_790_000_000_000;

function simulated(seed: number, count: number, options: Partial<CrawlOptions> = {}) {
  const clock = new VirtualClock();
  const unixTimeMs = () => BEGAN_AT + clock.now();
  const network = new SimulatedCrawl(seed, count, clock, unixTimeMs);
  const queue = new MemoryQueue({ unixTimeMs });
  const lines: string[] = [];
  const results = {
    write: async (record: VisitRecord) => void lines.push(JSON.stringify(record)),
    close: async () => {},
  };
  const crawler = new Crawler({
    open: async () => ({ queue, results, network }),
    ...{ parallel: 200, perSecond: 100, idleMs: 60_000, clock },
    ...options,
  });
  return { clock, network, queue, lines, crawler };
}

describe('a crawl of a simulated network', () => {
  test('visits each of 10,000 nodes once, and writes the same file for the same seed', async () => {
    const first = simulated(1, 10_000);
    expect(await passingTime(first.clock, first.crawler.ended)).toEqual({
      ...{ outcome: 'finished', visited: 10_000, failure: null },
    });
    const { network, lines, crawler } = first;
    expect(new Set(network.visits.keys())).toEqual(network.reachable);
    expect([...network.visits.values()].filter((visits) => visits !== 1)).toEqual([]);
    expect(lines.length).toBe(10_000);
    expect(network.mostOpen).toBeLessThanOrEqual(200);
    const { accepted, rejected, refused, failed } = crawler.progress;
    expect(accepted + rejected + refused + failed).toBe(10_000);

    const second = simulated(1, 10_000);
    await passingTime(second.clock, second.crawler.ended);
    expect(second.lines).toEqual(lines);
  });

  test('is different with another seed, and complete too', async () => {
    const [one, other] = [simulated(2, 300), simulated(3, 300)];
    await passingTime(one.clock, one.crawler.ended);
    await passingTime(other.clock, other.crawler.ended);
    expect(one.lines).not.toEqual(other.lines);
    for (const { network } of [one, other])
      expect(new Set(network.visits.keys())).toEqual(network.reachable);
  });

  test('begins no more visits in a second than it may', async () => {
    const { clock, crawler } = simulated(4, 200, { perSecond: 10 });
    await passingTime(clock, crawler.ended);
    expect(clock.now()).toBeGreaterThan(199 * 100);
  });

  test('that is stopped leaves the nodes that it did not visit in the queue', async () => {
    const { clock, crawler, queue, network } = simulated(5, 500);
    clock.setTimeout(() => crawler.stop(), 3_000);
    expect(await passingTime(clock, crawler.ended)).toMatchObject({ outcome: 'stopped' });
    expect(crawler.progress).toMatchObject({ visiting: expect.any(Number) });
    const { visited, waiting, visiting, known } = queue.counts;
    expect(visited).toBe(network.visits.size);
    expect(visiting).toBe(0);
    expect(visited + waiting).toBe(known);
    expect(waiting).toBeGreaterThan(0);
    crawler.stop(); // it has ended
  });

  test('ends when its time is over', async () => {
    const { clock, crawler } = simulated(6, 500, { maxMs: 2_000 });
    expect(await passingTime(clock, crawler.ended)).toMatchObject({ outcome: 'timeLimit' });
  });

  test('begins with the nodes that it is given', async () => {
    const seed: NodeText = { id: 'f'.repeat(64), text: 'enode://broken' };
    const { clock, crawler, network } = simulated(7, 50, { seeds: [seed] });
    network.byId.set(seed.id, { ...network.nodes[0]!, ...seed });
    await passingTime(clock, crawler.ended);
    expect(network.visits.get(seed.id)).toBe(1);
  });
});
