/** Results of a crawl in the database that a URL names. */
import { postgresResults } from './postgres-results.ts';
import { ResultsError } from './result-table.ts';
import { sqliteResults } from './sqlite-results.ts';
import type { CrawlResults } from './visit-record.ts';

/** `sqlite:nodes.db`, and `sqlite:///srv/nodes.db` for an absolute path. */
const SQLITE = /^sqlite:(?:\/\/(?=\/))?(.+)$/;

const POSTGRES = /^postgres(?:ql)?:\/\//;

/**
 * @param url `sqlite:<file>`, or `postgres://user:password@host:port/database`.
 * @throws {ResultsError} It is neither, or the database cannot be used.
 */
export async function databaseResults(url: string): Promise<CrawlResults> {
  const [, path] = SQLITE.exec(url) ?? [];
  if (path !== undefined) return sqliteResults(path);
  if (POSTGRES.test(url) && URL.canParse(url)) return postgresResults(url);
  throw new ResultsError('a database is sqlite:<file> or postgres://<user>@<host>/<database>');
}
