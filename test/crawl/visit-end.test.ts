import { expect, test } from 'vitest';
import { endOf, endOfDial } from '../../src/crawl/visit-end.ts';

test.each([
  ['setup', 'rejected.uselessPeer', null, 'rejected', 'rejected.uselessPeer', 0x03],
  ['setup', 'refused.tooManyPeers', 4, 'refused', 'refused.tooManyPeers', 0x04],
  ['setup', 'refused.unrecognised', 0x77, 'refused', 'refused.unrecognised', 0x77],
  ['setup', 'refused.unrecognised', null, 'refused', 'refused.unrecognised', undefined],
  ['setup', 'rejected.unexpectedMessage', 2_000, 'rejected', 'rejected.unexpectedMessage', 0x02],
  ['setup', 'failed.ackTimeout', null, 'failed', 'failed.ackTimeout', undefined],
  ['peer', 'ending.refused.requested', null, 'refused', 'refused.requested', 0x00],
  ['eth', 'rejected.wrongNetwork', null, 'rejected', 'rejected.wrongNetwork', 0x10],
  ['eth', 'rejected.statusTimeout', null, 'rejected', 'rejected.statusTimeout', 0x0b],
  ['peer', 'ending.rejected.protocolFailed', null, 'rejected', 'rejected.protocolFailed', 0x10],
] as const)(
  'at %s, %s with code %s is a visit that was %s',
  (stage, state, code, outcome, reason, wireCode) => {
    expect(endOf(stage, state, code)).toEqual({
      ...{ outcome, stage, reason },
      ...(wireCode !== undefined && { wireCode }),
    });
  },
);

test('a dial that did not connect is a failed visit', () => {
  const end = { outcome: 'failed', stage: 'dial', reason: 'connectTimeout' };
  expect(endOfDial('connectTimeout')).toEqual(end);
});
