import { describe, expect, test } from 'vitest';

import {
  KEY_TIMEOUT_MS,
  SIGN_TIMEOUT_MS,
  STORE_CLOSE_TIMEOUT_MS,
  STORE_TIMEOUT_MS,
  VOTE_PAUSE_MS,
} from '../../../src/machines/discovery/local-node.ts';
import {
  ELSEWHERE,
  KEPT,
  NEXT_SEQ,
  OUTSIDE,
  OUTSIDE_V6,
  runLocalNode,
  runLocalNodeToServing,
  signedRecord,
  stated,
} from '../../support/local-node-run.ts';

describe('loading', () => {
  test('first the key, then the store; then the server gets a report', () => {
    const run = runLocalNode();
    expect([run.state(), run.store.live]).toEqual(['preparing', 0]);
    run.key.report({ type: 'key.ready' });
    expect([run.state(), run.store.live]).toEqual(['open.loading', 1]);
    expect(run.reports).toEqual([]);
    run.store.report({ type: 'store.opened', nextSeq: NEXT_SEQ });
    expect(run.reports).toEqual([{ type: 'localNode.ready' }]);
  });

  test('a key that does not work ends it, with the reason', () => {
    const run = runLocalNode();
    run.key.report({ type: 'key.failed', message: 'no curve' });
    expect(run.reports).toEqual([{ type: 'localNode.failed', message: 'no curve' }]);
    expect(run.state()).toBe('failed');
  });

  test('a key is waited for 9 s', () => {
    const run = runLocalNode();
    run.clock.advance(KEY_TIMEOUT_MS - 1);
    expect(run.state()).toBe('preparing');
    run.clock.advance(1);
    expect(run.reports).toEqual([
      { type: 'localNode.failed', message: 'the key was not ready in time' },
    ]);
  });

  test('a store is waited for 6 s', () => {
    const run = runLocalNode();
    run.key.report({ type: 'key.ready' });
    run.clock.advance(STORE_TIMEOUT_MS - 1);
    expect(run.state()).toBe('open.loading');
    run.clock.advance(1);
    expect(run.reports).toEqual([
      { type: 'localNode.failed', message: 'the node store was not opened in time' },
    ]);
    expect([run.state(), run.store.live]).toEqual(['failed', 0]);
  });

  test('a fault of the store is reported, and does not end it', () => {
    const run = runLocalNode();
    run.key.report({ type: 'key.ready' });
    run.store.report({ type: 'store.faulted', message: 'full' });
    run.store.report({ type: 'store.opened', nextSeq: NEXT_SEQ });
    run.store.report({ type: 'store.faulted', message: 'fuller' });
    expect(run.reports.map(({ type }) => type)).toEqual([
      'store.faulted',
      'localNode.ready',
      'store.faulted',
    ]);
  });
});

