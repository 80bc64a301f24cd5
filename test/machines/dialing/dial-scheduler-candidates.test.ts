/** What discovery finds, and bootnodes when it finds nothing. */
import { describe, expect, test } from 'vitest';

import {
  CANDIDATE_PAUSE_MS,
  FALLBACK_DELAY_MS,
} from '../../../src/machines/dialing/dial-scheduler.ts';
import { target } from '../../support/dial-input.ts';
import {
  added,
  type DialRun,
  ended,
  peerAdded,
  peerRemoved,
  runDials,
  statics,
} from '../../support/dial-run.ts';

const dynamic = { hasCandidates: true };
const book = (run: DialRun) => run.actor.getSnapshot().context.state as { skipped: object };

describe('candidates', () => {
  test('are read one at a time, and only as there are slots', () => {
    const run = runDials({ ...dynamic, ...statics('a', 'b', 'c') });
    expect(run.source.commands).toEqual([{ type: 'pull' }]);
    expect(run.region('candidates')).toBe('pulling');
    run.find('x');
    expect(run.reports.at(-1)).toEqual({
      type: 'dial.wanted',
      target: target('x'),
      direction: 'dynamic',
      mayResolve: false,
      backOffDraw: expect.any(Number),
    });
    expect(run.source.commands).toHaveLength(1);
    run.send(ended('x'));
    expect(run.source.commands).toHaveLength(2);
  });

  test('are not read at all when static nodes need every slot', () => {
    const run = runDials({ ...dynamic, ...statics('a', 'b', 'c', 'd', 'e') });
    expect([run.source.live, run.source.commands]).toEqual([1, []]);
  });

  test('one of them may wait for a slot that a static node took, and is not lost', () => {
    const run = runDials({ ...dynamic, ...statics('a', 'b', 'c') });
    run.send(added('d'));
    run.find('x');
    expect(run.fresh()).toEqual(['a', 'b', 'c', 'd']);
    expect(run.region('candidates')).toBe('resting');
    run.send(ended('a'));
    expect(run.fresh()).toEqual(['x']);
    expect(run.source.commands).toHaveLength(1);
  });

  test('that are skipped are counted, and the next one is pulled after the pause', () => {
    const run = runDials(dynamic);
    run.send(peerAdded('x', 'inbound'));
    run.find('x');
    expect(book(run).skipped).toEqual({ alreadyConnected: 1 });
    run.clock.advance(CANDIDATE_PAUSE_MS - 1);
    run.send(peerRemoved('x'));
    expect(run.source.commands).toHaveLength(1);
    run.clock.advance(1);
    expect(run.source.commands).toHaveLength(2);
  });

  test('that are no enode URL are counted and skipped', () => {
    const run = runDials(dynamic);
    run.source.report({ type: 'candidate.invalid', detail: 'no URL' });
    expect(run.actor.getSnapshot().context.invalid).toBe(1);
    expect(run.region('candidates')).toBe('pausing');
    run.clock.advance(CANDIDATE_PAUSE_MS);
    expect(run.source.commands).toHaveLength(2);
  });

  test('are tried once: a failed dial is not repeated', () => {
    const run = runDials(dynamic);
    run.find('x');
    run.send(ended('x'));
    run.clock.advance(1_000_000);
    expect(run.fresh()).toEqual(['x']);
  });

  test('may end: static nodes are still dialled', () => {
    const run = runDials(dynamic);
    run.source.report({ type: 'candidates.ended' });
    expect([run.region('candidates'), run.reports]).toEqual(['exhausted', []]);
    run.send(added('a'), ended('a'));
    run.clock.advance(35_000);
    expect(run.fresh()).toEqual(['a', 'a']);
    expect(run.source.commands).toHaveLength(1);
  });

  test('may fail, which is reported: static nodes are still dialled', () => {
    const run = runDials(dynamic);
    run.source.report({ type: 'candidates.failed', message: 'no network' });
    expect(run.reports).toEqual([{ type: 'candidates.failed', message: 'no network' }]);
    run.send(added('a'));
    expect(run.fresh()).toEqual(['a']);
  });

  test('the last one may be skipped after its source has ended', () => {
    const run = runDials({ ...dynamic, ...statics('a', 'b', 'c') });
    run.send(added('d'));
    run.find('x');
    run.source.report({ type: 'candidates.ended' });
    run.send(peerAdded('x', 'inbound'), ended('a'));
    expect(book(run).skipped).toEqual({ alreadyConnected: 1 });
    expect([run.region('candidates'), run.clock.pending]).toEqual(['exhausted', 4]);
  });

  test('end with a source that breaks: that is reported, and static nodes are still dialled', () => {
    const run = runDials(dynamic);
    const error = new Error('oops');
    run.send({ type: 'xstate.error.actor.candidates', actorId: 'candidates', error });
    expect(run.region('candidates')).toBe('exhausted');
    expect(run.reports).toEqual([{ type: 'candidates.failed', message: 'Error: oops' }]);
    run.send(added('a'));
    expect(run.reports.at(-1)).toMatchObject({ type: 'dial.wanted', target: target('a') });
  });

  test('are closed when it stops', () => {
    const run = runDials(dynamic);
    run.find('x');
    run.send({ type: 'stop' });
    expect([run.state(), run.source.live]).toEqual(['draining', 0]);
    run.send(ended('x'));
    expect([run.isOver(), run.clock.pending]).toEqual([true, 0]);
  });

  test('are optional', () => {
    const run = runDials();
    expect([run.region('candidates'), run.source.inputs]).toEqual(['exhausted', []]);
  });
});

