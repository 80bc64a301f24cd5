import { describe, expect, test } from 'vitest';

import { DRAIN_TIMEOUT_MS } from '../../../src/machines/listening/listener.ts';
import {
  accepted,
  expectClosed,
  full,
  gone,
  listening,
  paused,
  portsTaken,
  returned,
} from '../../support/listener-run.ts';

describe('closing', () => {
  for (const [state, reach] of [
    ['accepting', () => listening(1)],
    ['pausing', paused],
  ] as const)
    test(`while ${state} without a handshake: waits for the system only`, () => {
      const run = reach();
      run.send({ type: 'close' });
      expect(run.trail).toContain('open.draining');
      expect(run.state()).toBe('open.closing');
      expect(run.socket.commands).toEqual([{ type: 'close' }]);
      run.socket.report(gone);
      expectClosed(run);
    });

  test('while full: waits for every handshake, then for the system', () => {
    const run = full(2);
    run.send({ type: 'close' });
    expect(run.state()).toBe('open.draining');
    expect(run.socket.commands).toEqual([{ type: 'close' }]);
    run.send(returned(1));
    expect(run.state()).toBe('open.draining');
    run.send(returned(2));
    expect(run.state()).toBe('open.closing');
    run.socket.report(gone);
    expectClosed(run);
  });

  test('turns away connections that come late', () => {
    const run = full(2);
    const late = accepted(9);
    run.send({ type: 'close' });
    run.socket.report(late);
    expect(run.socket.commands.at(-1)).toEqual({ type: 'turn.away', stream: late.stream });
    expect(portsTaken(run)).toEqual([1, 2]);
  });

  test('twice is once', () => {
    const run = full(1);
    run.send({ type: 'close' }, { type: 'close' }, returned(1), { type: 'close' });
    expect(run.socket.commands).toEqual([{ type: 'close' }]);
  });

  test('gives handshakes 4 s to return their slots', () => {
    const run = full(1);
    run.send({ type: 'close' });
    run.clock.advance(3_999);
    expect(run.state()).toBe('open.draining');
    run.clock.advance(1);
    expect(DRAIN_TIMEOUT_MS).toBe(4_000);
    expectClosed(run);
  });

  test('gives the operating system 4 s to free the address', () => {
    const run = listening(1);
    run.send({ type: 'close' });
    run.clock.advance(3_999);
    expect(run.state()).toBe('open.closing');
    run.clock.advance(1);
    expectClosed(run);
  });

  test('waits for the last handshake after the address is free', () => {
    const run = full(1);
    run.send({ type: 'close' });
    run.socket.report(gone);
    expect(run.state()).toBe('emptying');
    run.send({ type: 'close' }, returned(1));
    expectClosed(run);
  });

  test('gives that handshake 4 s as well', () => {
    const run = full(1);
    run.send({ type: 'close' });
    run.socket.report(gone);
    run.clock.advance(3_999);
    expect(run.state()).toBe('emptying');
    run.clock.advance(1);
    expectClosed(run);
  });
});
