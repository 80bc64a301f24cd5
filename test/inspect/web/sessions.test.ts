import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';

import {
  CODE_MS,
  type CodeResult,
  MAX_FAILURES_PER_MINUTE,
  MAX_SESSIONS,
  SESSION_IDLE_MS,
  Sessions,
} from '../../../src/inspect/web/sessions.ts';
import { seededRandom } from '../../support/crypto.ts';
import { StepClock } from '../../support/step-clock.ts';

function someSessions() {
  const clock = new StepClock();
  const sessions = new Sessions({ clock, random: seededRandom('sessions') });
  const signIn = () => tokenOf(sessions.redeem(sessions.newCode()));
  return { clock, sessions, signIn };
}

function tokenOf(result: CodeResult): string {
  if (result.type !== 'admitted') throw new Error(`the code is ${result.type}`);
  return result.token;
}

class FakeResponse extends EventEmitter {
  isDestroyed = false;

  destroy(): void {
    this.isDestroyed = true;
    this.emit('close');
  }
}

describe('a code', () => {
  test('is exchanged for a session, once', () => {
    const { sessions } = someSessions();
    const code = sessions.newCode();
    const token = tokenOf(sessions.redeem(code));
    expect(sessions.sessionOf(token)).not.toBeNull();
    expect(sessions.redeem(code)).toEqual({ type: 'wrong' });
  });

  test('has 256 bits, and so has the token', () => {
    const { sessions } = someSessions();
    const code = sessions.newCode();
    const token = tokenOf(sessions.redeem(code));
    for (const secret of [code, token]) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(code).not.toBe(token);
  });

  test.for<[number, CodeResult['type']]>([
    [CODE_MS - 1, 'admitted'],
    [CODE_MS, 'wrong'],
  ])('%s ms old is %s', async ([ms, type], { expect }) => {
    const { sessions, clock } = someSessions();
    const code = sessions.newCode();
    clock.advance(ms);
    expect(sessions.redeem(code).type).toBe(type);
  });

  test('does not invalidate another one', () => {
    const { sessions } = someSessions();
    const codes = [sessions.newCode(), sessions.newCode()];
    expect(codes.map((code) => sessions.redeem(code).type)).toEqual(['admitted', 'admitted']);
  });

  test('is dropped when there are too many newer ones', () => {
    const { sessions } = someSessions();
    const codes = Array.from({ length: 17 }, () => sessions.newCode());
    expect(sessions.redeem(codes[0]!).type).toBe('wrong');
    expect(sessions.redeem(codes[1]!).type).toBe('admitted');
  });
});

describe('wrong codes', () => {
  test('are answered a few times a minute, then refused for a while', () => {
    const { sessions, clock } = someSessions();
    const tries = Array.from(
      { length: MAX_FAILURES_PER_MINUTE + 2 },
      () => sessions.redeem('x').type,
    );
    expect(tries).toEqual([...Array(MAX_FAILURES_PER_MINUTE).fill('wrong'), 'tooMany', 'tooMany']);
    clock.advance(60_000 / MAX_FAILURES_PER_MINUTE);
    expect([sessions.redeem('x').type, sessions.redeem('x').type]).toEqual(['wrong', 'tooMany']);
  });

  test('do not lock out a right one', () => {
    const { sessions } = someSessions();
    const code = sessions.newCode();
    for (let tries = 0; tries < 20; tries += 1) sessions.redeem('');
    expect(sessions.redeem(code).type).toBe('admitted');
  });
});

describe('a session', () => {
  test('is separate from others, and the oldest is ended when there are too many', () => {
    const { sessions, signIn } = someSessions();
    const first = signIn();
    const response = new FakeResponse();
    sessions.sessionOf(first)!.attach(response);
    const tokens = Array.from({ length: MAX_SESSIONS }, signIn);
    expect(sessions.sessionOf(first)).toBeNull();
    expect(response.isDestroyed).toBe(true);
    expect(new Set(tokens.map((token) => sessions.sessionOf(token))).size).toBe(MAX_SESSIONS);
  });

  test('is not found by other texts', () => {
    const { sessions } = someSessions();
    const code = sessions.newCode();
    const token = tokenOf(sessions.redeem(code));
    for (const other of ['', 'x', code, token.slice(1), `${token}x`, token.toUpperCase()])
      expect(sessions.sessionOf(other)).toBeNull();
  });

  test('expires 12 h after its last request', () => {
    expect(SESSION_IDLE_MS).toBe(43_200_000);
    const { sessions, clock, signIn } = someSessions();
    const token = signIn();
    clock.advance(SESSION_IDLE_MS - 1);
    expect(sessions.sessionOf(token)).not.toBeNull();
    clock.advance(SESSION_IDLE_MS - 1);
    expect(sessions.sessionOf(token)).not.toBeNull();
    clock.advance(SESSION_IDLE_MS);
    expect(sessions.sessionOf(token)).toBeNull();
  });

  test('does not expire while a stream is open, and 12 h after it', () => {
    const { sessions, clock, signIn } = someSessions();
    const token = signIn();
    const response = new FakeResponse();
    const session = sessions.sessionOf(token)!;
    session.attach(response);
    clock.advance(SESSION_IDLE_MS * 10);
    expect([session.isIdle, response.isDestroyed]).toEqual([false, false]);
    response.emit('close');
    clock.advance(SESSION_IDLE_MS - 1);
    expect(session.isIdle).toBe(false);
    clock.advance(1);
    expect(session.isIdle).toBe(true);
    expect(sessions.sessionOf(token)).toBeNull();
  });

  test('that is ended destroys its open answers, and those that follow', () => {
    const { sessions, signIn } = someSessions();
    const [token, other] = [signIn(), signIn()];
    const [early, late] = [new FakeResponse(), new FakeResponse()];
    const session = sessions.sessionOf(token)!;
    session.attach(early);
    sessions.end(session);
    session.attach(late);
    expect([early.isDestroyed, late.isDestroyed]).toEqual([true, true]);
    expect(sessions.sessionOf(token)).toBeNull();
    expect(sessions.sessionOf(other)).not.toBeNull();
    sessions.endAll();
    expect(sessions.sessionOf(other)).toBeNull();
  });
});
