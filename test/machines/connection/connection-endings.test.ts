import { describe, expect, test } from 'vitest';

import type { DisconnectReason } from '../../../src/io/wire/disconnect.ts';
import type { WireFault } from '../../../src/io/wire/error.ts';
import {
  FAILURES,
  judgeDisconnect,
  judgeFault,
  REFUSALS,
  REJECTIONS,
  type RefusalReason,
} from '../../../src/machines/connection/connection-endings.ts';

/** Frames after a bad MAC are out of step, and before a session nothing can be said: those are failures. */
const FAULTS = {
  handshakeSizeOutOfRange: 'fail.handshakeSizeOutOfRange',
  invalidPublicKey: 'fail.invalidPublicKey',
  undecryptable: 'fail.undecryptable',
  malformedHandshake: 'fail.malformedHandshake',
  unrecoverableSignature: 'fail.unrecoverableSignature',
  replayedAuth: 'fail.replayedAuth',
  badHeaderMac: 'fail.badHeaderMac',
  badFrameMac: 'fail.badFrameMac',
  frameTooBig: 'reject.oversizedHello',
  malformedFrame: 'reject.malformedHello',
  messageTooBig: 'reject.malformedHello',
  malformedSnappy: 'reject.malformedHello',
  malformedRlp: 'reject.malformedHello',
  malformedHello: 'reject.malformedHello',
  invalidIdentity: 'reject.invalidIdentity',
} as const satisfies Record<WireFault, string>;

describe('before a connection is a peer', () => {
  for (const [fault, type] of Object.entries(FAULTS) as [WireFault, string][])
    test(`${fault} ends it as ${type}`, () => {
      expect(judgeFault(fault, 'why')).toEqual({ type, facts: { fault, detail: 'why' } });
    });

  for (const reason of Object.keys(REFUSALS) as RefusalReason[])
    test(`their Disconnect "${reason}" keeps its number, if it had one`, () => {
      expect(judgeDisconnect(reason, 0)).toEqual({ type: `refuse.${reason}`, facts: { code: 0 } });
      expect(judgeDisconnect(reason, null)).toEqual({ type: `refuse.${reason}`, facts: {} });
    });
});

test('we send the reason that go-ethereum sends in the same place', () => {
  const wireReason = Object.entries(REJECTIONS).map(([reason, { wireReason }]) => [
    reason,
    wireReason,
  ]);
  expect(Object.fromEntries(wireReason)).toEqual({
    serverStopped: 'clientQuitting',
    nodeRemoved: 'requested',
    tooManyPeers: 'tooManyPeers',
    crowdedSubnet: 'tooManyPeers',
    alreadyConnected: 'alreadyConnected',
    self: 'self',
    uselessPeer: 'uselessPeer',
    unexpectedIdentity: 'unexpectedIdentity',
    invalidIdentity: 'invalidIdentity',
    unexpectedMessage: 'breachOfProtocol',
    malformedHello: 'breachOfProtocol',
    oversizedHello: 'breachOfProtocol',
    helloTimeout: 'readTimeout',
  } satisfies Record<keyof typeof REJECTIONS, DisconnectReason>);
});

test('metrics go into the buckets of go-ethereum', () => {
  const enc = ['rlpx', 'rlpx/enc', 'rlpx/proto']; // the first is one of the others, by the moment
  const buckets = ['id/unexpected', 'known', 'other', ...enc, 'saturated'];
  const metrics = [REJECTIONS, REFUSALS, FAILURES].flatMap((table) =>
    Object.values(table).map(({ metric }) => metric),
  );
  expect([...new Set(metrics)].sort()).toEqual([...buckets, 'self', 'useless']);
});

test('every ending has its sentence, and no two of one outcome the same', () => {
  for (const table of [REJECTIONS, REFUSALS, FAILURES]) {
    const sentences = Object.values(table).map(({ sentence }) => sentence);
    expect(sentences.filter((sentence) => !/^[A-Z].*\.$/.test(sentence))).toEqual([]);
    expect(new Set(sentences).size).toBe(sentences.length);
  }
});
