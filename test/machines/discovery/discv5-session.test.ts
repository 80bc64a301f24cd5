import { describe, expect, test } from 'vitest';

import type {
  HandshakeCommand,
  HandshakeEvent,
} from '../../../src/io/adapters/discv5-handshake.ts';
import type {
  HandshakeFault,
  SessionCause,
  SessionTarget,
} from '../../../src/io/discovery/discv5-sessions.ts';
import {
  ANSWER_TIMEOUT_MS,
  CHALLENGE_TIMEOUT_MS,
  discv5SessionMachine,
  KEYS_TIMEOUT_MS,
  SESSION_LIFETIME_MS,
  type SessionEnding,
} from '../../../src/machines/discovery/discv5-session.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { runMachine } from '../../support/run-machine.ts';

const WHOAREYOU: HandshakeEvent = { type: 'whoareyou.received' };
const SENT: HandshakeEvent = { type: 'handshake.sent' };
const OPENED: HandshakeEvent = { type: 'message.opened' };
const HANDSHAKE: HandshakeEvent = { type: 'handshake.received' };
const VALID: HandshakeEvent = { type: 'handshake.valid' };
const TIMED_OUT: HandshakeEvent = { type: 'request.timedOut' };
const CANCELLED: HandshakeEvent = { type: 'request.cancelled' };

describe('a handshake of ours', () => {
  test('asks for a challenge, answers it with the request, and ends with keys at the first reply', () => {
    const run = runSession('request', WHOAREYOU, SENT, OPENED);
    expect(run.trail).toEqual(['idle', 'contacting', 'challenged', 'handshaking', 'established']);
    expect(run.orders).toEqual(['contact', 'answer', 'keep']);
    expect(run.handshake.inputs).toEqual([run.target]);
    run.send({ type: 'stop' });
  });

  test('begins with the challenge when the node lost the keys that it had', () => {
    const run = runSession('challenge');
    expect([run.trail, run.orders]).toEqual([['idle', 'challenged'], ['answer']]);
    run.send({ type: 'stop' });
  });

  test('whose request was cancelled after it was sent still waits for the reply', () => {
    const run = runSession('request', WHOAREYOU, SENT, CANCELLED);
    expect(run.state()).toBe('handshaking');
    run.handshake.report(OPENED);
    expect(run.state()).toBe('established');
    run.send({ type: 'stop' });
  });
});

describe('a handshake of theirs', () => {
  test('begins with our challenge, and ends with keys when it is valid', () => {
    const run = runSession('unreadable', HANDSHAKE, VALID);
    expect(run.trail).toEqual(['idle', 'challenging', 'verifying', 'established']);
    expect(run.orders).toEqual(['challenge', 'verify', 'keep']);
    run.send({ type: 'stop' });
  });

  test('may come for one second after our challenge', () => {
    const run = runSession('unreadable');
    run.clock.advance(CHALLENGE_TIMEOUT_MS - 1);
    expect(run.state()).toBe('challenging');
    run.clock.advance(1);
    expect(run.output()).toEqual({ outcome: 'noHandshake' });
  });
});

const invalid = (fault: HandshakeFault) => () =>
  runSession('unreadable', HANDSHAKE, { type: 'handshake.invalid', fault });

/** Lets the time limit of its state pass, one millisecond less at first. */
function afterTheLimit(limitMs: number, cause: SessionCause, ...events: readonly HandshakeEvent[]) {
  const run = runSession(cause, ...events);
  const before = run.state();
  run.clock.advance(limitMs - 1);
  expect(run.state()).toBe(before);
  run.clock.advance(1);
  return run;
}

