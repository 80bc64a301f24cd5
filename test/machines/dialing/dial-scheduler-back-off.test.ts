import { describe, expect, test } from 'vitest';

import { REDIAL_DELAY_MS } from '../../../src/machines/dialing/dial-scheduler.ts';
import { type BackOff, MAX_BACK_OFFS } from '../../../src/machines/dialing/redial-back-off.ts';
import { target } from '../../support/dial-input.ts';
import {
  added,
  type DialRun,
  ended,
  peerAdded,
  removed,
  runDials,
  statics,
} from '../../support/dial-run.ts';

const HOUR: BackOff = { because: 'rejected.uselessPeer', ms: 3_600_000 };
const MANY = { rules: { maxDialed: 50, maxActive: 50 }, hasCandidates: true };

const endedFor = (id: string, backOff: BackOff) => ({ ...ended(id), backOff }) as const;

const left = (id: string, state: string) => ({ type: 'peer.removed', id, state }) as const;

const waiting = ({ actor }: DialRun) => actor.getSnapshot().context.facts.backingOff;

/** A candidate that discovery finds again and again. */
function offer(run: DialRun, id: string): string[] {
  run.find(id);
  run.clock.advance(100); // the pause after a skipped one
  return run.fresh();
}

describe('a node whose dial ended for a reason that lasts', () => {
  test('is not dialled before the wait of that reason is over', () => {
    const run = runDials(MANY);
    expect(offer(run, 'a')).toEqual(['a']);
    run.send(endedFor('a', HOUR));
    run.clock.advance(HOUR.ms - 1_000);
    expect(offer(run, 'a')).toEqual([]);
    run.clock.advance(1_000);
    expect(offer(run, 'a')).toEqual(['a']);
  });

  test('waits for the redial delay when it has no wait of its own', () => {
    const run = runDials(MANY);
    offer(run, 'a');
    run.send(ended('a'));
    run.clock.advance(REDIAL_DELAY_MS);
    expect(offer(run, 'a')).toEqual(['a']);
  });

  test('waits from its last end: an earlier timer is gone', () => {
    const run = runDials(MANY);
    run.send(endedFor('a', HOUR));
    run.clock.advance(HOUR.ms / 2);
    run.send(endedFor('a', HOUR));
    run.clock.advance(HOUR.ms - 1_000);
    expect(offer(run, 'a')).toEqual([]);
  });

  test('is dialled again when it is added or trusted', () => {
    for (const asked of [added('a'), { type: 'trusted.add', id: 'a' } as const]) {
      const run = runDials(MANY);
      run.send(endedFor('a', HOUR));
      expect(offer(run, 'a')).toEqual([]);
      run.send(asked);
      const dialled = asked.type === 'static.add' ? run.fresh() : offer(run, 'a');
      expect(dialled).toEqual(['a']);
    }
  });

  test('is forgotten when it becomes a peer by its own dial, and when it is removed', () => {
    for (const happening of [peerAdded('a', 'inbound'), removed('a')]) {
      const run = runDials(MANY);
      run.send(endedFor('a', HOUR), happening);
      expect(waiting(run).size).toBe(0);
    }
  });

  test('has no timer left after the scheduler stopped', () => {
    const run = runDials(MANY);
    run.send(endedFor('a', HOUR), { type: 'stop' });
    expect(run.clock.pending).toBe(0);
  });
});

describe('a peer that left', () => {
  test('waits by the state in which it ended', () => {
    const run = runDials(MANY);
    run.send(peerAdded('a', 'dynamic'));
    run.clock.advance(REDIAL_DELAY_MS);
    run.send(left('a', 'ending.refused.tooManyPeers'));
    run.clock.advance(47_000);
    expect(offer(run, 'a')).toEqual([]);
    run.clock.advance(25_000);
    expect(offer(run, 'a')).toEqual(['a']);
  });

  test('does not wait when it ended for a reason of ours', () => {
    const run = runDials(MANY);
    run.send(peerAdded('a', 'dynamic'));
    run.send(left('a', 'ending.failed.internalError'));
    expect(offer(run, 'a')).toEqual(['a']);
  });
});

describe('the wait by reason does not hold for', () => {
  test('static nodes', () => {
    const run = runDials({ ...MANY, ...statics('a') });
    expect(run.fresh()).toEqual(['a']);
    run.send(endedFor('a', HOUR));
    run.clock.advance(REDIAL_DELAY_MS);
    expect(run.fresh()).toEqual(['a']);
  });

  test('trusted nodes, until they are trusted no more', () => {
    const run = runDials({ ...MANY, trusted: ['a'] });
    run.send(endedFor('a', HOUR), left('a', 'ending.rejected.uselessPeer'));
    expect(offer(run, 'a')).toEqual(['a']);
    run.send({ type: 'trusted.remove', id: 'a' }, endedFor('a', HOUR));
    run.clock.advance(REDIAL_DELAY_MS);
    expect(offer(run, 'a')).toEqual([]);
  });

  test('any node when the option is off', () => {
    const run = runDials({ ...MANY, rules: { ...MANY.rules, backsOff: false } });
    expect(offer(run, 'a')).toEqual(['a']);
    expect(run.reports.at(-1)).not.toHaveProperty('backOffDraw');
    run.send(endedFor('a', HOUR));
    run.clock.advance(REDIAL_DELAY_MS);
    expect(offer(run, 'a')).toEqual(['a']);
  });

  test(`more than ${MAX_BACK_OFFS} nodes at once`, () => {
    const run = runDials(MANY);
    for (let place = 0; place <= MAX_BACK_OFFS; place += 1) run.send(endedFor(`n${place}`, HOUR));
    const backingOff = waiting(run);
    expect(backingOff.size).toBe(MAX_BACK_OFFS);
    run.send(endedFor('n7', { ...HOUR, because: 'connectTimeout' })); // one that waits already
    expect(waiting(run).get('n7')?.because).toBe('connectTimeout');
    expect(offer(run, 'n8')).toEqual([]);
    expect(offer(run, `n${MAX_BACK_OFFS}`)).toEqual([`n${MAX_BACK_OFFS}`]);
  });
});

test('each dial that may have to wait carries a random number, and the same seed draws the same ones', () => {
  const draws = (seed: number): (number | undefined)[] => {
    const run = runDials({ ...MANY, seed });
    for (const id of ['a', 'b', 'c']) run.find(id);
    return run.reports.flatMap((report) =>
      report.type === 'dial.wanted' ? [report.backOffDraw] : [],
    );
  };
  expect(draws(7)).toEqual(draws(7));
  expect(new Set([...draws(7), ...draws(8)]).size).toBe(6);
  const run = runDials({ ...MANY, ...statics('a') });
  expect(run.reports[0]).toEqual({
    type: 'dial.wanted',
    ...{ target: target('a'), direction: 'static', mayResolve: false },
  });
});
