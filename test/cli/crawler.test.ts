import { describe, expect, test } from 'vitest';

import { type CrawledNode, Crawler } from '../../src/cli/crawler.ts';
import { type Node, nodeAt } from '../../src/io/crypto/node.ts';
import { recordValue, signRecord } from '../../src/io/crypto/node-record.ts';
import type { Discv4 } from '../../src/io/discovery/discv4.ts';
import { StepClock } from '../support/step-clock.ts';
import { storedId } from '../support/stored-nodes.ts';
import { keyOf } from '../support/world.ts';

type Discovery = Pick<Discv4, 'ping' | 'onPingOf' | 'findNode' | 'requestRecord'>;

const nodeOf = (number: number): Node =>
  nodeAt({
    id: storedId(number),
    publicKey: keyOf(1).publicKey,
    ...{ host: '192.0.2.1', udpPort: 30_000 + (number % 30_000), tcpPort: 0 },
  });

const record = signRecord({ seq: 3, entries: new Map([['tcp', recordValue(99)]]) }, keyOf(1));

/** Nodes that answer at once; each number knows some others, and a number that is not there is silent. */
function network(
  knows: ReadonlyMap<number, readonly number[]>,
  onFind = (): void => {},
): Discovery {
  const isThere = ({ id }: { readonly id: string }) => knows.has(Number.parseInt(id, 16));
  return {
    onPingOf: (_, onPing) => {
      onPing();
      return () => {};
    },
    ping: (node, done) => {
      const pong = { seq: 3, statedEndpoint: { host: '192.0.2.9', port: 1 } };
      done(isThere(node) ? { type: 'pong', rttMs: 1.4, ...pong } : { type: 'timedOut' });
      return () => {};
    },
    requestRecord: (_, done) => {
      done({ type: 'record', record });
      return () => {};
    },
    findNode: (node, _, done) => {
      onFind();
      const named = knows.get(Number.parseInt(node.id, 16)) ?? [];
      done({ type: 'neighbors', nodes: named.map(nodeOf) });
      return () => {};
    },
  };
}

async function crawled(
  discv4: Discovery,
  { limit = 1_000, signal = new AbortController().signal, from = [1] } = {},
) {
  const nodes: CrawledNode[] = [];
  const crawler = new Crawler({
    ...{ discv4, limit, signal, clock: new StepClock(), random: (bytes) => new Uint8Array(bytes) },
    onNode: (node) => nodes.push(node),
  });
  await crawler.crawl(from.map(nodeOf));
  return { nodes, counts: crawler.counts };
}

describe('a crawl', () => {
  test('asks every node that is named once, also the silent ones', async () => {
    const { nodes, counts } = await crawled(
      network(
        new Map([
          [1, [2, 3]],
          [2, [1, 3, 4]],
          [3, [1]],
        ]),
      ),
    );
    expect(
      nodes.map(({ id, rttMs, named }) => [Number.parseInt(id, 16), rttMs, named]).sort(),
    ).toEqual([
      [1, 1, 2],
      [2, 1, 3],
      [3, 1, 1],
      [4, null, 0],
    ]);
    expect(counts).toEqual({ known: 4, asked: 4, answered: 3 });
  });

  test('gives each node with its record, and with the TCP port of the record', async () => {
    const { nodes } = await crawled(network(new Map([[1, []]])));
    expect(nodes[0]).toMatchObject({
      record,
      enode: expect.stringContaining(':99?discport=30001'),
    });
  });

  test('asks a node for eight places, and no more once it names none', async () => {
    let questions = 0;
    const onFind = (): void => {
      questions += 1;
    };
    await crawled(network(new Map([[1, [1]]]), onFind));
    expect(questions).toBe(8);
    questions = 0;
    await crawled(network(new Map([[1, []]]), onFind));
    expect(questions).toBe(1);
  });

  test('asks no more nodes than it may, however many are invented', async () => {
    const invented = new Map(
      Array.from({ length: 500 }, (_, n) => [n, [2 * n, 2 * n + 1]] as const),
    );
    const { counts } = await crawled(network(invented), { limit: 40 });
    expect(counts).toMatchObject({ known: 40, asked: 40 });
  });

  test('asks 64 nodes at once at most', async () => {
    const waiting: (() => void)[] = [];
    const discv4: Discovery = {
      ...network(new Map()),
      ping: (_, done) => {
        waiting.push(() => done({ type: 'timedOut' }));
        return () => {};
      },
    };
    const ended = crawled(discv4, { from: Array.from({ length: 100 }, (_, n) => n + 1) });
    expect(waiting).toHaveLength(64);
    for (const end of waiting) end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(waiting).toHaveLength(100);
    for (const end of waiting.slice(64)) end();
    expect((await ended).counts).toEqual({ known: 100, asked: 100, answered: 0 });
  });

  test('ends with its signal, and leaves out what is not asked to the end', async () => {
    const stop = new AbortController();
    const discv4: Discovery = { ...network(new Map([[1, [2]]])), ping: () => () => {} };
    const ended = crawled(discv4, { signal: stop.signal });
    stop.abort();
    expect(await ended).toEqual({ nodes: [], counts: { known: 1, asked: 0, answered: 0 } });
    expect((await crawled(discv4, { signal: stop.signal })).counts.asked).toBe(0);
  });

  test('without a node that can be asked ends at once', async () => {
    expect((await crawled(network(new Map()), { from: [] })).counts.known).toBe(0);
  });
});
