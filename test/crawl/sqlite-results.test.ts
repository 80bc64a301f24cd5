import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';

import { ResultsError } from '../../src/crawl/result-table.ts';
import { type SqliteDatabase, sqliteResults } from '../../src/crawl/sqlite-results.ts';
import { refusedRecord, visitRecord } from '../support/visit-records.ts';

describe('results in SQLite', () => {
  test('a visit is one row with a column for each fact', async () => {
    const path = newPath();
    const results = await sqliteResults(path);
    await results.write(visitRecord());
    await results.close();
    const [row] = rowsOf(path);
    expect(row).toEqual({
      id: visitRecord().id,
      first_seen: 1_000,
      enode: visitRecord().enode,
      record: 'enr:-abc',
      visited_at: 2_000,
      address_family: 'ipv4',
      outcome: 'accepted',
      stage: 'eth',
      reason: 'accepted',
      wire_code: 8,
      client: 'Geth/v1.17.10',
      capabilities: '["eth/69","snap/1"]',
      eth_version: 69,
      network_id: 1,
      genesis: 'd4'.repeat(32),
      fork_hash: '07c9462e',
      fork_next: '18446744073709551615',
      connect_ms: 10.5,
      hello_ms: 20,
      status_ms: 30,
      visits: 1,
    });
  });

  test('a later visit changes the row, and keeps the facts that it did not find out', async () => {
    const path = newPath();
    const results = await sqliteResults(path);
    await results.write(visitRecord());
    await results.write(refusedRecord());
    await results.close();
    expect(rowsOf(path)).toMatchObject([
      {
        first_seen: 1_000,
        visited_at: 3_000,
        reason: 'refused.tooManyPeers',
        wire_code: 4,
        client: 'Geth/v1.17.10',
        network_id: 1,
        hello_ms: null,
        visits: 2,
      },
    ]);
  });

  test('a visit that is written twice counts once, and an older one changes nothing', async () => {
    const path = newPath();
    const results = await sqliteResults(path);
    await results.write(refusedRecord());
    await results.write(refusedRecord());
    await results.write(visitRecord());
    await results.close();
    expect(rowsOf(path)).toMatchObject([{ reason: 'refused.tooManyPeers', visits: 1 }]);
  });

  test('rows stay when the file is opened again, and when it was not closed', async () => {
    const path = newPath();
    const first = await sqliteResults(path);
    await first.write(visitRecord(1));
    const second = await sqliteResults(path);
    await second.write(visitRecord(2));
    expect(rowsOf(path)).toHaveLength(2);
    await first.close();
    await second.close();
  });

  test('text of a remote is a value and never a part of a statement', async () => {
    const path = newPath();
    const client = `'); DROP TABLE nodes; --`;
    const results = await sqliteResults(path);
    await results.write(visitRecord(1, { client }));
    await results.close();
    expect(rowsOf(path)).toMatchObject([{ client }]);
  });

  test('a file that cannot be opened is named in one line', async () => {
    await expect(sqliteResults('/proc/missing/nodes.db')).rejects.toThrow(
      /^\/proc\/missing\/nodes\.db: /,
    );
  });

  test('a file that is no database is refused', async () => {
    await expect(sqliteResults('package.json')).rejects.toThrow(ResultsError);
  });

  test('without the package the error names it', async () => {
    const opening = sqliteResults(newPath(), () => Promise.reject(new Error('not found')));
    await expect(opening).rejects.toThrow('SQLite needs the package libsql');
  });

  test('a write that fails is an error of the results', async () => {
    const results = await sqliteResults('nodes.db', () => Promise.resolve(FullDisk));
    await expect(results.write(visitRecord())).rejects.toThrow('nodes.db: the disk is full');
  });
});

class FullDisk implements SqliteDatabase {
  exec(): void {}

  prepare() {
    return {
      run: () => {
        throw new Error('the disk is full');
      },
    };
  }

  close(): void {}
}

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-results-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'nodes.db');
}

function rowsOf(path: string): unknown[] {
  const database = new Database(path);
  const rows = database.prepare('SELECT * FROM nodes ORDER BY id').all();
  database.close();
  return rows;
}
