/** Results of a crawl in a real PostgreSQL server. */
import postgres from 'postgres';
import { describe, expect, onTestFinished, test } from 'vitest';

import { databaseResults } from '../../src/crawl/database-results.ts';
import { refusedRecord, visitRecord } from '../support/visit-records.ts';
import { startPostgresServer } from './postgres-server.ts';

describe('results in a PostgreSQL server', () => {
  test('each node is one row with its latest visit, also when the server restarts meanwhile', async () => {
    const server = await startPostgresServer();
    const results = await databaseResults(server.url);
    await results.write(visitRecord(1));
    await results.write(refusedRecord(1));
    await results.write(refusedRecord(1));
    await results.write(visitRecord(2, { client: `'); DROP TABLE nodes; --` }));
    await server.kill();
    const written = Promise.all([3, 4, 5, 6, 7].map((index) => results.write(visitRecord(index))));
    await server.startAgain();
    await written;
    await results.close();
    await (await databaseResults(server.url)).close(); // the table is there already

    const sql = postgres(server.url, { onnotice: () => {} });
    onTestFinished(() => sql.end());
    const rows = await sql`SELECT * FROM nodes ORDER BY id`;
    expect(rows.map(({ visits }) => Number(visits))).toEqual([2, 1, 1, 1, 1, 1, 1]);
    expect(rows[0]).toMatchObject({
      first_seen: '1000',
      visited_at: '3000',
      reason: 'refused.tooManyPeers',
      wire_code: '4',
      client: 'Geth/v1.17.10',
      capabilities: ['eth/69', 'snap/1'],
      fork_next: '18446744073709551615',
      connect_ms: 11,
      hello_ms: null,
    });
    const found = await sql`SELECT count(*) FROM nodes WHERE capabilities ? 'snap/1'`;
    expect(found[0]).toEqual({ count: '7' });
  });
});
