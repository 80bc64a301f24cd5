import { describe, expect, test } from 'vitest';

import {
  FAILURES,
  REFUSALS,
  REJECTIONS,
} from '../../../src/machines/connection/connection-endings.ts';
import { DIAL_FAILURES } from '../../../src/machines/dialing/dial-failures.ts';
import { REDIAL_DELAY_MS } from '../../../src/machines/dialing/dial-scheduler.ts';
import {
  BACK_OFF_MS,
  BACK_OFF_SPREAD,
  BACK_OFFS,
  backOffAfter,
  SPREAD_STEPS,
} from '../../../src/machines/dialing/redial-back-off.ts';
import {
  PEER_FAILURES,
  PEER_REFUSALS,
  PEER_REJECTIONS,
} from '../../../src/machines/peer/peer-endings.ts';

const MIDDLE = (SPREAD_STEPS - 1) / 2;

test('every end of a dial, a setup and a peer has its wait, and nothing else has', () => {
  const under = (place: string, table: object) => Object.keys(table).map((key) => place + key);
  expect(Object.keys(BACK_OFFS).sort()).toEqual(
    [
      ...Object.keys(DIAL_FAILURES),
      ...under('rejected.', REJECTIONS),
      ...under('refused.', REFUSALS),
      ...under('failed.', FAILURES),
      ...under('ending.rejected.', PEER_REJECTIONS),
      ...under('ending.refused.', PEER_REFUSALS),
      ...under('ending.failed.', PEER_FAILURES),
    ].sort(),
  );
});

describe('how long a node is left alone', () => {
  const cases: [string, string, number | null][] = [
    ['a minute when it has no room', 'refused.tooManyPeers', 60_000],
    ['a minute when one of its protocols has no room', 'ending.refused.tooManyPeers', 60_000],
    ['five minutes when it does not answer', 'connectTimeout', 300_000],
    ['five minutes when it stopped answering', 'ending.rejected.pongTimeout', 300_000],
    ['five minutes when it changed its peers', 'ending.refused.uselessPeer', 300_000],
    ['an hour when we share no protocol', 'rejected.uselessPeer', 3_600_000],
    ['an hour when it says that we share no protocol', 'refused.uselessPeer', 3_600_000],
    ['an hour when a protocol of ours ended it', 'ending.rejected.subprotocolError', 3_600_000],
    ['an hour when its key is another one', 'failed.undecryptable', 3_600_000],
    ['not at all when our own network is down', 'unreachable', null],
    ['not at all when we had no room', 'rejected.tooManyPeers', null],
    ['not at all when we ended it ourselves', 'cancelled', null],
    ['not at all after a bug of ours', 'ending.failed.internalError', null],
    ['not at all after a state that no chart has', 'rejected.nonsense', null],
  ];
  for (const [sentence, state, ms] of cases)
    test(sentence, () => {
      expect(backOffAfter(state, MIDDLE)).toEqual(ms === null ? null : { because: state, ms });
    });

  test('differs by a fifth at most, and by chance', () => {
    const waits = [0, MIDDLE, SPREAD_STEPS - 1].map((draw) => backOffAfter('connectTimeout', draw));
    expect(waits.map((wait) => wait?.ms)).toEqual([240_000, 300_000, 360_000]);
  });

  test('is never less than the redial delay of go-ethereum', () => {
    const least = Object.values(BACK_OFF_MS).filter((ms) => ms > 0);
    for (const ms of least) expect(ms * (1 - BACK_OFF_SPREAD)).toBeGreaterThan(REDIAL_DELAY_MS);
  });
});
