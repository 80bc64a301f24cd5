/** Start, and when nodes are looked for. */
import { describe, expect, test } from 'vitest';

import type { Node } from '../../../src/io/crypto/node.ts';
import {
  BIND_TIMEOUT_MS,
  CLOSE_TIMEOUT_MS,
  LOOKUP_REPORT_TIMEOUT_MS,
  MAX_RETRY_PAUSE_MS,
  REFRESH_INTERVAL_MS,
  RETRY_PAUSE_MS,
  SEED_COUNT,
  SEED_MAX_AGE_MS,
  SEEDS_TIMEOUT_MS,
} from '../../../src/machines/discovery/table-maintenance.ts';
import { idsOf, nodesAt } from '../../support/table-nodes.ts';
import {
  findings,
  OUR_KEY,
  restingTable,
  runTable,
  servingTable,
  type TableRun,
  udpAddress,
} from '../../support/table-run.ts';

const [a, b, c] = nodesAt(256, 3) as [Node, Node, Node];
const bound = { type: 'network.bound', address: udpAddress } as const;
const seedsWanted = { type: 'seeds.wanted', count: SEED_COUNT, maxAgeMs: SEED_MAX_AGE_MS };
const refresh = (run: TableRun) =>
  (run.actor.getSnapshot().value as { serving?: { refresh: string } }).serving?.refresh;

describe('the start', () => {
  test('is reported with the address that was bound', () => {
    const run = runTable();
    expect(run.state()).toBe('binding');
    run.network.report(bound);
    expect(run.reports).toEqual([{ type: 'discovery.ready', version: 'v4', address: udpAddress }]);
    expect(run.state()).toBe('loading');
    expect(run.store.commands).toEqual([seedsWanted]);
  });

  test('each report names the version of discovery', () => {
    const run = servingTable({ version: 'v5' });
    run.network.report({ type: 'network.lost', message: 'ENETDOWN', retryInMs: 1_000 });
    run.network.report({ type: 'network.restored' });
    run.network.report({ type: 'network.closed' });
    expect(run.reports).toMatchObject([
      { type: 'discovery.ready', version: 'v5' },
      { type: 'lookup.wanted', version: 'v5' },
      { type: 'discovery.lost', version: 'v5' },
      { type: 'discovery.restored', version: 'v5' },
      { type: 'discovery.failed', version: 'v5' },
    ]);
  });

  test('fails when the address cannot be bound', () => {
    const run = runTable();
    run.network.report({ type: 'network.failed', message: 'EADDRINUSE' });
    expect(run.state()).toBe('failed');
    expect(run.reports).toEqual([
      { type: 'discovery.failed', version: 'v4', message: 'EADDRINUSE' },
    ]);
  });

  test('fails when binding takes too long, after the socket is closed', () => {
    const run = runTable();
    run.clock.advance(BIND_TIMEOUT_MS - 1);
    expect(run.state()).toBe('binding');
    run.clock.advance(1);
    expect(run.state()).toBe('closing');
    run.network.report({ type: 'network.closed' });
    expect(run.state()).toBe('failed');
    expect(run.reports).toEqual([
      { type: 'discovery.failed', version: 'v4', message: 'binding took too long' },
    ]);
  });

  test('goes on with the nodes of the store and the bootnodes', () => {
    const run = servingTable({ bootnodes: [b] }, [a]);
    expect(idsOf(run.table())).toEqual([a.id, b.id]);
    expect(run.lookups()).toEqual([
      { type: 'lookup.wanted', version: 'v4', lookupId: 1, target: OUR_KEY },
    ]);
  });

  test('goes on without the store when it fails or takes too long', () => {
    const failing = runTable({ bootnodes: [b] });
    failing.network.report(bound);
    failing.store.report({ type: 'seeds.failed', message: 'EIO' });
    expect(idsOf(failing.table())).toEqual([b.id]);

    const slow = runTable();
    slow.network.report(bound);
    slow.clock.advance(SEEDS_TIMEOUT_MS - 1);
    expect(slow.state()).toBe('loading');
    slow.clock.advance(1);
    expect(refresh(slow)).toBe('lookingUp');
    slow.store.report({ type: 'seeds.found', nodes: [a] });
    expect(idsOf(slow.table())).toEqual([a.id]);
    slow.store.report({ type: 'seeds.failed', message: 'EIO' });
  });

  test('takes no more nodes from the store than it asked for', () => {
    const many = [256, 255, 254].flatMap((distance, index) => nodesAt(distance, 16, 20 * index));
    expect(idsOf(servingTable({}, many).table())).toHaveLength(SEED_COUNT);
  });

  test('bootnodes with a name are added once their address is known, and kept for later', () => {
    const run = restingTable({ bootnodes: [a] });
    run.send({ type: 'bootnodes.found', nodes: [b] });
    expect(idsOf(run.table())).toEqual([a.id, b.id]);
    run.send({ type: 'bootnodes.found', nodes: [b] });
    expect(run.actor.getSnapshot().context.bootnodes).toEqual([a, b]);
  });

  test('bootnodes have a bound', () => {
    const run = servingTable();
    run.send({ type: 'bootnodes.found', nodes: nodesAt(256, 150) });
    expect(run.actor.getSnapshot().context.bootnodes).toHaveLength(100);
    expect(
      runTable({ bootnodes: nodesAt(256, 150) }).actor.getSnapshot().context.bootnodes,
    ).toHaveLength(100);
  });
});

