import { expect, test } from 'vitest';
import { CrawlSummary } from '../../src/crawl/crawl-summary.ts';
import type { VisitRecord } from '../../src/crawl/visit-record.ts';

const record = (more: Partial<VisitRecord>): VisitRecord => ({
  ...{ id: 'a', enode: 'enode://a', firstSeen: 1, at: 2, addressFamily: 'ipv4', latencyMs: {} },
  ...{ outcome: 'accepted', stage: 'eth', reason: 'accepted' },
  ...more,
});

test('a summary counts clients, versions, capabilities, reasons and networks, the most frequent first', () => {
  const summary = new CrawlSummary();
  const geth = 'Geth/mynode/v1.17.10-stable-8a2e/linux-amd64/go1.25';
  const network = { networkId: 1, genesis: 'd4e56740f876aef8' };
  summary.add(record({ client: 'reth/v1.9.0', capabilities: ['eth/68'] }));
  for (const id of ['b', 'c'])
    summary.add(record({ id, client: geth, capabilities: ['eth/68', 'eth/69'], ...network }));
  summary.add(record({ outcome: 'failed', reason: 'connectTimeout', addressFamily: 'ipv6' }));
  summary.add(record({ client: 'nameless', networkId: 7 }));
  expect(summary.columns).toEqual({
    outcomes: [
      ['accepted', 4],
      ['failed', 1],
    ],
    reasons: [['connectTimeout', 1]],
    clients: [
      ['geth', 2],
      ['nameless', 1],
      ['reth', 1],
    ],
    versions: [
      ['geth v1.17.10', 2],
      ['nameless unknown', 1],
      ['reth v1.9.0', 1],
    ],
    capabilities: [
      ['eth/68', 3],
      ['eth/69', 2],
    ],
    networks: [
      ['1 d4e56740', 2],
      ['7', 1],
    ],
    addresses: [
      ['ipv4', 4],
      ['ipv6', 1],
    ],
  });
});

test('a summary of very many different clients stays small', () => {
  const summary = new CrawlSummary();
  for (let number = 0; number < 2_500; number += 1) summary.add(record({ client: `c${number}` }));
  expect(summary.columns.clients.length).toBe(2_001);
  expect(summary.columns.clients[0]).toEqual(['others', 500]);
});
