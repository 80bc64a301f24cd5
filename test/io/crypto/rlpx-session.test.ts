import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';

import { createSession, takeEgress, takeIngress } from '../../../src/io/crypto/rlpx-session.ts';

import { chosenPrimitives } from '../../support/crypto.ts';

describe('Session', () => {
  test('each direction can be taken once', () => {
    const { session, secrets } = build();
    expect(takeIngress(session).mac).toBe(secrets.ingressMac);
    expect(() => takeIngress(session)).toThrow(TypeError);
    expect(takeEgress(session).mac).toBe(secrets.egressMac);
    expect(() => takeEgress(session)).toThrow(TypeError);
    expect(() => takeIngress(session)).toThrow(TypeError);
  });

  test('C15: its secrets are wiped when both directions are taken, the takers’ copies are not', () => {
    const { session, secrets } = build();
    const egress = takeEgress(session);
    expect(secrets.aesSecret[0]).toBe(1);
    const ingress = takeIngress(session);
    for (const wiped of [secrets.aesSecret, secrets.macSecret])
      expect(wiped).toEqual(new Uint8Array(32));
    for (const { aesSecret, macSecret } of [egress, ingress]) {
      expect(aesSecret).toEqual(new Uint8Array(32).fill(1));
      expect(macSecret).toEqual(new Uint8Array(32).fill(2));
    }
  });

  test('shows nothing', () => {
    const { session } = build();
    expect(JSON.stringify({ session })).toBe('{"session":"[session]"}');
    expect(inspect(session, { showHidden: true, depth: 9 })).not.toMatch(/1, 1, 1|010101/);
  });
});

function build() {
  const secrets = {
    aesSecret: new Uint8Array(32).fill(1),
    macSecret: new Uint8Array(32).fill(2),
    egressMac: chosenPrimitives.runningKeccak256(),
    ingressMac: chosenPrimitives.runningKeccak256(),
  };
  return { secrets, session: createSession(secrets) };
}