describe('a refresh', () => {
  test('looks for ourselves, then for three random targets, one after the other', () => {
    const run = servingTable();
    for (let ended = 1; ended < 4; ended += 1) {
      run.endLookup(findings([a], [a.id]));
      expect(run.lookups()).toHaveLength(ended + 1);
    }
    run.endLookup();
    expect(run.lookups().map(({ target }) => target)).toEqual([OUR_KEY, null, null, null]);
    expect(run.lookups().map(({ lookupId }) => lookupId)).toEqual([1, 2, 3, 4]);
    expect(refresh(run)).toBe('resting');
  });

  test('adds every node that was found', () => {
    const run = servingTable();
    run.endLookup(findings([a, b]));
    expect(idsOf(run.table())).toEqual([a.id, b.id]);
  });

  test('goes on when a lookup does not report its end', () => {
    const run = servingTable();
    run.clock.advance(LOOKUP_REPORT_TIMEOUT_MS - 1);
    expect(run.lookups()).toHaveLength(1);
    run.clock.advance(1);
    expect(run.lookups()).toHaveLength(2);
    run.send({ type: 'lookup.ended', lookupId: 1, ...findings([a]) });
    expect(run.lookups()).toHaveLength(2); // that of the past
    expect(idsOf(run.table())).toEqual([a.id]);
  });

  test('is due again 15 to 30 minutes later, with nodes of the store and bootnodes', () => {
    const waits = [1, 2, 3, 4, 5].map((seed) => {
      const run = restingTable({ seed, bootnodes: [b] });
      let waited = 0;
      while (refresh(run) === 'resting' && waited < 2 * REFRESH_INTERVAL_MS) {
        run.clock.advance(1_000);
        for (const id of run.table().checking.keys())
          run.network.report({ type: 'check.answered', id, node: b });
        waited += 1_000;
      }
      expect(refresh(run)).toBe('seeding');
      expect(run.store.commands.filter(({ type }) => type === 'seeds.wanted')).toHaveLength(2);
      run.store.report({ type: 'seeds.found', nodes: [c] });
      expect(idsOf(run.table())).toContain(c.id);
      expect(refresh(run)).toBe('lookingUp');
      expect(run.lookups().at(-1)).toMatchObject({ lookupId: 5, target: OUR_KEY });
      return waited;
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(REFRESH_INTERVAL_MS / 2);
    expect(Math.max(...waits)).toBeLessThanOrEqual(REFRESH_INTERVAL_MS + 1_000);
    expect(new Set(waits).size).toBe(5);
  });

  test('goes on without the store', () => {
    const failing = restingTable({}, [a]);
    failing.send({ type: 'refresh.wanted' });
    failing.store.report({ type: 'seeds.failed', message: 'EIO' });
    expect(refresh(failing)).toBe('lookingUp');

    const slow = restingTable({}, [a]);
    slow.send({ type: 'refresh.wanted' });
    slow.clock.advance(SEEDS_TIMEOUT_MS - 1);
    expect(refresh(slow)).toBe('seeding');
    slow.clock.advance(1);
    expect(refresh(slow)).toBe('lookingUp');
  });

  test('begins at once when it is wanted, unless it is under way', () => {
    const run = restingTable({}, [a]);
    run.send({ type: 'refresh.wanted' });
    expect(refresh(run)).toBe('seeding');
    run.send({ type: 'refresh.wanted' });
    run.store.report({ type: 'seeds.found', nodes: [] });
    run.send({ type: 'refresh.wanted' });
    expect(refresh(run)).toBe('lookingUp');
    expect(run.lookups()).toHaveLength(5);
  });

  test('begins soon after the table lost its last node, and brings bootnodes back', () => {
    const run = restingTable({ bootnodes: [a] });
    while (idsOf(run.table()).length > 0) {
      expect(refresh(run)).toBe('resting');
      run.clock.advance(1); // until its check is not answered
    }
    expect(refresh(run)).toBe('retrying');
    run.clock.advance(RETRY_PAUSE_MS - 1);
    expect(refresh(run)).toBe('retrying');
    run.clock.advance(1);
    run.store.report({ type: 'seeds.found', nodes: [] });
    expect(idsOf(run.table())).toEqual([a.id]);
    expect(refresh(run)).toBe('lookingUp');
  });
});

describe('a refresh that no node answers', () => {
  /** In the pause after it. */
  function retrying() {
    const run = servingTable();
    for (let left = 4; left > 0; left -= 1) run.endLookup();
    return run;
  }

  test('is repeated after pauses that double, up to five minutes', () => {
    const run = retrying();
    for (const pause of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      expect(refresh(run)).toBe('retrying');
      run.clock.advance(pause - 1);
      expect(refresh(run)).toBe('retrying');
      run.clock.advance(1);
      expect(refresh(run)).toBe('seeding');
      run.store.report({ type: 'seeds.found', nodes: [] });
      for (let left = 4; left > 0; left -= 1) run.endLookup();
    }
    expect([RETRY_PAUSE_MS, MAX_RETRY_PAUSE_MS]).toEqual([10_000, 300_000]);
  });

  test('is not repeated earlier because it is wanted', () => {
    const run = retrying();
    run.send({ type: 'refresh.wanted' });
    expect(refresh(run)).toBe('retrying');
  });

  test('starts over with short pauses after one that was answered', () => {
    const run = retrying();
    run.clock.advance(RETRY_PAUSE_MS);
    run.store.report({ type: 'seeds.found', nodes: [] });
    run.endLookup(findings([a], [a.id]));
    for (let left = 3; left > 0; left -= 1) run.endLookup();
    expect(refresh(run)).toBe('resting');
    run.send({ type: 'refresh.wanted' });
    run.store.report({ type: 'seeds.found', nodes: [] });
    for (let left = 4; left > 0; left -= 1) run.endLookup();
    run.clock.advance(RETRY_PAUSE_MS);
    expect(refresh(run)).toBe('seeding');
  });
});

describe('nodes that contact us', () => {
  test('are added only after the first refresh, so that pings alone cannot fill the table', () => {
    const run = servingTable();
    run.network.report({ type: 'node.proven', node: a });
    for (let left = 4; left > 0; left -= 1) {
      expect(idsOf(run.table())).toEqual([]);
      run.endLookup();
    }
    run.network.report({ type: 'node.proven', node: a });
    expect(idsOf(run.table())).toEqual([a.id]);
  });

  test('are not added after a first refresh that was cut off', () => {
    const run = servingTable();
    run.network.report({ type: 'network.lost', message: 'ENETDOWN', retryInMs: 1_000 });
    run.network.report({ type: 'network.restored' });
    run.network.report({ type: 'node.proven', node: a });
    expect(idsOf(run.table())).toEqual([]);
  });
});

describe('lookups for other purposes', () => {
  test('bring nodes, and say which ones return others', () => {
    const nodes = nodesAt(256, 8);
    const run = restingTable({}, nodes);
    const [first] = nodes;
    for (let failures = 0; failures < 4; failures += 1)
      run.send({ type: 'nodes.found', ...findings([], [], [first!.id]) });
    run.send({ type: 'nodes.found', ...findings([], [first!.id]) });
    run.send({ type: 'nodes.found', ...findings([c], [], [first!.id]) });
    expect(idsOf(run.table())).toContain(first!.id);
    for (let failures = 0; failures < 4; failures += 1)
      run.send({ type: 'nodes.found', ...findings([], [], [first!.id]) });
    expect(idsOf(run.table())).not.toContain(first!.id);
  });
});

describe('a socket that is lost', () => {
  const lost = { type: 'network.lost', message: 'ENETDOWN', retryInMs: 1_000 } as const;

  test('is reported, and so is its return; then the table is refreshed', () => {
    const run = restingTable();
    run.network.report(lost);
    expect(run.state()).toBe('offline');
    run.network.report({ ...lost, retryInMs: 2_000 });
    run.network.report({ type: 'network.restored' });
    expect(run.reports.slice(-3)).toEqual([
      { type: 'discovery.lost', version: 'v4', message: 'ENETDOWN', retryInMs: 1_000 },
      { type: 'discovery.lost', version: 'v4', message: 'ENETDOWN', retryInMs: 2_000 },
      { type: 'discovery.restored', version: 'v4' },
    ]);
    run.store.report({ type: 'seeds.found', nodes: [a] });
    expect(refresh(run)).toBe('lookingUp');
  });

  test('may be lost while the store is asked', () => {
    const run = runTable();
    run.network.report(bound);
    run.network.report(lost);
    expect(run.state()).toBe('offline');
  });

  test('ends discovery when it closes by itself', () => {
    const run = restingTable();
    run.network.report({ type: 'network.closed' });
    expect(run.state()).toBe('failed');
    expect(run.reports.at(-1)).toEqual({
      type: 'discovery.failed',
      version: 'v4',
      message: 'the socket closed by itself',
    });
    expect(CLOSE_TIMEOUT_MS).toBe(2_000);
  });
});
