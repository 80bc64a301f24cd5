/** `peerchart crawl --collect`: records of a real nats-server into SQLite. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';

import { crawlCollect } from '../../src/cli/crawl-collect.ts';
import { openPlaces } from '../../src/cli/crawl-places.ts';
import { FakeTerminal } from '../cli/fake-terminal.ts';
import { visitRecord } from '../support/visit-records.ts';
import { startNatsServer } from './nats-server.ts';

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