describe('the record', () => {
  test('is not signed before it is wanted', () => {
    const run = runLocalNodeToServing();
    expect([run.regions()['record'], run.key.commands]).toEqual(['changed', []]);
    expect(run.record()).toEqual(signedRecord(NEXT_SEQ));
    expect(run.regions()['record']).toBe('current');
    expect(run.claims()).toEqual({
      ipv4: { why: 'fallback', host: '127.0.0.1', udpPort: 0 },
      ipv6: null,
      tcpPort: 30_303,
      udpPort: 0,
    });
  });

  test('is that of the last run when it says the same, and then the next one has the next number', () => {
    const run = runLocalNodeToServing();
    run.setManner('keeps');
    expect(run.record()).toBe(KEPT);
    expect([run.regions()['record'], run.store.commands]).toEqual(['current', []]);
    run.setManner('signs');
    run.send({ type: 'udp.bound', port: 9 });
    expect(run.record()).toEqual(signedRecord(NEXT_SEQ));
  });

  test('is missing while the key does not sign, until something changes', () => {
    const run = runLocalNodeToServing();
    run.setManner('fails');
    expect([run.record(), run.regions()['record']]).toEqual([null, 'current']);
    run.setManner('signs');
    run.send({ type: 'udp.bound', port: 9 });
    expect(run.record()).toEqual(signedRecord(NEXT_SEQ));
  });

  test('that is not signed yet does not keep us from closing', () => {
    const run = runLocalNodeToServing();
    run.setManner('silent');
    run.send({ type: 'record.wanted' }, { type: 'close' });
    for (const type of ['record.signed', 'record.kept'] as const)
      run.key.report({ type, record: signedRecord(NEXT_SEQ) });
    expect([run.state(), run.store.commands]).toEqual(['open.closing', [{ type: 'close' }]]);
  });

  test('is signed once, as long as nothing changes', () => {
    const run = runLocalNodeToServing();
    for (let time = 0; time < 5; time += 1) run.record();
    run.send({ type: 'tcp.bound', port: 30_303 });
    run.record();
    expect(run.key.commands).toHaveLength(1);
    expect(run.store.commands).toEqual([{ type: 'record.save', record: signedRecord(NEXT_SEQ) }]);
  });

  test('has the next number after each change, and is saved', () => {
    const run = runLocalNodeToServing();
    run.record();
    for (const port of [30_301, 30_302]) {
      run.send({ type: 'udp.bound', port });
      expect(run.regions()['record']).toBe('changed');
      run.record();
    }
    expect(run.key.commands.map(({ seq }) => seq - NEXT_SEQ)).toEqual([0, 1, 2]);
    expect(run.record()).toEqual(signedRecord(NEXT_SEQ + 2));
    expect(run.store.commands.at(-1)).toEqual({ type: 'record.save', record: run.record() });
  });

  test('that changes while it is signed is signed again', () => {
    const run = runLocalNodeToServing();
    run.setManner('silent');
    run.send({ type: 'record.wanted' }, { type: 'record.wanted' }, { type: 'udp.bound', port: 9 });
    expect([run.regions()['record'], run.key.commands.length]).toEqual(['signing', 1]);
    run.key.report({ type: 'record.signed', record: signedRecord(NEXT_SEQ) });
    expect(run.regions()['record']).toBe('changed');
  });

  test('stays as it was when the key does not sign, until something changes', () => {
    const run = runLocalNodeToServing();
    const first = run.record();
    run.setManner('fails');
    run.send({ type: 'udp.bound', port: 9 });
    for (let time = 0; time < 3; time += 1) expect(run.record()).toBe(first);
    expect(run.regions()['record']).toBe('current');
    expect(run.reports.slice(1)).toEqual([{ type: 'record.failed', message: 'no' }]);
    run.setManner('signs');
    run.send({ type: 'udp.bound', port: 10 });
    expect(run.record()).toEqual(signedRecord(NEXT_SEQ + 1));
  });

  test('is not waited for longer than 1 s', () => {
    const run = runLocalNodeToServing();
    run.setManner('silent');
    run.send({ type: 'record.wanted' });
    run.clock.advance(SIGN_TIMEOUT_MS - 1);
    expect(run.regions()['record']).toBe('signing');
    run.clock.advance(1);
    expect(run.reports.at(-1)).toEqual({
      type: 'record.failed',
      message: 'the key did not sign in time',
    });
    run.key.report({ type: 'record.signed', record: signedRecord(NEXT_SEQ) }); // too late
    run.key.report({ type: 'record.kept', record: KEPT });
    run.key.report({ type: 'record.failed', message: 'no' });
    expect(run.reports).toHaveLength(2);
    expect(run.regions()['record']).toBe('current');
  });
});

