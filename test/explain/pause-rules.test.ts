import { expect, test } from 'vitest';
import { explain } from '../../src/explain/explain.ts';
import {
  THEY_GAVE_UP,
  THEY_MAY_HAVE_GIVEN_UP,
  WE_WERE_LATE,
} from '../../src/explain/pause-rules.ts';
import { somePeer } from '../cli/some-reports.ts';

test.for([
  [4_999, 'possible'],
  [5_000, 'likely'],
] as const)(
  'a pause of %i ms explains a hangup with confidence %s',
  ([ms, confidence], { expect }) => {
    const explained = explain({
      type: 'drop',
      peer: somePeer,
      connectionId: '1',
      outcome: 'failed',
      state: 'ending.failed.connectionReset',
      facts: {},
      abandoned: [],
      ms: 60_000,
      bytesIn: 0,
      bytesOut: 0,
      ourPause: { ms, agoMs: 0 },
    });
    expect(explained).toMatchObject({
      verdict: expect.stringContaining('5 s just before'),
      confidence,
    });
  },
);

test('they say what to look for', () => {
  for (const { remedy } of [THEY_GAVE_UP, THEY_MAY_HAVE_GIVEN_UP, WE_WERE_LATE])
    expect(remedy).toMatch(/blocks the event loop/);
});

test('a pause that ended a while ago explains no time limit of ours: their answer was read since', () => {
  const dial = (agoMs: number) =>
    explain({
      type: 'dialFailed',
      target: { id: 'ab', publicKey: '', host: '192.0.2.1', hostKind: 'ipv4', tcpPort: 1 },
      address: { host: '192.0.2.1', port: 1 },
      state: 'connectTimeout',
      detail: '',
      ourPause: { ms: 9_000, agoMs },
    }).verdict;
  expect(dial(999)).toMatch(/stood still/);
  expect(dial(1_000)).not.toMatch(/stood still/);
});
