import { describe, expect, test } from 'vitest';
import { FAREWELL_MS } from '../../../src/machines/connection/connection.ts';
import type { EthRejectionReason } from '../../../src/machines/eth/eth-endings.ts';
import {
  ACCEPTANCE_MS,
  type EthSessionEvent,
  STATUS_TIMEOUT_MS,
} from '../../../src/machines/eth/eth-session.ts';
import { runEthSession, theirStatus, WRONG_MESSAGES } from '../../support/eth-session-run.ts';

const MESSAGE: EthSessionEvent = { type: 'message.received' };
const byUs = 'ending.rejected.requested';
const byThem = 'ending.refused.subprotocolError';
const broken = 'ending.failed.reset';
const ended = {
  byUs: { type: 'peer.ended', outcome: 'rejected', state: byUs },
  byThem: { type: 'peer.ended', outcome: 'refused', state: byThem },
  broken: { type: 'peer.ended', outcome: 'failed', state: broken },
} as const;

describe('a session', () => {
  test('waits for Status, is accepted with it, and confirmed by their first message', () => {
    const run = runEthSession();
    expect([run.trail, run.emitted]).toEqual([['awaitingStatus'], []]);
    run.send(theirStatus());
    expect(run.state()).toBe('active.unconfirmed');
    expect(run.emitted).toEqual([{ type: 'session.accepted' }]);
    run.send(MESSAGE);
    expect(run.state()).toBe('active.confirmed');
    expect(run.emitted.at(-1)).toEqual({ type: 'session.confirmed' });
    expect(run.clock.pending).toBe(0);
    run.send(MESSAGE);
    expect(run.emitted).toHaveLength(2);
    run.send(ended.byUs);
  });

  test('is confirmed after 5 s in which they did not disconnect', () => {
    const run = runEthSession(theirStatus());
    run.clock.advance(ACCEPTANCE_MS - 1);
    expect(run.state()).toBe('active.unconfirmed');
    run.clock.advance(1);
    expect(run.state()).toBe('active.confirmed');
    run.send(ended.byUs);
  });

  test('in which no Status comes for 5 s is rejected, and waits 2 s for the end of the peer', () => {
    const run = runEthSession();
    run.clock.advance(STATUS_TIMEOUT_MS - 1);
    expect(run.state()).toBe('awaitingStatus');
    run.clock.advance(1);
    expect(run.state()).toBe('rejected.statusTimeout');
    expect(run.emitted).toEqual([
      {
        type: 'session.ending',
        ending: { outcome: 'rejected', state: 'rejected.statusTimeout', facts: {} },
        wireReason: 'readTimeout',
      },
    ]);
    run.clock.advance(FAREWELL_MS - 1);
    expect(run.isOver()).toBe(false);
    run.clock.advance(1);
    expect(run.output()).toEqual({
      outcome: 'rejected',
      state: 'rejected.statusTimeout',
      facts: {},
    });
  });

  test.each<[string, EthSessionEvent, EthRejectionReason, object]>([
    [
      'of another network',
      theirStatus({ networkId: '2' }),
      'wrongNetwork',
      { theirs: '2', ours: '1' },
    ],
    [
      'of another version',
      theirStatus({ version: '68' }),
      'wrongVersion',
      { theirs: '68', ours: '69' },
    ],
    [
      'with another genesis',
      theirStatus({ genesis: 'cd' }),
      'wrongGenesis',
      { theirs: 'cd', ours: 'ab'.repeat(32) },
    ],
    [
      'with an old fork id',
      theirStatus({ forkId: 'remoteStale', forkHash: '00000001', forkNext: '9' }),
      'forkIdStale',
      { theirs: '00000001/9', ours: 'fc64ec04/1150000' },
    ],
    [
      'with a foreign fork id',
      theirStatus({ forkId: 'localIncompatible', forkHash: '00000001', forkNext: '0' }),
      'forkIdIncompatible',
      { theirs: '00000001/0', ours: 'fc64ec04/1150000' },
    ],
    ['with a bad range', theirStatus({ isRangeValid: false }), 'badBlockRange', { in: 'Status' }],
    [
      'that cannot be read',
      { type: 'status.malformed', detail: 'x' },
      'badStatus',
      { detail: 'x' },
    ],
    ['that is another message', { type: 'status.missing', code: 8 }, 'notStatus', { code: 8 }],
  ])('with a Status %s is rejected', (_title, event, reason, facts) => {
    const run = runEthSession(event);
    expect(run.state()).toBe(`rejected.${reason}`);
    expect(run.emitted).toMatchObject([
      { type: 'session.ending', ending: { facts }, wireReason: 'subprotocolError' },
    ]);
    run.send(ended.byUs);
    expect(run.output()).toEqual({ outcome: 'rejected', state: `rejected.${reason}`, facts });
  });

  test('judges network, version, genesis, fork id and range in this order, as go-ethereum', () => {
    const wrong = {
      ...{ networkId: '2', version: '68', genesis: 'cd' },
      ...{ forkId: 'remoteStale', isRangeValid: false },
    } as const;
    const left = ['networkId', 'version', 'genesis', 'forkId', 'isRangeValid'] as const;
    const found = left.map((_, index) => {
      const rest = left.slice(index).map((field) => [field, wrong[field]]);
      const run = runEthSession(theirStatus(Object.fromEntries(rest)));
      run.send(ended.byUs);
      return run.output()!.state;
    });
    expect(found).toEqual([
      ...['rejected.wrongNetwork', 'rejected.wrongVersion', 'rejected.wrongGenesis'],
      ...['rejected.forkIdStale', 'rejected.badBlockRange'],
    ]);
  });

  test.each([
    ['unconfirmed', []],
    ['confirmed', [MESSAGE]],
  ])('that is %s ends with a second Status, even one that cannot be read', (_state, events) => {
    for (const again of [theirStatus(), { type: 'status.malformed', detail: '' } as const]) {
      const run = runEthSession(theirStatus(), ...events, again);
      expect(run.state()).toBe('rejected.extraStatus');
      run.send(ended.byUs);
    }
  });

  test.each(WRONG_MESSAGES)('ends with a message that is wrong as %s', (as) => {
    const run = runEthSession(theirStatus(), { type: 'message.wrong', as, facts: { code: 1 } });
    expect(run.emitted.at(-1)).toEqual({
      type: 'session.ending',
      ending: { outcome: 'rejected', state: `rejected.${as}`, facts: { code: 1 } },
      wireReason: as === 'tooManyRequests' ? 'breachOfProtocol' : 'subprotocolError',
    });
    run.send(ended.byUs);
  });

  test.each<[string, readonly EthSessionEvent[], string]>([
    ['before their Status', [], 'beforeStatus'],
    ['just after their Status', [theirStatus()], 'afterStatus'],
    ['after their first message', [theirStatus(), MESSAGE], 'laterOn'],
  ])('that they end %s is refused, by when that was', (_title, events, reason) => {
    const run = runEthSession(...events, ended.byThem);
    const facts = { peer: byThem };
    expect(run.output()).toEqual({ outcome: 'refused', state: `refused.${reason}`, facts });
    expect(run.emitted.at(-1)).toMatchObject({ type: 'session.ending', wireReason: null });
  });

  test.each<[string, readonly EthSessionEvent[]]>([
    ['before their Status', []],
    ['just after their Status', [theirStatus()]],
    ['after their first message', [theirStatus(), MESSAGE]],
  ])('whose link breaks, or whose peer we end, %s, ends at once', (_title, events) => {
    expect(runEthSession(...events, ended.broken).output()).toEqual({
      ...{ outcome: 'failed', state: 'failed.linkBroke', facts: { peer: broken } },
    });
    const run = runEthSession(...events, ended.byUs);
    expect(run.output()).toEqual({
      ...{ outcome: 'rejected', state: 'rejected.closedByUs', facts: { peer: byUs } },
    });
    expect(run.emitted.at(-1)).toMatchObject({ type: 'session.ending', wireReason: null });
  });

  test('ends with a fault of its handler', () => {
    const run = runEthSession(theirStatus(), { type: 'handler.faulted', message: 'oops' });
    expect(run.output()).toEqual({
      ...{ outcome: 'failed', state: 'failed.internalError', facts: { message: 'oops' } },
    });
  });

  test('that has ended does not end again', () => {
    const run = runEthSession(
      theirStatus({ networkId: '2' }),
      theirStatus(),
      { type: 'status.malformed', detail: '' },
      { type: 'status.missing', code: 1 },
      MESSAGE,
      { type: 'message.wrong', as: 'badMessage', facts: {} },
      { type: 'reject.badAnswer', facts: {} },
      { type: 'refuse.laterOn', facts: {} },
      { type: 'fail.linkBroke', facts: {} },
    );
    expect(run.emitted).toHaveLength(1);
    run.send(ended.byThem);
    expect(run.output()!.state).toBe('rejected.wrongNetwork');
  });

  test('before Status ends with a message that cannot be one', () => {
    const run = runEthSession(MESSAGE, { type: 'message.wrong', as: 'badMessage', facts: {} });
    expect(run.state()).toBe('rejected.badMessage');
    run.send(ended.byUs);
  });
});
