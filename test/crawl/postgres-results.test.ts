import { describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';

import { type PostgresLibrary, postgresResults } from '../../src/crawl/postgres-results.ts';
import { visitRecord } from '../support/visit-records.ts';

describe('results in PostgreSQL', () => {
  test('a write waits while the database restarts, and then is made', async () => {
    const { results, clock, runs, fail } = await open();
    fail('57P01', 'ECONNREFUSED', 'CONNECTION_CLOSED');
    const written = results.write(visitRecord());
    for (let second = 0; second < 3; second += 1) {
      await turn();
      clock.increment(1_000);
    }
    await written;
    expect(runs.filter((sql) => sql.startsWith('INSERT'))).toHaveLength(4);
  });

  test('a database that stays away ends the write after a minute', async () => {
    const { results, clock, fail } = await open();
    fail(...Array<string>(100).fill('ECONNREFUSED'));
    const written = expect(results.write(visitRecord())).rejects.toThrow(
      'PostgreSQL: ECONNREFUSED',
    );
    for (let second = 0; second < 61; second += 1) {
      await turn();
      clock.increment(1_000);
    }
    await written;
  });

  test('any other error ends the write at once', async () => {
    const { results, fail } = await open();
    fail('42501');
    await expect(results.write(visitRecord())).rejects.toThrow('PostgreSQL: 42501');
  });

  test('a database that cannot be reached at the beginning is an error, without the password', async () => {
    const opening = open(['ECONNREFUSED']);
    await expect(opening).rejects.toThrow(/^PostgreSQL: ECONNREFUSED$/);
  });

  test('the connections are closed in any case', async () => {
    const ended: string[] = [];
    const { results } = await open([], () => ended.push('closed'));
    await results.close();
    await open(['28P01'], () => ended.push('refused')).catch(() => {});
    expect(ended).toEqual(['closed', 'refused']);
  });
});

/** @param failures Codes of the errors of the first statements. */
async function open(failures: string[] = [], onEnd = (): unknown => undefined) {
  const clock = new SimulatedClock();
  const runs: string[] = [];
  const library: PostgresLibrary = () => ({
    unsafe: (sql) => {
      runs.push(sql);
      const code = failures.shift();
      if (code === undefined) return Promise.resolve();
      return Promise.reject(Object.assign(new Error(code), { code }));
    },
    end: async () => void onEnd(),
  });
  const results = await postgresResults('postgres://peer:secret@127.0.0.1/crawl', {
    load: () => Promise.resolve(library),
    clock,
  });
  const fail = (...codes: string[]): unknown => failures.push(...codes);
  return { results, clock, runs, fail };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
