import { describe, expect, test } from 'vitest';

import type { Direction } from '../../../src/machines/connection/connection.ts';
import {
  CANCEL_TIMEOUT_MS,
  type DialSchedulerReport,
  dialSchedulerMachine,
  REDIAL_DELAY_MS,
} from '../../../src/machines/dialing/dial-scheduler.ts';
import { dialInput, target } from '../../support/dial-input.ts';
import { runChild } from '../../support/run-machine.ts';

const ended = (id: string) => ({ type: 'dial.ended', id }) as const;
const added = (id: string) => ({ type: 'static.add', target: target(id) }) as const;
const removed = (id: string) => ({ type: 'static.remove', id }) as const;
const pending = (id: string) => ({ type: 'inbound.pending', id }) as const;
const completed = (id: string) => ({ type: 'inbound.completed', id }) as const;
const peerAdded = (id: string, direction: Direction = 'static') =>
  ({ type: 'peer.added', id, direction }) as const;
const peerRemoved = (id: string) => ({ type: 'peer.removed', id }) as const;

describe('static nodes', () => {
  test('are dialled from the start, as many as there are slots', () => {
    const run = schedule(['a', 'b', 'c', 'd', 'e']);
    expect(new Set(wanted(run)).size).toBe(4);
    expect(slots(run)).toBe('saturated');
  });

  test('are dialled as static, at the address that was given', () => {
    const run = schedule(['a']);
    expect(run.reports).toEqual([
      { type: 'dial.wanted', target: target('a'), direction: 'static', mayResolve: false },
    ]);
    expect(slots(run)).toBe('hungry');
  });

  test('wait for a slot', () => {
    const run = schedule(['a', 'b', 'c', 'd', 'e']);
    const [first, second] = wanted(run);
    run.send(ended(first!));
    expect(wanted(run).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(slots(run)).toBe('saturated');
    run.send(ended(second!));
    expect(slots(run)).toBe('hungry');
  });

  test('are dialled when they are added', () => {
    const run = schedule([]);
    expect(slots(run)).toBe('hungry');
    run.send(added('a'));
    expect(wanted(run)).toEqual(['a']);
  });

  test('are not dialled twice at once', () => {
    const run = schedule(['a']);
    run.send(added('a'));
    expect(wanted(run)).toEqual(['a']);
  });

  test('never include ourselves', () => {
    expect(wanted(schedule(['us', 'a']))).toEqual(['a']);
  });

  test('are never dialled when dialling is off', () => {
    const run = schedule(['a'], { maxDialed: 0 });
    expect(slots(run)).toBe('saturated');
    run.send(added('b'), removed('b'));
    expect(wanted(run)).toEqual([]);
  });
});

describe('the redial delay', () => {
  test('is 35 s from the start of a dial, to the millisecond', () => {
    const run = schedule(['a']);
    run.clock.advance(10_000);
    run.send(ended('a'));
    run.clock.advance(24_999);
    expect(wanted(run)).toEqual(['a']);
    run.clock.advance(1);
    expect(REDIAL_DELAY_MS).toBe(35_000);
    expect(wanted(run)).toEqual(['a', 'a']);
  });

  test('stays 35 s as long as dials fail', () => {
    const run = schedule(['a']);
    for (let round = 1; round < 5; round += 1) {
      run.send(ended('a'));
      run.clock.advance(REDIAL_DELAY_MS - 1);
      expect(wanted(run)).toHaveLength(round);
      run.clock.advance(1);
      expect(wanted(run)).toHaveLength(round + 1);
    }
  });

  test('a dial that takes longer is followed at once', () => {
    const run = schedule(['a']);
    run.clock.advance(40_000);
    expect(wanted(run)).toEqual(['a']);
    run.send(ended('a'));
    expect(wanted(run)).toEqual(['a', 'a']);
  });

  test('applies to a peer that leaves early', () => {
    const run = schedule(['a']);
    run.send(peerAdded('a'), ended('a'), peerRemoved('a'));
    run.clock.advance(34_999);
    expect(wanted(run)).toEqual(['a']);
    run.clock.advance(1);
    expect(wanted(run)).toEqual(['a', 'a']);
  });

  test('is over for a peer that leaves late: it is redialled at once', () => {
    const run = schedule(['a']);
    run.send(peerAdded('a'), ended('a'));
    run.clock.advance(REDIAL_DELAY_MS);
    run.send(peerRemoved('a'));
    expect(wanted(run)).toEqual(['a', 'a']);
  });

  test('does not apply to a node that is added again, and leaves one timer', () => {
    const run = schedule(['a']);
    run.clock.advance(1_000);
    run.send(ended('a'), added('a'));
    expect(wanted(run)).toEqual(['a', 'a']);
    expect(run.clock.pending).toBe(1);
    run.send(ended('a'));
    run.clock.advance(REDIAL_DELAY_MS - 1);
    expect(wanted(run)).toEqual(['a', 'a']);
    run.clock.advance(1);
    expect(wanted(run)).toEqual(['a', 'a', 'a']);
  });

  test('a node that is added again gets its new address', () => {
    const run = schedule(['a']);
    const moved = { ...target('a'), host: '198.51.100.7' };
    run.send(ended('a'), { type: 'static.add', target: moved });
    expect(run.reports.at(-1)).toMatchObject({ type: 'dial.wanted', target: moved });
  });
});

describe('a node that is removed', () => {
  test('is not dialled any more', () => {
    const run = schedule(['a']);
    run.send(ended('a'), removed('a'));
    run.clock.advance(REDIAL_DELAY_MS * 2);
    expect(wanted(run)).toEqual(['a']);
    expect(run.clock.pending).toBe(0);
  });

  test('has its running dial cancelled', () => {
    const run = schedule(['a', 'b']);
    run.send(removed('a'));
    expect(run.reports.slice(2)).toEqual([{ type: 'dial.unwanted', id: 'a', why: 'removed' }]);
  });

  test('keeps its slot until that dial has ended', () => {
    const run = schedule(['a', 'b', 'c', 'd', 'e']);
    const [first] = wanted(run);
    run.send(removed(first!));
    expect(wanted(run)).toHaveLength(4);
    run.send(ended(first!));
    expect(wanted(run).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('may come back: it is dialled as soon as the old dial has ended', () => {
    const run = schedule(['a']);
    run.send(removed('a'), added('a'));
    expect(wanted(run)).toEqual(['a']);
    run.send(ended('a'));
    expect(wanted(run)).toEqual(['a', 'a']);
  });

  test('may come back after its dial: it is dialled at once', () => {
    const run = schedule(['a']);
    run.send(ended('a'), removed('a'), added('a'));
    expect(wanted(run)).toEqual(['a', 'a']);
  });

  test('may be unknown', () => {
    const run = schedule([]);
    run.send(removed('a'));
    expect(run.reports).toEqual([]);
  });
});

describe('peers', () => {
  test('are not dialled, inbound or not', () => {
    const run = schedule([]);
    run.send(peerAdded('a', 'inbound'), peerAdded('b', 'dynamic'), added('a'), added('b'));
    expect(wanted(run)).toEqual([]);
    run.send(peerRemoved('a'));
    expect(wanted(run)).toEqual(['a']);
  });

  test('that we dialled end their dial by themselves', () => {
    const run = schedule(['a']);
    run.send(peerAdded('a', 'static'));
    expect(run.reports).toHaveLength(1);
  });

  test('of our own dials take two slots each', () => {
    const run = schedule([]);
    run.send(peerAdded('x'));
    expect(slots(run)).toBe('hungry');
    run.send(peerAdded('y', 'dynamic'));
    expect(slots(run)).toBe('saturated');
    run.send(added('a'));
    expect(wanted(run)).toEqual([]);
    run.send(peerRemoved('y'));
    expect(wanted(run)).toEqual(['a']);
  });

  test('that are inbound take no slot', () => {
    const run = schedule([]);
    for (const id of ['w', 'x', 'y', 'z']) run.send(peerAdded(id, 'inbound'));
    expect(slots(run)).toBe('hungry');
  });

  test('that are inbound make a dial to them unwanted', () => {
    const run = schedule(['a']);
    run.send(peerAdded('a', 'inbound'));
    expect(run.reports.at(-1)).toEqual({ type: 'dial.unwanted', id: 'a', why: 'connected' });
    run.send(ended('a'));
    run.clock.advance(REDIAL_DELAY_MS);
    expect(wanted(run)).toEqual(['a']);
  });
});

describe('stopping', () => {
  test('ends at once when no dial runs', () => {
    const run = schedule([]);
    run.send({ type: 'stop' });
    expect(run.state()).toBe('stopped');
    expect(run.clock.pending).toBe(0);
  });

  test('cancels every running dial and waits for each of them', () => {
    const run = schedule(['a', 'b']);
    run.send({ type: 'stop' });
    expect(run.state()).toBe('draining');
    expect(run.reports.slice(2)).toHaveLength(2);
    for (const id of ['a', 'b'])
      expect(run.reports).toContainEqual({ type: 'dial.unwanted', id, why: 'stopping' });
    run.send(ended('a'));
    expect(run.state()).toBe('draining');
    run.send(ended('b'));
    expect(run.isOver()).toBe(true);
    expect(run.clock.pending).toBe(0);
  });

  test('starts no more dials, whatever becomes due', () => {
    const run = schedule(['a', 'b', 'c', 'd', 'e']);
    const [first, second] = wanted(run);
    run.send(peerAdded('x', 'inbound'), { type: 'stop' });
    run.send(ended(first!), ended(second!), peerAdded('y', 'inbound'), peerRemoved('x'));
    run.send(added('f'), removed('f'), pending('z'), completed('z'), { type: 'stop' });
    for (const type of ['trusted.add', 'trusted.remove', 'backOff.over', 'peer.settled'] as const)
      run.send({ type, id: 'y' });
    expect(wanted(run)).toHaveLength(4);
  });

  test('is not delayed by a redial delay that ends meanwhile', () => {
    const run = schedule(['a', 'b']);
    run.clock.advance(REDIAL_DELAY_MS - 1);
    run.send({ type: 'stop' });
    run.clock.advance(1);
    expect(run.state()).toBe('draining');
    expect(wanted(run)).toHaveLength(2);
  });

  test('gives dials 4 s', () => {
    const run = schedule(['a']);
    run.send({ type: 'stop' });
    run.clock.advance(3_999);
    expect(run.state()).toBe('draining');
    run.clock.advance(1);
    expect(CANCEL_TIMEOUT_MS).toBe(4_000);
    expect(run.isOver()).toBe(true);
    expect(run.clock.pending).toBe(0);
  });
});

type SchedulerRun = ReturnType<typeof schedule>;

/** Two places for peers of our own dials, four dials at once. */
function schedule(statics: readonly string[], { maxDialed = 2 } = {}) {
  return runChild(
    dialSchedulerMachine,
    dialInput({ rules: { maxDialed }, statics: statics.map(target) }),
  );
}

const slots = (run: SchedulerRun): string | undefined => /slots\.(\w+)/.exec(run.state())?.[1];

/** Whom it wanted dialled so far, in order. */
const wanted = (run: SchedulerRun): string[] =>
  (run.reports as readonly DialSchedulerReport[]).flatMap((report) =>
    report.type === 'dial.wanted' ? report.target.id : [],
  );
