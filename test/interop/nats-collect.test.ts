/** `peerchart crawl --queue` and `--collect` with a real nats-server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test, vi } from 'vitest';

import { crawl } from '../../src/cli/crawl.ts';
import { crawlCollect } from '../../src/cli/crawl-collect.ts';
import { openPlaces } from '../../src/cli/crawl-places.ts';
import { generateNodeKey } from '../../src/io/crypto/node-key.ts';
import { Server } from '../../src/server.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { visitRecord } from '../support/visit-records.ts';
import { connected, startNatsServer } from './nats-server.ts';

test('records of crawlers on a shared queue are collected into one database', async () => {
  const { url } = await startNatsServer();
  const folder = mkdtempSync(join(tmpdir(), 'nats-collect-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'nodes.db');
  for (const first of [1, 11]) {
    const { queue, results, shared } = await openPlaces({
      queue: url,
      unixTimeMs: () => Date.now(),
    });
    for (let index = first; index < first + 10; index += 1) await results.write(visitRecord(index));
    expect(shared()).toMatchObject({ redelivered: 0, duplicates: 0, givenUp: 0 });
    await results.close();
    await queue.close();
  }
  const terminal = new FakeTerminal();
  const code = crawlCollect({ queue: url, db: `sqlite:${path}` }, terminal);
  const rows = (): number => {
    const database = new Database(path);
    try {
      return database.prepare('SELECT * FROM nodes').all().length;
    } catch {
      return 0; // the table is not there yet
    } finally {
      database.close();
    }
  };
  await expect.poll(rows, { timeout: 10_000 }).toBe(20);
  terminal.stop();
  expect(await code).toBe(0);
  expect(terminal.output).toBe('20 records\n');
});

test('two crawls that share a queue visit each node once', async () => {
  const { url } = await startNatsServer();
  const first = await listening();
  const bootnodes = [first.self.enr!];
  const others = await Promise.all([1, 2, 3, 4].map(() => listening(bootnodes)));
  // it names only those that it has checked
  const checked = () => first.discovery!.readRandomNodes(others.length);
  await vi.waitFor(() => expect(checked()).toHaveLength(others.length), 40_000);
  const ids = [first, ...others].map(({ self }) => self.id);
  const terminals = [new FakeTerminal(), new FakeTerminal()];
  const codes = terminals.map((terminal) =>
    crawl(
      {
        ...{ queue: url, discovery: 'v4', bootnodes, udp: { host: '127.0.0.1', port: 0 } },
        ...{ parallel: 2, rate: 20, idle: 3, timeout: 60, json: true },
      },
      terminal,
    ),
  );
  expect(await Promise.all(codes)).toEqual([0, 0]);
  const jetStream = await connected(url);
  const { state } = await jetStream.manager.streams.info('peerchart-results', {
    subjects_filter: '>',
  });
  const visits = ids.map((id) => state.subjects?.[`peerchart.results.${id}`]);
  expect(visits).toEqual(ids.map(() => 1));
  await new Promise((resolve) => setImmediate(resolve));
  for (const { lines } of terminals)
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      ...{ type: 'crawl.ended', outcome: 'finished' },
      shared: { redelivered: 0, duplicates: 0, givenUp: 0 },
    });
});

async function listening(bootnodes: readonly string[] = []): Promise<Server> {
  const server = new Server({
    nodeKey: generateNodeKey(),
    listen: { host: '127.0.0.1', port: 0 },
    ...{ noDial: true, discovery: 'v4', externalIp: '127.0.0.1', bootnodes },
  });
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}
