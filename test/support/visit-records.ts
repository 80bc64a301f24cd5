/** Records of visits for tests of where they are written. */
import type { VisitRecord } from '../../src/crawl/visit-record.ts';

/** Of an accepted visit. @param index Makes the id. */
export const visitRecord = (index = 1, more: Partial<VisitRecord> = {}): VisitRecord => {
  const id = index.toString(16).padStart(64, '0');
  return {
    id,
    enode: `enode://${id}${id}@192.0.2.1:30303`,
    record: 'enr:-abc',
    firstSeen: 1_000,
    at: 2_000,
    addressFamily: 'ipv4',
    outcome: 'accepted',
    stage: 'eth',
    reason: 'accepted',
    wireCode: 8,
    client: 'Geth/v1.17.10',
    capabilities: ['eth/69', 'snap/1'],
    ethVersion: 69,
    networkId: 1,
    genesis: 'd4'.repeat(32),
    forkId: { hash: '07c9462e', next: '18446744073709551615' },
    latencyMs: { connect: 10.5, hello: 20, status: 30 },
    ...more,
  };
};

/** Of a visit that a node refused before anything was known about it. */
export const refusedRecord = (index = 1, at = 3_000): VisitRecord => {
  const { id, enode } = visitRecord(index);
  return {
    id,
    enode,
    firstSeen: 2_500,
    at,
    addressFamily: 'ipv4',
    outcome: 'refused',
    stage: 'setup',
    reason: 'refused.tooManyPeers',
    wireCode: 4,
    latencyMs: { connect: 11 },
  };
};
