import { describe, expect, test } from 'vitest';

import {
  CLOSE_TIMEOUT_MS,
  MIN_STORED_AGE,
  STORE_INTERVAL_MS,
  type TableMaintenanceEvent,
  tableMaintenanceMachine,
} from '../../../src/machines/discovery/table-maintenance.ts';
import { FakeActor } from '../../../src/testing/machine/fake-actor.ts';
import { runChild } from '../../support/run-machine.ts';
import { nodesAt } from '../../support/table-nodes.ts';
import {
  findings,
  restingTable,
  runTable,
  servingTable,
  tableInput,
  udpAddress,
} from '../../support/table-run.ts';

const [a] = nodesAt(256, 1) as [ReturnType<typeof nodesAt>[0]];
const close = { type: 'close' } as const;
const lost = { type: 'network.lost', message: 'ENETDOWN', retryInMs: 1_000 } as const;

/** Events that may come while it closes. */
const LATE: readonly TableMaintenanceEvent[] = [
  { type: 'network.bound', address: udpAddress },
  { type: 'network.failed', message: 'late' },
  lost,
  { type: 'network.restored' },
  { type: 'check.answered', id: a.id, node: a },
  { type: 'check.failed', id: a.id },
  { type: 'check.overdue', id: a.id },
  { type: 'node.proven', node: a },
  { type: 'seeds.found', nodes: [a] },
  { type: 'seeds.failed', message: 'late' },
  { type: 'lookup.ended', lookupId: 1, ...findings([a]) },
  { type: 'nodes.found', ...findings([a]) },
  { type: 'bootnodes.found', nodes: [a] },
  { type: 'refresh.wanted' },
  close,
];

describe('close', () => {
  test('has the store write, then closes the socket', () => {
    const run = restingTable();
    run.send(close);
    expect(run.state()).toBe('saving');
    expect(run.store.commands.at(-1)).toEqual({ type: 'nodes.save', nodes: [] });
    expect(run.network.commands).toEqual([]);
    run.store.report({ type: 'nodes.saved' });
    expect(run.state()).toBe('closing');
    expect(run.network.commands).toEqual([{ type: 'close' }]);
    run.network.report({ type: 'network.closed' });
    expect(run.state()).toBe('closed');
    expect(run.reports.filter(({ type }) => type === 'discovery.failed')).toEqual([]);
    expect(run.clock.pending).toBe(0);
    expect([run.network.live, run.store.live]).toEqual([0, 0]);
  });

  test('waits for neither longer than 2 s', () => {
    const run = restingTable();
    run.send(close);
    run.clock.advance(CLOSE_TIMEOUT_MS - 1);
    expect(run.state()).toBe('saving');
    run.clock.advance(1);
    expect(run.state()).toBe('closing');
    run.clock.advance(CLOSE_TIMEOUT_MS - 1);
    expect(run.state()).toBe('closing');
    run.clock.advance(1);
    expect(run.state()).toBe('closed');
  });

  test('stores what stayed long enough and was not stored yet', () => {
    const run = restingTable({}, [a]);
    let seen = 0;
    const until = MIN_STORED_AGE * STORE_INTERVAL_MS;
    for (let time = 0; time < until; time += 1_000) {
      run.clock.advance(1_000);
      for (const id of run.checked().slice(seen))
        run.network.report({ type: 'check.answered', id, node: a });
      seen = run.checked().length;
    }
    expect(run.saved()).toEqual([[a]]);
    const newer = { ...a, tcpPort: 1 };
    run.network.report({ type: 'node.proven', node: newer });
    run.send(close);
    expect(run.saved().at(-1)).toEqual([newer]);
  });

  test.each([
    ['binding', () => runTable(), 'closing'],
    ['loading', loading, 'saving'],
    ['offline', offline, 'saving'],
    ['serving', () => servingTable(), 'saving'],
  ] as const)('is possible in %s', (state, begin, next) => {
    const run = begin();
    expect(run.state()).toMatch(state);
    run.send(close);
    expect(run.state()).toBe(next);
  });

  test('leaves events alone that come too late', () => {
    const run = restingTable();
    run.send(close, ...LATE);
    expect(run.state()).toBe('saving');
    run.network.report({ type: 'network.closed' });
    expect(run.state()).toBe('saving');
    run.store.report({ type: 'nodes.saved' });
    run.store.report({ type: 'nodes.saved' });
    run.send(...LATE);
    expect(run.state()).toBe('closing');
    run.network.report({ type: 'network.closed' });
    expect(run.state()).toBe('closed');
  });
});

describe('an adapter that breaks', () => {
  const breaking = <Command extends { type: string }>(at: string) =>
    new FakeActor<Command, { type: string }, unknown>(({ type }) => {
      if (type === at) throw new Error('a bug');
    });

  /** @param networkAt When the network breaks too. */
  function run(breaks: 'network' | 'store', at: string, networkAt = '') {
    const network = breaking(breaks === 'network' ? at : networkAt);
    const store = breaking(breaks === 'store' ? at : '');
    const actors = { network: network.logic as never, store: store.logic as never };
    const child = runChild(tableMaintenanceMachine.provide({ actors }), tableInput());
    network.report({ type: 'network.bound', address: udpAddress } as never);
    return { ...child, network, store };
  }
  const failure = (message: string) => ({ type: 'discovery.failed', version: 'v4', message });

  test('the network: discovery has failed', () => {
    const child = run('network', 'check');
    child.store.report({ type: 'seeds.found', nodes: [a] } as never);
    child.clock.advance(3_000);
    expect(child.state()).toBe('failed');
    expect(child.reports.at(-1)).toEqual(failure('the adapter of the network broke'));
  });

  test('the network while it closes: it is closed', () => {
    const child = run('network', 'close');
    child.send(close);
    child.store.report({ type: 'nodes.saved' });
    expect(child.state()).toBe('closed');
  });

  test('the store: discovery has failed, once the socket is closed', () => {
    const child = run('store', 'seeds.wanted');
    expect(child.state()).toBe('closing');
    expect(child.reports).toHaveLength(1);
    child.network.report({ type: 'network.closed' });
    expect(child.state()).toBe('failed');
    expect(child.reports.at(-1)).toEqual(failure('the adapter of the store broke'));
  });

  test('the store while it saves: the socket is closed all the same', () => {
    const child = run('store', 'nodes.save');
    child.send(close);
    expect(child.state()).toBe('closing');
    child.network.report({ type: 'network.closed' });
    expect(child.state()).toBe('closed');
  });

  test('the store: discovery has failed, when the socket does not close too', () => {
    const child = run('store', 'seeds.wanted');
    child.clock.advance(CLOSE_TIMEOUT_MS);
    expect(child.state()).toBe('failed');
  });

  test('the store, and then the network: discovery has failed', () => {
    const child = run('store', 'seeds.wanted', 'close');
    expect(child.state()).toBe('failed');
    expect(child.reports.at(-1)).toEqual(failure('the adapter of the store broke'));
  });

  test('the store while the socket closes: it is closed', () => {
    const child = run('network', 'nothing');
    child.send(close);
    child.store.report({ type: 'nodes.saved' } as never);
    const broke = { type: 'xstate.error.actor.store', actorId: 'store', error: new Error('a bug') };
    child.send(broke as never);
    child.network.report({ type: 'network.closed' } as never);
    expect(child.state()).toBe('closed');
  });
});

function loading() {
  const run = runTable();
  run.network.report({ type: 'network.bound', address: udpAddress });
  return run;
}

function offline() {
  const run = restingTable();
  run.network.report(lost);
  return run;
}
