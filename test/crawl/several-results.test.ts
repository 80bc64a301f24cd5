import { expect, test } from 'vitest';

import { SeveralResults } from '../../src/crawl/several-results.ts';
import { visitRecord } from '../support/visit-records.ts';

const place = (log: string[], name: string, fails = false) => {
  const run = async (what: string): Promise<void> => {
    log.push(`${name} ${what}`);
    if (fails) throw new Error(`${name} ${what} failed`);
  };
  return { write: () => run('write'), close: () => run('close') };
};

test('a record is kept in each place', async () => {
  const log: string[] = [];
  const results = new SeveralResults([place(log, 'file'), place(log, 'database')]);
  await results.write(visitRecord());
  await results.close();
  expect(log).toEqual(['file write', 'database write', 'file close', 'database close']);
});

test('an error of one place is one of all, and each is closed', async () => {
  const log: string[] = [];
  const results = new SeveralResults([place(log, 'file', true), place(log, 'database')]);
  await expect(results.write(visitRecord())).rejects.toThrow('file write failed');
  await expect(results.close()).rejects.toThrow('file close failed');
  expect(log).toContain('database close');
});