describe('the endpoint', () => {
  test('of the operator is claimed, whatever others see', () => {
    const run = runLocalNodeToServing({ externalHosts: { ipv4: '198.51.100.1', ipv6: null } });
    run.vote(20);
    run.record();
    expect(run.claims()?.ipv4).toMatchObject({ why: 'static', host: '198.51.100.1' });
    expect(run.regions()).toMatchObject({ ipv4: 'static', predictions: 'awaited' });
  });

  test('of the operator may be an IPv6 one', () => {
    const run = runLocalNodeToServing({ externalHosts: { ipv4: null, ipv6: '2001:db8::1' } });
    expect(run.regions()).toMatchObject({ ipv4: 'fallback', ipv6: 'static' });
  });

  test('of IPv6 is predicted in place of the address we listen at', () => {
    const run = runLocalNodeToServing({ fallbackHosts: { ipv4: null, ipv6: '::1' } });
    run.vote(10, OUTSIDE_V6);
    expect(run.regions()).toMatchObject({ ipv4: 'unknown', ipv6: 'predicted' });
  });

  test('is predicted by 10 networks, and not by 9', () => {
    const run = runLocalNodeToServing();
    run.vote(9);
    expect(run.regions()).toMatchObject({ ipv4: 'fallback', ipv6: 'unknown' });
    run.vote(1, OUTSIDE, 9);
    expect(run.regions()).toMatchObject({ ipv4: 'predicted', ipv6: 'unknown' });
    run.record();
    expect(run.claims()?.ipv4).toEqual({ why: 'predicted', host: OUTSIDE.host, udpPort: 30_303 });
  });

  test('of each family is predicted by itself', () => {
    const run = runLocalNodeToServing();
    run.vote(9);
    run.vote(10, OUTSIDE_V6, 20);
    expect(run.regions()).toMatchObject({ ipv4: 'fallback', ipv6: 'predicted' });
    run.record();
    expect(run.claims()?.ipv6).toEqual({
      why: 'predicted',
      host: OUTSIDE_V6.host,
      udpPort: 30_304,
    });
  });

  test('that one network states a thousand times is not predicted', () => {
    const run = runLocalNodeToServing();
    for (let at = 0; at < 1_000; at += 1) run.send(stated('198.51.100.0/24', ELSEWHERE, at));
    expect(run.regions()['ipv4']).toBe('fallback');
  });

  test('changes once in 10 minutes by predictions, however often they change', () => {
    const run = runLocalNodeToServing();
    run.vote(10);
    run.record();
    for (let minute = 1; minute < 10; minute += 1) {
      run.clock.advance(60_000);
      const [count, endpoint] = minute % 2 === 0 ? [50, OUTSIDE] : [100, ELSEWHERE];
      run.vote(count, endpoint, 100 * minute);
      run.record();
    }
    expect(run.key.commands).toHaveLength(1);
    run.clock.advance(VOTE_PAUSE_MS - 540_000 - 1);
    expect(run.regions()['predictions']).toBe('pausing');
    run.clock.advance(1);
    run.record();
    expect(run.claims()?.ipv4).toMatchObject({ host: ELSEWHERE.host });
    expect(run.key.commands).toHaveLength(2);
  });

  test('that was predicted stays until ten networks state another one', () => {
    const run = runLocalNodeToServing({ fallbackHosts: { ipv4: null, ipv6: '::1' } });
    expect(run.regions()).toMatchObject({ ipv4: 'unknown', ipv6: 'fallback' });
    run.vote(10);
    run.clock.advance(VOTE_PAUSE_MS);
    run.vote(9, ELSEWHERE);
    run.record();
    expect(run.claims()?.ipv4).toMatchObject({ host: OUTSIDE.host });
    run.vote(1, ELSEWHERE, 9);
    run.record();
    expect(run.claims()?.ipv4).toMatchObject({ host: ELSEWHERE.host });
    expect(run.regions()).toMatchObject({ ipv4: 'predicted', predictions: 'pausing' });
  });

  test('that is stated before the store is open, or after it is closed, changes nothing', () => {
    const run = runLocalNode();
    run.vote(10);
    run.key.report({ type: 'key.ready' });
    run.send(
      { type: 'tcp.bound', port: 1 },
      { type: 'udp.bound', port: 1 },
      { type: 'record.wanted' },
    );
    run.store.report({ type: 'store.opened', nextSeq: NEXT_SEQ });
    expect(run.regions()['ipv4']).toBe('fallback');
    run.send({ type: 'close' });
    run.vote(10);
    expect(run.key.commands).toEqual([]);
  });
});

describe('closing', () => {
  test('waits for the store', () => {
    const run = runLocalNodeToServing();
    run.send({ type: 'close' }, { type: 'close' });
    expect([run.state(), run.store.commands.at(-1)]).toEqual(['open.closing', { type: 'close' }]);
    run.store.report({ type: 'store.closed' });
    expect([run.state(), run.store.live, run.key.live]).toEqual(['closed', 0, 0]);
    expect(run.clock.pending).toBe(0);
  });

  test('waits for it for 2 s', () => {
    const run = runLocalNodeToServing();
    run.send({ type: 'close' });
    run.clock.advance(STORE_CLOSE_TIMEOUT_MS - 1);
    expect(run.isOver()).toBe(false);
    run.clock.advance(1);
    expect(run.state()).toBe('closed');
  });

  test('waits for a store that is being opened', () => {
    const run = runLocalNode();
    run.key.report({ type: 'key.ready' });
    run.send({ type: 'close' });
    run.store.report({ type: 'store.opened', nextSeq: NEXT_SEQ });
    run.store.report({ type: 'store.closed' });
    expect([run.state(), run.reports]).toEqual(['closed', []]);
  });

  test('of a local node without a store is immediate', () => {
    const run = runLocalNode();
    run.send({ type: 'close' });
    expect(run.state()).toBe('closed');
  });
});
