import { describe, expect, test } from 'vitest';
import { FAREWELL_MS } from '../../../src/machines/connection/connection.ts';
import {
  CHECKPOINT_TIMEOUT_MS,
  ENC_HANDSHAKE_TIMEOUT_MS,
  HELLO_TIMEOUT_MS,
  TURN_TIMEOUT_MS,
} from '../../../src/machines/connection/connection-setup.ts';
import {
  accept,
  helloReceived,
  ROLES,
  runSetup,
  runSetupTo,
  WAITS,
} from '../../support/setup-run.ts';

test('the deadlines are what the design says', () => {
  expect([ENC_HANDSHAKE_TIMEOUT_MS, HELLO_TIMEOUT_MS, CHECKPOINT_TIMEOUT_MS, FAREWELL_MS]).toEqual([
    5_000, 5_000, 5_000, 2_000,
  ]);
  expect(TURN_TIMEOUT_MS).toBe(4_000);
});

describe('the turn of an auth', () => {
  test('has 4 s to come, and then the server was too busy', () => {
    const run = runSetupTo('inbound', 'encHandshake.awaitingTurn');
    run.clock.advance(3_999);
    expect(run.state()).toBe('encHandshake.awaitingTurn');
    run.clock.advance(1);
    expect(run.output()).toMatchObject({ state: 'failed.serverBusy', facts: {} });
    expect(run.clock.pending).toBe(0);
  });

  test('does not come at all when too many others wait', () => {
    const run = runSetupTo('inbound', 'encHandshake.awaitingTurn');
    run.link.report({ type: 'handshakes.full', waiting: 256 });
    expect(run.output()).toMatchObject({ state: 'failed.serverBusy', facts: { waiting: 256 } });
  });
});

for (const role of ROLES) {
  const [[first, firstEvent], [second]] = [WAITS[role][0]!, WAITS[role][1]!];

  describe(`${role}: the enc handshake`, () => {
    test('has 5 s for its first half', () => {
      const run = runSetup(role);
      run.clock.advance(4_999);
      expect(run.state()).toBe(first);
      run.clock.advance(1);
      expect(run.output()?.state).toBe('failed.encHandshakeTimeout');
      expect(run.clock.pending).toBe(0);
    });

    test('quirk 2: has the same 5 s for both halves: progress does not extend it', () => {
      const run = runSetup(role);
      run.clock.advance(4_999);
      run.send(firstEvent);
      expect(run.state()).toBe(second);
      run.clock.advance(1);
      expect(run.output()?.state).toBe('failed.encHandshakeTimeout');
    });

    test('may end in its last millisecond', () => {
      const run = runSetup(role);
      run.clock.advance(4_999);
      for (const [state, event] of WAITS[role])
        if (state.startsWith('encHandshake.')) run.send(event);
      expect(run.state()).toBe('postHandshakeCheckpoint');
      run.clock.advance(1);
      expect(run.state()).toBe('postHandshakeCheckpoint');
    });
  });

  describe(`${role}: Hello`, () => {
    test('quirk 2: has 5 s of its own, however long the handshake took', () => {
      const run = runSetup(role);
      for (const [state, event] of WAITS[role]) {
        if (state === 'protoHandshake') break;
        run.clock.advance(1_600);
        run.send(event);
      }
      run.clock.advance(4_999);
      expect(run.state()).toBe('protoHandshake');
      run.clock.advance(1);
      expect(run.state()).toBe('rejected.helloTimeout');
    });

    test('may come in the last millisecond', () => {
      const run = runSetupTo(role, 'protoHandshake');
      run.clock.advance(4_999);
      run.send(helloReceived);
      run.clock.advance(1);
      expect(run.state()).toBe('addPeerCheckpoint.asking');
    });
  });

  for (const checkpoint of ['postHandshakeCheckpoint', 'addPeerCheckpoint.asking']) {
    test(`${role}: our own run loop has 5 s at the ${checkpoint}`, () => {
      const run = runSetupTo(role, checkpoint);
      run.clock.advance(4_999);
      expect(run.state()).toBe(checkpoint);
      run.clock.advance(1);
      expect(run.output()?.state).toBe('failed.checkpointTimeout');
      expect(run.clock.pending).toBe(0);
    });

    test(`${role}: an answer in the last millisecond counts at the ${checkpoint}`, () => {
      const run = runSetupTo(role, checkpoint);
      run.clock.advance(4_999);
      run.send(accept);
      expect(run.trail).not.toContain('failed.checkpointTimeout');
    });
  }

  describe(`${role}: the wait after a Disconnect`, () => {
    test('gives them 2 s to close the connection after ours', () => {
      const run = runSetupTo(role, 'protoHandshake');
      run.send({ type: 'stop' });
      run.clock.advance(1_999);
      expect(run.state()).toBe('rejected.serverStopped');
      expect(run.link.live).toBe(1);
      run.clock.advance(1);
      expect(run.isOver()).toBe(true);
      expect(run.link.live).toBe(0);
    });

    test('gives them 2 s to close the connection after theirs', () => {
      const run = runSetupTo(role, 'protoHandshake');
      run.send({ type: 'disconnect.received', reason: 'tooManyPeers', code: 4 });
      run.clock.advance(1_999);
      expect(run.state()).toBe('refused.tooManyPeers');
      run.clock.advance(1);
      expect(run.isOver()).toBe(true);
    });

    test('ends as soon as they close', () => {
      const run = runSetupTo(role, 'protoHandshake');
      run.send({ type: 'stop' }, { type: 'link.closed', how: 'closed', detail: '' });
      expect(run.isOver()).toBe(true);
      expect(run.output()?.state).toBe('rejected.serverStopped');
      expect(run.clock.pending).toBe(0);
    });
  });
}
