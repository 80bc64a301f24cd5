import { expect, test } from 'vitest';

import { crawlCollect } from '../../src/cli/crawl-collect.ts';
import { FakeTerminal } from './fake-terminal.ts';

test('without a NATS server there is nothing to collect', async () => {
  await expect(crawlCollect({ out: 'nodes.ndjson' }, new FakeTerminal())).rejects.toThrow(
    'name it with --queue',
  );
});

test('records that are collected need a place', async () => {
  const collecting = crawlCollect({ queue: 'nats://127.0.0.1:1' }, new FakeTerminal());
  await expect(collecting).rejects.toThrow('--out, --db or --queue');
});
