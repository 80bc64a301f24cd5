import { describe, expect, test } from 'vitest';

import type { CloseKind } from '../../../src/io/link/link-events.ts';
import { DISCONNECT_CODES, type DisconnectReason } from '../../../src/io/wire/disconnect.ts';
import type { WireFault } from '../../../src/io/wire/error.ts';
import {
  type AskableReason,
  BROKEN_ENDINGS,
  judgeLeaving,
  judgePeerClose,
  judgePeerFault,
  OUR_ENDINGS,
  type OurEnding,
  THEIR_ENDINGS,
  type TheirEnding,
} from '../../../src/machines/peer/peer-endings.ts';

/** Handshake faults cannot come from a peer: if one does, the mistake is ours. */
const FAULTS = {
  badHeaderMac: 'broke.badHeaderMac',
  badFrameMac: 'broke.badFrameMac',
  frameTooBig: 'leave.oversizedMessage',
  messageTooBig: 'leave.oversizedMessage',
  malformedFrame: 'leave.malformedMessage',
  malformedSnappy: 'leave.malformedMessage',
  malformedRlp: 'leave.malformedMessage',
  malformedHello: 'leave.secondHello',
  invalidIdentity: 'leave.secondHello',
  handshakeSizeOutOfRange: 'broke.internalError',
  invalidPublicKey: 'broke.internalError',
  undecryptable: 'broke.internalError',
  malformedHandshake: 'broke.internalError',
  unrecoverableSignature: 'broke.internalError',
} as const satisfies Record<WireFault, string>;

const CLOSES = {
  closed: 'broke.connectionClosed',
  reset: 'broke.connectionReset',
  broken: 'broke.connectionBroken',
} as const satisfies Record<CloseKind, string>;

/** The word for endings that a caller cannot ask for by name. */
const SPOKEN = {
  protocolReturned: 'clientQuitting',
  protocolFailed: 'subprotocolError',
  handlerStalled: 'subprotocolError',
  pongTimeout: 'readTimeout',
  silence: 'readTimeout',
  pingFlood: 'breachOfProtocol',
  secondHello: 'breachOfProtocol',
  unroutableMessage: 'breachOfProtocol',
  oversizedMessage: 'breachOfProtocol',
  malformedMessage: 'breachOfProtocol',
} as const satisfies Record<Exclude<OurEnding, AskableReason>, DisconnectReason>;

describe('from a peer', () => {
  for (const [fault, type] of Object.entries(FAULTS) as [WireFault, string][])
    test(`${fault} ends it as ${type}`, () => {
      expect(judgePeerFault(fault, 'why')).toEqual({ type, facts: { fault, detail: 'why' } });
    });

  for (const [how, type] of Object.entries(CLOSES) as [CloseKind, string][])
    test(`a stream that is ${how} ends it as ${type}`, () => {
      expect(judgePeerClose(how, '')).toEqual({ type, facts: {} });
      expect(judgePeerClose(how, 'EPIPE')).toEqual({ type, facts: { detail: 'EPIPE' } });
    });

  for (const reason of Object.keys(THEIR_ENDINGS) as TheirEnding[])
    test(`their Disconnect "${reason}" keeps its number, if it had one`, () => {
      expect(judgeLeaving(reason, 0)).toEqual({ type: `left.${reason}`, facts: { code: 0 } });
      expect(judgeLeaving(reason, null)).toEqual({ type: `left.${reason}`, facts: {} });
    });
});

describe('what we say when we leave', () => {
  const askable = Object.keys(DISCONNECT_CODES).filter((reason) => reason !== 'networkError');

  test('is the reason itself when a caller asks for it', () => {
    for (const reason of askable as AskableReason[])
      expect(OUR_ENDINGS[reason].spoken).toBe(reason);
  });

  for (const [reason, spoken] of Object.entries(SPOKEN) as [keyof typeof SPOKEN, string][])
    test(`is "${spoken}" after ${reason}`, () => {
      expect(OUR_ENDINGS[reason].spoken).toBe(spoken);
    });

  test('is never "network error", which is for what cannot be said', () => {
    expect(Object.values(OUR_ENDINGS).map(({ spoken }) => spoken)).not.toContain('networkError');
  });
});

test('every ending has its sentence, and no two of one group the same', () => {
  for (const table of [OUR_ENDINGS, THEIR_ENDINGS, BROKEN_ENDINGS]) {
    const sentences = Object.values(table).map(({ sentence }) => sentence);
    expect(sentences.filter((sentence) => !/^[A-Z].*\.$/.test(sentence))).toEqual([]);
    expect(new Set(sentences).size).toBe(sentences.length);
  }
});
