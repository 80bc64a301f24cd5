import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { openPlaces } from '../../src/cli/crawl-places.ts';
import { CommandError } from '../../src/cli/error.ts';
import { visitRecord } from '../support/visit-records.ts';

const unixTimeMs = (): number => 1_000;

test('a crawl needs a place for its records', async () => {
  await expect(openPlaces({ unixTimeMs })).rejects.toThrow(CommandError);
});

test('records go into a file and into a database', async () => {
  const folder = newFolder();
  const [out, db] = [join(folder, 'nodes.ndjson'), `sqlite:${join(folder, 'nodes.db')}`];
  const { queue, results, records, shared } = await openPlaces({ out, db, unixTimeMs });
  expect(records.size).toBe(0);
  expect(shared()).toBeNull();
  await results.write(visitRecord());
  await results.close();
  await queue.close();
  expect(readFileSync(out, 'utf8')).toBe(`${JSON.stringify(visitRecord())}\n`);
  expect(readdirSync(folder)).toContain('nodes.db');
});

test('with a database alone the queue is in memory', async () => {
  const db = `sqlite:${join(newFolder(), 'nodes.db')}`;
  const { queue, results } = await openPlaces({ db, unixTimeMs });
  expect(await queue.offer({ id: visitRecord().id, text: 'enode:' })).toBe('added');
  await results.close();
  await queue.close();
});

test('what was opened is closed when another place cannot be', async () => {
  const out = join(newFolder(), 'nodes.ndjson');
  await expect(openPlaces({ out, db: 'mysql://x', unixTimeMs })).rejects.toThrow('a database is');
  await expect(openPlaces({ out, queue: 'nats://127.0.0.1:1', unixTimeMs })).rejects.toThrow(
    'NATS at 127.0.0.1:1',
  );
  const { queue, results } = await openPlaces({ out, unixTimeMs });
  await results.close();
  await queue.close();
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crawl-places-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