/** How a session comes to each end. */
const ENDINGS = {
  recordMissing: [invalid('recordMissing')],
  badRecord: [invalid('badRecord')],
  recordOfOtherNode: [invalid('recordOfOtherNode')],
  badIdSignature: [invalid('badIdSignature')],
  invalidEphemeralKey: [invalid('invalidEphemeralKey')],
  undecryptable: [invalid('undecryptable')],
  malformedMessage: [invalid('malformedMessage')],
  noWhoareyou: [
    () => runSession('request', TIMED_OUT),
    () => afterTheLimit(ANSWER_TIMEOUT_MS, 'request'),
  ],
  noReply: [
    () => runSession('request', WHOAREYOU, SENT, TIMED_OUT),
    () => afterTheLimit(ANSWER_TIMEOUT_MS, 'request', WHOAREYOU, SENT),
  ],
  noHandshake: [() => afterTheLimit(CHALLENGE_TIMEOUT_MS, 'unreadable')],
  tooSlow: [
    () => runSession('request', WHOAREYOU, TIMED_OUT),
    () => afterTheLimit(KEYS_TIMEOUT_MS, 'request', WHOAREYOU),
    () => afterTheLimit(KEYS_TIMEOUT_MS, 'unreadable', HANDSHAKE),
  ],
  unneeded: [() => runSession('request', { type: 'session.unneeded' })],
  cancelled: [
    () => runSession('request', CANCELLED),
    () => runSession('request', WHOAREYOU, CANCELLED),
  ],
  expired: [() => afterTheLimit(SESSION_LIFETIME_MS, 'unreadable', HANDSHAKE, VALID)],
  replaced: [
    () => runSession('unreadable', HANDSHAKE, VALID, { type: 'session.replaced' }),
    () => runSession('request', WHOAREYOU, SENT, { type: 'session.replaced' }),
  ],
  evicted: [
    () => runSession('unreadable', HANDSHAKE, VALID, { type: 'session.evicted' }),
    () => runSession('unreadable', { type: 'session.evicted' }),
  ],
  closed: [
    () => runSession('unreadable', { type: 'session.gone' }),
    () => {
      const run = runSession('request', WHOAREYOU);
      run.send({ type: 'stop' });
      return run;
    },
  ],
  internalError: [() => runSession('unreadable', HANDSHAKE, { type: 'session.faulted' })],
} as const satisfies Record<SessionEnding, readonly (() => SessionRun)[]>;

describe('a session', () => {
  for (const [outcome, ways] of Object.entries<readonly (() => SessionRun)[]>(ENDINGS))
    test(`ends as ${outcome}`, () => {
      for (const reach of ways) {
        const run = reach();
        expect([run.state(), run.output()]).toEqual([outcome, { outcome }]);
        expect([run.clock.pending, run.handshake.live]).toEqual([0, 0]);
      }
    });

  test('ends when its adapter breaks', () => {
    const handshake = new FakeActor<HandshakeCommand, HandshakeEvent, SessionTarget>(() => {
      throw new Error('broken on purpose');
    });
    const machine = discv5SessionMachine.provide({ actors: { handshake: handshake.logic } });
    const run = runMachine(machine, { target: targetOf('initiator'), cause: 'request' });
    expect(run.output()).toEqual({ outcome: 'internalError' });
  });
});

test('stop ends a session in every state', () => {
  const ways: readonly (readonly [SessionCause, ...HandshakeEvent[]])[] = [
    ['request'],
    ['request', WHOAREYOU],
    ['request', WHOAREYOU, SENT],
    ['unreadable'],
    ['unreadable', HANDSHAKE],
    ['unreadable', HANDSHAKE, VALID],
  ];
  for (const [cause, ...events] of ways) {
    const run = runSession(cause, ...events);
    run.send({ type: 'stop' });
    expect([run.output(), run.handshake.live]).toEqual([{ outcome: 'closed' }, 0]);
  }
});

type SessionRun = ReturnType<typeof runSession>;

const targetOf = (role: SessionTarget['role']): SessionTarget => ({
  ...{ id: 'ab'.repeat(32), endpoint: { host: '192.0.2.1', port: 30303 }, role, number: 1 },
});

function runSession(cause: SessionCause, ...events: readonly HandshakeEvent[]) {
  const orders: string[] = [];
  const handshake = new FakeActor<HandshakeCommand, HandshakeEvent, SessionTarget>(({ type }) =>
    orders.push(type),
  );
  const machine = discv5SessionMachine.provide({ actors: { handshake: handshake.logic } });
  const target = targetOf(cause === 'unreadable' ? 'recipient' : 'initiator');
  const run = runMachine(machine, { target, cause });
  for (const event of events) handshake.report(event);
  return { ...run, handshake, orders, target };
}
