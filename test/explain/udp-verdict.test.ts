import { describe, expect, test } from 'vitest';
import type { Explanation } from '../../src/api/explanation.ts';
import { isUdpOfUse, withUdpAnswer } from '../../src/explain/udp-verdict.ts';

const GIVEN: Explanation = {
  verdict: 'They did not answer.',
  remedy: 'Try again.',
  confidence: 'possible',
  evidence: ['seen'],
};

const AWAITING_ACK = ['encHandshake.sendingAuth', 'encHandshake.awaitingAck'];
const dial = (state: string) => ({ state, trail: [], bytesIn: 0 });
const setup = (state: string, more: object = {}) => ({
  ...{ state, trail: AWAITING_ACK, bytesIn: 0 },
  ...more,
});

describe('an answer over UDP', () => {
  test.for([
    [dial('connectTimeout'), /^The node runs: .* a firewall or NAT drops TCP/],
    [dial('connectionRefused'), /^The node runs: .* Nothing listens at its TCP port/],
    [setup('failed.connectionClosed'), /^The key is right: /],
    [setup('failed.connectionReset'), /^The key is right: /],
    [setup('failed.encHandshakeTimeout'), /^The key is right: /],
  ] as const)('explains %j better', ([ending, verdict]) => {
    expect(isUdpOfUse(ending)).toBe(true);
    const told = withUdpAnswer(GIVEN, ending, true);
    expect(told.verdict).toMatch(verdict);
    expect(told.confidence).toBe('likely');
    expect(told.evidence).toEqual(['seen', 'it answered a ping of discovery v4']);
  });

  test('that does not come is evidence and no more: discovery may be off', () => {
    expect(withUdpAnswer(GIVEN, dial('connectTimeout'), false)).toEqual({
      ...GIVEN,
      evidence: ['seen', 'no answer to a ping of discovery v4'],
    });
  });

  test.for([
    dial('hostNotFound'),
    setup('refused.tooManyPeers'),
    setup('failed.connectionClosed', { bytesIn: 3 }),
    setup('failed.connectionClosed', { trail: [...AWAITING_ACK, 'protoHandshake'] }),
    dial('peer'),
  ])('is of no use for %j', (ending) => {
    expect(isUdpOfUse(ending)).toBe(false);
    expect(withUdpAnswer(GIVEN, ending, true)).toBe(GIVEN);
  });
});
