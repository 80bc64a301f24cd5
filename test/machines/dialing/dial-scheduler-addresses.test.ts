/** Where a node is, and who calls us meanwhile: the rest of the scenarios of go-ethereum's p2p/dial_test.go. */
import { describe, expect, test } from 'vitest';
import { RESOLVE_PAUSE_MS } from '../../../src/machines/dialing/dial-generator.ts';
import { REDIAL_DELAY_MS } from '../../../src/machines/dialing/dial-scheduler.ts';
import { target } from '../../support/dial-input.ts';
import { added, completed, pending, runDials } from '../../support/dial-run.ts';

const dynamic = { hasCandidates: true };

describe('DialSchedResolve, DialResolve', () => {
  const nowhere = { ...target('1'), host: '', hostKind: 'none', tcpPort: 0 } as const;
  const rules = { canResolve: true };

  test('a static node without an address is dialled, and may be resolved for it', () => {
    const run = runDials({ rules, statics: [nowhere] });
    expect(run.reports).toEqual([
      { type: 'dial.wanted', target: nowhere, direction: 'static', mayResolve: true },
    ]);
  });

  test('quirk 5: a node that is not found is resolved again after 60 s, 120 s and so on, not at each dial', () => {
    const run = runDials({ rules, statics: [nowhere] });
    const asked: number[] = [];
    for (let dial = 0; dial < 30; dial += 1) {
      const latest = run.reports.at(-1);
      const mayResolve = latest?.type === 'dial.wanted' && latest.mayResolve;
      if (mayResolve) asked.push(run.clock.now() / 1_000);
      run.send({
        type: 'dial.ended',
        id: '1',
        ...(mayResolve && { resolution: { type: 'notFound' } }),
      });
      run.clock.advance(REDIAL_DELAY_MS);
    }
    expect(asked).toEqual([0, 70, 210, 455, 945]);
  });

  test('the next dial uses the address that was found', () => {
    const run = runDials({ rules, statics: [nowhere] });
    const resolution = { type: 'found', host: '198.51.100.7', port: 30304 } as const;
    run.send({ type: 'dial.ended', id: '1', resolution });
    run.clock.advance(REDIAL_DELAY_MS);
    expect(run.reports.at(-1)).toMatchObject({
      target: { host: '198.51.100.7', hostKind: 'ipv4', tcpPort: 30304 },
      mayResolve: false,
    });
  });

  test('a pause that ends while it stops resolves nothing', () => {
    const run = runDials({ rules, statics: [nowhere] });
    run.send({ type: 'dial.ended', id: '1', resolution: { type: 'notFound' } });
    run.clock.advance(RESOLVE_PAUSE_MS - 1);
    expect(run.reports).toHaveLength(2); // dialled again, and not over yet
    run.send({ type: 'stop' });
    run.clock.advance(1);
    expect(run.state()).toBe('draining');
    expect(run.reports.slice(2)).toEqual([{ type: 'dial.unwanted', id: '1', why: 'stopping' }]);
  });

  test('quirk 22: adding the node again ends the pause', () => {
    const run = runDials({ rules, statics: [nowhere] });
    run.send({ type: 'dial.ended', id: '1', resolution: { type: 'notFound' } });
    run.send({ type: 'static.add', target: nowhere });
    expect(run.reports.at(-1)).toMatchObject({ mayResolve: true });
    expect(run.clock.pending).toBe(1); // its history alone
  });
});

describe('DialSchedDNSHostname', () => {
  test('quirk 12: a static node with a name is dialled: NetRestrict applies to its address', () => {
    const named = { ...target('1'), host: 'node.example', hostKind: 'name' } as const;
    const run = runDials({ rules: { isInNetRestrict: () => false }, statics: [named] });
    expect(run.reports).toMatchObject([{ type: 'dial.wanted', target: named }]);
  });
});

describe('DialSchedPendingInbound', () => {
  test('a node with a pending inbound connection is not dialled', () => {
    const run = runDials();
    run.send(pending('1'), added('1'), added('2'));
    expect(run.fresh()).toEqual(['2']);
    run.send(completed('1'));
    expect(run.fresh()).toEqual(['1']);
  });

  test('quirk 11: two pending connections of one node count as two', () => {
    const run = runDials();
    run.send(pending('1'), pending('1'), added('1'), completed('1'));
    expect(run.fresh()).toEqual([]);
    run.send(completed('1'));
    expect(run.fresh()).toEqual(['1']);
    expect(run.actor.getSnapshot().context.facts.pendingInbound.size).toBe(0);
  });

  test('quirk 11: an end without a beginning changes nothing', () => {
    const run = runDials();
    run.send(completed('1'), pending('1'), added('1'));
    expect(run.fresh()).toEqual([]);
  });

  test('a candidate with a pending inbound connection is skipped', () => {
    const run = runDials(dynamic);
    run.send(pending('1'));
    run.find('1');
    expect([run.fresh(), run.region('candidates')]).toEqual([[], 'pausing']);
  });
});
