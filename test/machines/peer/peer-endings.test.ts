import { describe, expect, test } from 'vitest';

import { DISCONNECT_CODES, type DisconnectReason } from '../../../src/io/wire/disconnect.ts';
import type { WireFault } from '../../../src/io/wire/error.ts';
import {
  type AskableReason,
  judgePeerDisconnect,
  judgePeerFault,
  PEER_FAILURES,
  PEER_REFUSALS,
  PEER_REJECTIONS,
  type PeerRefusalReason,
  type PeerRejectionReason,
} from '../../../src/machines/peer/peer-endings.ts';

/** Handshake faults cannot come from a peer: if one does, the mistake is ours. */
const FAULTS = {
  badHeaderMac: 'fail.badHeaderMac',
  badFrameMac: 'fail.badFrameMac',
  frameTooBig: 'reject.oversizedMessage',
  messageTooBig: 'reject.oversizedMessage',
  malformedFrame: 'reject.malformedMessage',
  malformedSnappy: 'reject.malformedMessage',
  malformedRlp: 'reject.malformedMessage',
  malformedHello: 'reject.secondHello',
  invalidIdentity: 'reject.secondHello',
  handshakeSizeOutOfRange: 'fail.internalError',
  invalidPublicKey: 'fail.internalError',
  undecryptable: 'fail.internalError',
  malformedHandshake: 'fail.internalError',
  unrecoverableSignature: 'fail.internalError',
  replayedAuth: 'fail.internalError',
} as const satisfies Record<WireFault, string>;

/** The word for endings that a caller cannot ask for by name. */
const WIRE_REASONS = {
  churned: 'uselessPeer',
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
} as const satisfies Record<Exclude<PeerRejectionReason, AskableReason>, DisconnectReason>;

describe('from a peer', () => {
  for (const [fault, type] of Object.entries(FAULTS) as [WireFault, string][])
    test(`${fault} ends it as ${type}`, () => {
      expect(judgePeerFault(fault, 'why')).toEqual({ type, facts: { fault, detail: 'why' } });
    });

  for (const reason of Object.keys(PEER_REFUSALS) as PeerRefusalReason[])
    test(`their Disconnect "${reason}" keeps its number, if it had one`, () => {
      expect(judgePeerDisconnect(reason, 0)).toEqual({
        type: `refuse.${reason}`,
        facts: { code: 0 },
      });
      expect(judgePeerDisconnect(reason, null)).toEqual({ type: `refuse.${reason}`, facts: {} });
    });
});

describe('the reason we send in Disconnect', () => {
  const askable = Object.keys(DISCONNECT_CODES).filter((reason) => reason !== 'networkError');

  test('is the reason itself when a caller asks for it', () => {
    for (const reason of askable as AskableReason[])
      expect(PEER_REJECTIONS[reason].wireReason).toBe(reason);
  });

  for (const [reason, wireReason] of Object.entries(WIRE_REASONS) as [
    keyof typeof WIRE_REASONS,
    string,
  ][])
    test(`is "${wireReason}" after ${reason}`, () => {
      expect(PEER_REJECTIONS[reason].wireReason).toBe(wireReason);
    });

  test('is never "network error", which is not sent', () => {
    expect(Object.values(PEER_REJECTIONS).map(({ wireReason }) => wireReason)).not.toContain(
      'networkError',
    );
  });
});

test('every ending has its sentence, and no two of one group the same', () => {
  for (const table of [PEER_REJECTIONS, PEER_REFUSALS, PEER_FAILURES]) {
    const sentences = Object.values(table).map(({ sentence }) => sentence);
    expect(sentences.filter((sentence) => !/^[A-Z].*\.$/.test(sentence))).toEqual([]);
    expect(new Set(sentences).size).toBe(sentences.length);
  }
});
