import { describe, expect, test } from 'vitest';

import {
  CODE_MS,
  type CodeResult,
  isSame,
  MAX_FAILURES_PER_MINUTE,
  MAX_SESSIONS,
  Sessions,
} from '../../../src/inspect/web/sessions.ts';
import { seededRandom } from '../../support/crypto.ts';
import { StepClock } from '../../support/step-clock.ts';

function somePass(): { clock: StepClock; pass: Sessions } {
  const clock = new StepClock();
  return { clock, pass: new Sessions({ clock, random: seededRandom('pass') }) };
}

function cookieOf(redeemed: CodeResult): string {
  if (redeemed.type !== 'admitted') throw new Error(`it is ${redeemed.type}`);
  return redeemed.cookie;
}

describe('a code', () => {
  test('is exchanged for a session, once', () => {
    const { pass } = somePass();
    const code = pass.newCode();
    const cookie = cookieOf(pass.redeem(code));
    expect(pass.sessionOf(cookie)).not.toBeNull();
    expect(pass.redeem(code)).toEqual({ type: 'wrong' });
  });

  test('has 256 bits, and so have the cookie and the token', () => {
    const { pass } = somePass();
    const code = pass.newCode();
    const cookie = cookieOf(pass.redeem(code));
    const { token } = pass.sessionOf(cookie)!;
    for (const secret of [code, cookie, token])
      expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(new Set([code, cookie, token]).size).toBe(3);
  });

  test.for<[number, CodeResult['type']]>([
    [CODE_MS - 1, 'admitted'],
    [CODE_MS, 'wrong'],
  ])('%s ms old is %s', async ([ms, type], { expect }) => {
    const { pass, clock } = somePass();
    const code = pass.newCode();
    clock.advance(ms);
    expect(pass.redeem(code).type).toBe(type);
  });

  test('does not invalidate another one', () => {
    const { pass } = somePass();
    const codes = [pass.newCode(), pass.newCode()];
    expect(codes.map((code) => pass.redeem(code).type)).toEqual(['admitted', 'admitted']);
  });

  test('is dropped when there are too many newer ones', () => {
    const { pass } = somePass();
    const codes = Array.from({ length: 17 }, () => pass.newCode());
    expect(pass.redeem(codes[0]!).type).toBe('wrong');
    expect(pass.redeem(codes[1]!).type).toBe('admitted');
  });
});

describe('wrong codes', () => {
  test('are answered a few times a minute, then refused for a while', () => {
    const { pass, clock } = somePass();
    const tries = Array.from({ length: MAX_FAILURES_PER_MINUTE + 2 }, () => pass.redeem('x').type);
    expect(tries).toEqual([...Array(MAX_FAILURES_PER_MINUTE).fill('wrong'), 'tooMany', 'tooMany']);
    clock.advance(60_000 / MAX_FAILURES_PER_MINUTE);
    expect([pass.redeem('x').type, pass.redeem('x').type]).toEqual(['wrong', 'tooMany']);
  });

  test('do not lock out a right one', () => {
    const { pass } = somePass();
    const code = pass.newCode();
    for (let tries = 0; tries < 20; tries += 1) pass.redeem('');
    expect(pass.redeem(code).type).toBe('admitted');
  });
});

describe('sessions', () => {
  test('are separate, and the oldest is dropped when there are too many', () => {
    const { pass } = somePass();
    const cookies = Array.from({ length: MAX_SESSIONS + 1 }, () =>
      cookieOf(pass.redeem(pass.newCode())),
    );
    const sessions = cookies.map((cookie) => pass.sessionOf(cookie));
    expect(sessions[0]).toBeNull();
    expect(new Set(sessions.slice(1).map((session) => session!.token)).size).toBe(MAX_SESSIONS);
  });

  test('are not found by other texts', () => {
    const { pass } = somePass();
    const code = pass.newCode();
    const cookie = cookieOf(pass.redeem(code));
    for (const other of ['', 'x', code, cookie.slice(1), `${cookie}x`, cookie.toUpperCase()])
      expect(pass.sessionOf(other)).toBeNull();
  });
});

test('secrets of different length are compared too', () => {
  expect([isSame('abc', 'abc'), isSame('abc', 'abd'), isSame('abc', ''), isSame('', '')]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
