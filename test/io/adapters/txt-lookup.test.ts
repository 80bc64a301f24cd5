/** Queries on real sockets: a name server of ours on loopback. */
import { afterEach, expect, test } from 'vitest';

import { lookUpTxtIn } from '../../../src/io/adapters/txt-lookup.ts';
import { TxtQueries } from '../../../src/io/discovery/txt-queries.ts';
import { systemClock } from '../../../src/io/process/clock.ts';
import { NameServer } from '../../support/dns-run.ts';
import { txtServer } from '../../support/txt-server.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(names: NameServer) {
  const { address, close } = await txtServer(names);
  closing.push(close);
  const resolve = lookUpTxtIn([address]);
  const queries = new TxtQueries(resolve, systemClock);
  const find = (name: string) => new Promise((done) => queries.find(name, done));
  return { resolve, find };
}

test('the strings of a TXT record are given', async () => {
  const names = new NameServer();
  const text = 'enrtree-branch:'.padEnd(400, 'A');
  names.names.set('Entry.example.org', text);
  const { resolve, find } = await serve(names);
  const { signal } = new AbortController();
  const [strings] = await resolve('Entry.example.org', { signal });
  expect(strings).toHaveLength(2);
  expect(await find('Entry.example.org')).toEqual({ texts: [text] });
});

test('a name without one, and a name server that fails, are told apart', async () => {
  const names = new NameServer();
  names.broken.add('broken.example.org');
  const { find } = await serve(names);
  expect(await find('none.example.org')).toMatchObject({ failure: 'noTxtRecord' });
  expect(await find('broken.example.org')).toMatchObject({ failure: 'queryFailed' });
});

test('a query that is not wanted any more ends', async () => {
  const names = new NameServer();
  names.silent.add('silent.example.org');
  const { resolve } = await serve(names);
  const cancelled = new AbortController();
  const answer = resolve('silent.example.org', { signal: cancelled.signal });
  cancelled.abort();
  await expect(answer).rejects.toMatchObject({ code: 'ECANCELLED' });
});
