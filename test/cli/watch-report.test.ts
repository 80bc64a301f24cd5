import { expect, test } from 'vitest';
import { plain } from '../../src/cli/human-line.ts';
import { type WatchReport, watchLine } from '../../src/cli/watch-report.ts';
import { ID, NASTY, TAMED } from './some-reports.ts';

const HASH = 'ab'.repeat(32);

test.for<[WatchReport, string]>([
  [
    { type: 'tx', hash: HASH, txType: 3, size: 120, peer: ID },
    `${HASH} type 3, 120 bytes, from 01234567`,
  ],
  [{ type: 'block', hash: HASH, number: '7', peer: ID }, `7 ${HASH} from 01234567`],
  [
    { type: 'range', earliest: '1', latest: '9', latestHash: HASH, peer: ID },
    `9 ${HASH} from 01234567, which has blocks from 1 on`,
  ],
  [
    {
      ...{ type: 'peer', id: ID, client: 'Geth/v1', remote: '[::1]:1', protocol: 'eth/69' },
      ...{ networkId: '1', forkId: '07c9462e/0', latest: '9' },
    },
    '+ 01234567 [::1]:1 "Geth/v1" eth/69, network 1, fork id 07c9462e/0, latest block 9',
  ],
  [
    {
      ...{ type: 'peer', id: ID, client: 'Geth/v1', remote: '[::1]:1', protocol: 'eth/68' },
      ...{ networkId: '1', forkId: '07c9462e/0', latest: null },
    },
    '+ 01234567 [::1]:1 "Geth/v1" eth/68, network 1, fork id 07c9462e/0',
  ],
  [
    {
      ...{ type: 'peer.ended', id: ID, client: 'Geth/v1', state: 'rejected.notStatus' },
      ...{ why: 'Their first message is no Status.', peer: null },
    },
    '- 01234567 "Geth/v1" Their first message is no Status. [rejected.notStatus]',
  ],
  [{ type: 'watch.ended', what: 'txs', reports: 3, dropped: 0 }, '3 in all'],
  [{ type: 'watch.ended', what: 'txs', reports: 3, dropped: 2 }, '3 in all, 2 more not shown'],
])('%j is a line', ([report, line]) => {
  expect(watchLine(report, plain)).toBe(line);
});

test('the name of a client is escaped', () => {
  const line = watchLine(
    {
      ...{ type: 'peer', id: ID, client: NASTY, remote: '[::1]:1', protocol: 'eth/69' },
      ...{ networkId: '1', forkId: '07c9462e/0', latest: null },
    },
    plain,
  );
  expect(line).toContain(TAMED);
  expect(line).not.toContain(NASTY);
});
