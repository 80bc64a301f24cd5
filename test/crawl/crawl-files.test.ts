import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CrawlFiles, openCrawlFiles } from '../../src/crawl/crawl-files.ts';
import { VISIT_INTERVAL_MS } from '../../src/crawl/crawl-queue.ts';
import type { VisitRecord } from '../../src/crawl/visit-record.ts';
import { VirtualClock } from '../../src/testing/world/virtual-clock.ts';
import { scratch } from '../cli/scratch.ts';
import { bundledProgram, runProgram } from '../support/child-program.ts';
import { SimulatedCrawl } from '../support/simulated-crawl.ts';

const { signal } = new AbortController();
const BEGAN_AT = 1_790_000_000_000;

const node = (name: string) => ({ id: name.repeat(64), text: `enode://${name}` });

let path: string;
let now: number;

beforeEach(async () => {
  path = join(await scratch(), 'nodes.ndjson');
  now = BEGAN_AT;
});

const opened: CrawlFiles[] = [];

afterEach(async () => {
  for (const { queue, results } of opened.splice(0)) {
    await results.close().catch(() => {}); // some are closed
    await queue.close().catch(() => {});
  }
});

async function open(): Promise<CrawlFiles> {
  const files = await openCrawlFiles(path, { unixTimeMs: () => now });
  opened.push(files);
  return files;
}

const recordOf = (name: string): VisitRecord => ({
  ...{ id: name.repeat(64), enode: `enode://${name}`, firstSeen: BEGAN_AT, at: now },
  ...{ addressFamily: 'ipv4', outcome: 'accepted', stage: 'peer', reason: 'accepted' },
  latencyMs: {},
});

async function visitNext({ queue, results }: Awaited<ReturnType<typeof open>>): Promise<string> {
  const task = (await queue.take(signal))!;
  const name = task.node.id[0]!;
  await results.write(recordOf(name));
  await task.ack();
  return name;
}

describe('the files of a crawl', () => {
  test('know what was visited and what is left when they are opened again', async () => {
    const first = await open();
    for (const name of ['a', 'b', 'c']) await first.queue.offer(node(name));
    expect(await visitNext(first)).toBe('a');
    await first.queue.take(signal); // and is not visited
    now += 1_000;
    const again = await open(); // as after a crash: nothing was closed
    expect([...again.records.keys()]).toEqual([node('a').id]);
    expect(await again.queue.offer(node('a'))).toBe('known');
    expect(await again.queue.offer(node('c'))).toBe('known');
    expect(again.queue.counts).toMatchObject({ waiting: 2, known: 3 });
    expect((await again.queue.take(signal))?.firstSeen).toBe(BEGAN_AT);
  });

  test('have no journal any more when no node is left', async () => {
    const first = await open();
    await first.queue.offer(node('a'));
    await first.queue.close();
    expect((await stat(`${path}.journal`)).size).toBeGreaterThan(0);
    const again = await open();
    await visitNext(again);
    await again.queue.close();
    await expect(stat(`${path}.journal`)).rejects.toThrow('ENOENT');
  });

  test('let a node be visited again after a day, and keep that it was found again', async () => {
    const first = await open();
    await first.queue.offer(node('a'));
    await visitNext(first);
    now += VISIT_INTERVAL_MS;
    expect(await first.queue.offer(node('a'))).toBe('added');
    const again = await open();
    expect(again.queue.counts.waiting).toBe(1);
    await visitNext(again);
    expect((await readFile(path, 'utf8')).split('\n').length).toBe(3);
  });

  test.each([
    ['', '{"id":"1"}\n'],
    ['', 'null\n'],
    ['', `${JSON.stringify({ ...recordOf('a'), outcome: 7 })}\n`],
    ['.journal', '{"id":"1"}\n'],
    ['.journal', '[]\n'],
  ])('of other contents are refused: nodes.ndjson%s with %s', async (ending, content) => {
    await writeFile(path + ending, content);
    await expect(open()).rejects.toThrow('cannot be continued: line 1');
    expect(await readFile(path + ending, 'utf8')).toBe(content);
  });

  test('lose no node and repeat none when the process is killed again and again', async () => {
    const NODES = 400;
    const program = await bundledProgram('test/support/crawl-writer.ts');
    for (const kill of [30, 100, 1]) {
      const { child, next } = runProgram(program, [path, `${NODES}`]);
      let line: string | null = '';
      while (line !== null && line !== `visited ${kill}`) line = await next();
      expect(line).not.toBeNull();
      child.kill('SIGKILL');
      while ((await next()) !== null);
    }
    const { next } = runProgram(program, [path, `${NODES}`]);
    let last = '';
    for (let line: string | null = ''; line !== null; line = await next()) last = line;
    await rm(dirname(program), { recursive: true, force: true });
    expect(last).toBe('finished');
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const ids = lines.map((line) => (JSON.parse(line) as VisitRecord).id);
    const { reachable } = new SimulatedCrawl(1, NODES, new VirtualClock(), () => 0);
    expect(ids.length).toBe(reachable.size);
    expect(new Set(ids)).toEqual(reachable);
  });
});