describe('DialStateDynDialBootnode', () => {
  const bootnodes = ['1', '2', '3'].map(target);
  const fallback = { bootnodes, rules: { maxDialed: 5, maxActive: 16 } };

  test('are dialled after 20 s without peers, one at a time, in turn, as dynamic dials', () => {
    const run = runDials(fallback);
    expect(run.region('fallback')).toBe('noPeers');
    run.clock.advance(FALLBACK_DELAY_MS - 1);
    expect(run.fresh()).toEqual([]);
    run.clock.advance(1);
    expect(FALLBACK_DELAY_MS).toBe(20_000);
    expect(run.region('fallback')).toBe('dialingBootnodes');
    expect(run.reports).toMatchObject([{ target: { id: '1' }, direction: 'dynamic' }]);
    for (const [id, next] of ['12', '23'] as unknown as [string, string][]) {
      run.fresh();
      run.clock.advance(1_000);
      run.send(ended(id));
      expect(run.fresh()).toEqual([next]);
    }
    run.send(ended('3'));
    expect(run.fresh()).toEqual([]); // all of them were dialled less than 35 s ago
    run.clock.advance(33_000);
    expect(run.fresh()).toEqual(['1']);
  });

  test('stop with the first peer, and begin again 20 s after the last one left', () => {
    const run = runDials(fallback);
    run.clock.advance(FALLBACK_DELAY_MS);
    run.send(peerAdded('x', 'inbound'), ended('1'));
    expect([run.fresh(), run.region('fallback')]).toEqual([['1'], 'hasPeers']);
    run.clock.advance(100_000);
    expect(run.fresh()).toEqual([]);
    run.send(peerRemoved('x'));
    run.clock.advance(FALLBACK_DELAY_MS - 1);
    expect(run.fresh()).toEqual([]);
    run.clock.advance(1);
    expect(run.fresh()).toEqual(['2']);
  });

  test('are not dialled when a peer comes in time', () => {
    const run = runDials(fallback);
    run.clock.advance(FALLBACK_DELAY_MS - 1);
    run.send(peerAdded('x', 'dynamic'));
    run.clock.advance(100_000);
    expect(run.fresh()).toEqual([]);
  });

  test('wait 20 s again after a peer that came and left', () => {
    const run = runDials(fallback);
    run.clock.advance(FALLBACK_DELAY_MS - 1);
    run.send(peerAdded('x', 'inbound'), peerRemoved('x'));
    run.clock.advance(FALLBACK_DELAY_MS - 1);
    expect(run.fresh()).toEqual([]);
    run.clock.advance(1);
    expect(run.fresh()).toEqual(['1']);
  });

  test('are not dialled where no dial is allowed', () => {
    const run = runDials({ bootnodes, rules: { maxDialed: 0 } });
    run.clock.advance(100_000);
    expect(run.fresh()).toEqual([]);
  });

  test('are not waited for where there are none', () => {
    const run = runDials();
    expect([run.region('fallback'), run.clock.pending]).toEqual(['noBootnodes', 0]);
  });
});
