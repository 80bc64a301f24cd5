/** Results of a crawl in a PostgreSQL database. The library is loaded with the first one. */
import { type Clock, systemClock } from '../io/process/clock.ts';
import { parametersOf, ResultsError, schemaSql, upsertSql } from './result-table.ts';
import type { CrawlResults, VisitRecord } from './visit-record.ts';

/** Connections at once. Ours: one statement takes a millisecond or two. */
const MAX_CONNECTIONS = 4;

/** Time for a connection, in seconds. Ours. */
const CONNECT_S = 10;

/** How long a database that is away is waited for, in ms, and how often it is tried. Ours: a restart takes less. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 1_000;

/** Codes of the library, of the system and of PostgreSQL (class 57P: it stops or starts) for a database that is away for now. */
const AWAY =
  /^(?:CONNECT_TIMEOUT|CONNECTION_CLOSED|CONNECTION_DESTROYED|ECONNREFUSED|ECONNRESET|EPIPE|57P0\d)$/;

/** What is used of `postgres`; tests replace it. */
export type PostgresLibrary = (
  url: string,
  options: {
    readonly max: number;
    readonly connect_timeout: number;
    readonly onnotice: () => void;
  },
) => PostgresClient;

type PostgresClient = {
  unsafe(
    sql: string,
    parameters: (string | number | null)[],
    options: { readonly prepare: boolean },
  ): PromiseLike<unknown>;
  end(options: { readonly timeout: number }): Promise<void>;
};

export type PostgresOptions = {
  readonly load?: () => Promise<PostgresLibrary>;
  readonly clock?: Clock;
};

/** Time that statements under way get at the end, in seconds. Ours. */
const CLOSE_S = 5;

/**
 * @param url `postgres://user:password@host:port/database`
 * @throws {ResultsError} The database cannot be used.
 */
export async function postgresResults(
  url: string,
  { load = postgres, clock = systemClock }: PostgresOptions = {},
): Promise<CrawlResults> {
  const library = await load();
  const client = library(url, {
    max: MAX_CONNECTIONS,
    connect_timeout: CONNECT_S,
    onnotice: () => {}, // that the table is there already
  });
  const results = new PostgresResults(client, clock);
  try {
    await results.createTable();
    return results;
  } catch (error) {
    await results.close();
    throw error;
  }
}

class PostgresResults implements CrawlResults {
  readonly #client: PostgresClient;
  readonly #clock: Clock;

  constructor(client: PostgresClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** A database that cannot be reached at the beginning is a mistake in the URL more often than a restart. */
  async createTable(): Promise<void> {
    for (const statement of schemaSql('postgres'))
      await this.#run(statement).catch((error: unknown) => {
        throw failed(error);
      });
  }

  /** Waits while the database is away, up to {@link PATIENCE_MS}. @throws {ResultsError} */
  async write(record: VisitRecord): Promise<void> {
    const endsAt = this.#clock.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.#run(UPSERT, parametersOf(record));
      } catch (error) {
        if (!AWAY.test(codeOf(error)) || this.#clock.now() >= endsAt) throw failed(error);
        await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, RETRY_MS));
      }
    }
  }

  close(): Promise<void> {
    return this.#client.end({ timeout: CLOSE_S });
  }

  async #run(sql: string, parameters: (string | number | null)[] = []): Promise<void> {
    await this.#client.unsafe(sql, parameters, { prepare: parameters.length > 0 });
  }
}

const UPSERT = upsertSql((index, type) =>
  type === 'json' ? `$${index}::text::jsonb` : `$${index}`,
);

const codeOf = (error: unknown): string => String((error as { readonly code?: unknown }).code);

/** The message names the host, never the URL with its password. */
const failed = (cause: unknown): ResultsError =>
  new ResultsError(`PostgreSQL: ${(cause as Error).message || codeOf(cause)}`, { cause });

async function postgres(): Promise<PostgresLibrary> {
  const { default: library } = await import('postgres');
  return library as unknown as PostgresLibrary;
}
