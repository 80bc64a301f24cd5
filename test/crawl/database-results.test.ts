import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

import { databaseResults } from '../../src/crawl/database-results.ts';
import { ResultsError } from '../../src/crawl/result-table.ts';

describe('the database that a URL names', () => {
  test.for(['sqlite:', 'sqlite://'])('%s and a path is a file of SQLite', async (scheme) => {
    const folder = mkdtempSync(join(tmpdir(), 'database-results-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'nodes.db');
    const results = await databaseResults(`${scheme}${path}`);
    await results.close();
    expect(existsSync(path)).toBe(true);
  });

  test.for([
    '',
    'sqlite:',
    'nodes.db',
    'mysql://127.0.0.1/crawl',
    'postgres://[',
    'postgres:crawl',
  ])('"%s" names none', async (url) => {
    await expect(databaseResults(url)).rejects.toThrow(/^a database is sqlite:/);
  });

  test.for(['postgres', 'postgresql'])('%s is a server of PostgreSQL', async (scheme) => {
    const opening = databaseResults(`${scheme}://peer:secret@127.0.0.1:1/crawl`);
    await expect(opening).rejects.toThrow(ResultsError);
    await expect(opening).rejects.not.toThrow(/secret/);
  });
});
