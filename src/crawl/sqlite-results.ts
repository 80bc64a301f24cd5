/** Results of a crawl in a file of SQLite. The library is loaded with the first one; it is an optional dependency. */
import { parametersOf, ResultsError, schemaSql, upsertSql } from './result-table.ts';
import type { CrawlResults, VisitRecord } from './visit-record.ts';

/** Wait for another process that writes into the file, in ms. Ours. */
const BUSY_MS = 5_000;

/** What is used of `libsql`; tests replace it. */
export type SqliteLibrary = new (path: string) => SqliteDatabase;

export type SqliteDatabase = {
  exec(sql: string): unknown;
  prepare(sql: string): { run(parameters: unknown[]): unknown };
  close(): void;
};

/**
 * @param path File, created when it is missing.
 * @throws {ResultsError} The library is not installed, or the file cannot be opened.
 */
export async function sqliteResults(
  path: string,
  load: () => Promise<SqliteLibrary> = libsql,
): Promise<CrawlResults> {
  const Library = await load().catch((cause: unknown) => {
    throw new ResultsError('SQLite needs the package libsql, which is not installed', { cause });
  });
  return failingAs(path, () => new SqliteResults(new Library(path), path));
}

class SqliteResults implements CrawlResults {
  readonly #database: SqliteDatabase;
  readonly #path: string;
  readonly #upsert: ReturnType<SqliteDatabase['prepare']>;

  constructor(database: SqliteDatabase, path: string) {
    this.#database = database;
    this.#path = path;
    // a killed process loses nothing that was written; a power cut loses the last moments at most
    for (const pragma of [
      'journal_mode = WAL',
      'synchronous = NORMAL',
      `busy_timeout = ${BUSY_MS}`,
    ])
      database.exec(`PRAGMA ${pragma}`);
    for (const statement of schemaSql('sqlite')) database.exec(statement);
    this.#upsert = database.prepare(upsertSql(() => '?'));
  }

  async write(record: VisitRecord): Promise<void> {
    failingAs(this.#path, () => this.#upsert.run(parametersOf(record)));
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}

function failingAs<Result>(path: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    throw new ResultsError(`${path}: ${(cause as Error).message}`, { cause });
  }
}

async function libsql(): Promise<SqliteLibrary> {
  const { default: Database } = await import('libsql');
  return Database;
}
