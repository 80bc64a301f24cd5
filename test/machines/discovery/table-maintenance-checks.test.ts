/** When nodes are checked and stored. */
import { describe, expect, test } from 'vitest';
import { entriesOf } from '../../../src/machines/discovery/table.ts';
import {
  CHECK_TIMEOUT_MS,
  FAST_INTERVAL_MS,
  SLOW_INTERVAL_MS,
  STORE_INTERVAL_MS,
} from '../../../src/machines/discovery/table-maintenance.ts';
import { hostNumber, idsOf, nodesAt, tableNode } from '../../support/table-nodes.ts';
import { findings, restingTable, type TableRun } from '../../support/table-run.ts';

const nodes = nodesAt(256, 8);
const [a] = nodes as [(typeof nodes)[0], ...typeof nodes];

const answer = (run: TableRun, id: string) =>
  run.network.report({
    type: 'check.answered',
    id,
    node: entriesOf(run.table()).find((entry) => entry.id === id)!.node,
  });

/** Advances to the next check, and returns its node and how long that took. */
function nextCheck(run: TableRun): { id: string; waited: number } {
  const before = run.checked().length;
  let waited = 0;
  while (run.checked().length === before) {
    run.clock.advance(1);
    waited += 1;
    if (waited > SLOW_INTERVAL_MS + 1) throw new Error('no check');
  }
  return { id: run.checked().at(-1)!, waited };
}

describe('checks', () => {
  test('of new nodes begin at most 3 s after the last one, at random', () => {
    const run = restingTable({}, nodes);
    const checks = nodes.map(() => nextCheck(run));
    expect(new Set(checks.map(({ id }) => id)).size).toBe(nodes.length);
    for (const { waited } of checks) expect(waited).toBeLessThanOrEqual(FAST_INTERVAL_MS);
    const mean = checks.reduce((sum, { waited }) => sum + waited, 0) / checks.length;
    expect(mean).toBeGreaterThan(FAST_INTERVAL_MS / 6);
  });

  test('begin when the first node is added, and there is no timer for them without nodes', () => {
    const run = restingTable();
    expect(run.clock.pending).toBe(2); // the next refresh, and the next copy to the store
    run.send({ type: 'nodes.found', ...findings([a]) });
    expect(run.clock.pending).toBe(3);
    expect(nextCheck(run).id).toBe(a.id);
  });

  test('of nodes that answered are slower, up to 9 s', () => {
    const run = restingTable({}, [a]);
    nextCheck(run);
    answer(run, a.id);
    const waits = Array.from({ length: 30 }, () => {
      const { waited } = nextCheck(run);
      answer(run, a.id);
      return waited;
    });
    expect(Math.max(...waits)).toBeGreaterThan(2 * FAST_INTERVAL_MS);
    expect(Math.max(...waits)).toBeLessThanOrEqual(SLOW_INTERVAL_MS);
    expect(entriesOf(run.table())).toMatchObject([{ isLive: true, checks: 31, list: 'slow' }]);
  });

  test('that fail remove a node that never answered', () => {
    const run = restingTable({}, [a]);
    nextCheck(run);
    run.network.report({ type: 'check.failed', id: a.id });
    expect(idsOf(run.table())).toEqual([]);
  });

  test('that do not end count as failed, to the millisecond', () => {
    const run = restingTable({}, [a]);
    nextCheck(run);
    run.clock.advance(CHECK_TIMEOUT_MS - 1);
    expect(idsOf(run.table())).toEqual([a.id]);
    run.clock.advance(1);
    expect(idsOf(run.table())).toEqual([]);
  });

  test('leave no timer when they end', () => {
    for (const end of ['answered', 'failed'] as const) {
      const run = restingTable({}, nodes.slice(0, 2));
      const { id } = nextCheck(run);
      const pending = run.clock.pending;
      if (end === 'failed') run.network.report({ type: 'check.failed', id });
      else answer(run, id);
      // an answer puts the node on the slow list, which then has a timer of its own
      expect(run.clock.pending).toBe(end === 'failed' ? pending - 1 : pending);
    }
  });

  test('are of one node once at a time', () => {
    const run = restingTable({}, [a]);
    nextCheck(run);
    run.clock.advance(CHECK_TIMEOUT_MS - 1);
    expect(run.checked()).toEqual([a.id]);
  });

  test('are forgotten when the socket is lost: the node is not worse for it', () => {
    const run = restingTable({}, [a]);
    nextCheck(run);
    run.network.report({ type: 'network.lost', message: 'ENETDOWN', retryInMs: 1_000 });
    expect(run.clock.pending).toBe(0);
    run.network.report({ type: 'check.failed', id: a.id });
    run.clock.advance(600_000);
    expect(idsOf(run.table())).toEqual([a.id]);
    expect(run.checked()).toHaveLength(1);
  });

  test('bring the newest record of a node', () => {
    const run = restingTable({}, [a]);
    nextCheck(run);
    const newest = tableNode(a.id, { host: a.host, seq: 9 });
    run.network.report({ type: 'check.answered', id: a.id, node: newest });
    expect(entriesOf(run.table())[0]).toMatchObject({ node: newest, isLive: true });
  });
});

describe('the store', () => {
  /** Answers every check, for so long. */
  function live(run: TableRun, ms: number): void {
    let seen = run.checked().length;
    for (let time = 0; time < ms; time += 500) {
      run.clock.advance(500);
      for (const id of run.checked().slice(seen)) answer(run, id);
      seen = run.checked().length;
    }
  }

  test('gets live nodes that are in the table for 5 minutes, once', () => {
    const run = restingTable({}, [a]);
    live(run, 5 * 60_000);
    expect(run.saved()).toEqual([]);
    live(run, STORE_INTERVAL_MS);
    expect(run.saved()).toEqual([[a]]);
    run.store.report({ type: 'nodes.saved' });
    live(run, 120_000);
    expect(run.saved()).toHaveLength(1);
  });

  test('gets a node again when its record changes', () => {
    const run = restingTable({}, [a]);
    live(run, 6 * 60_000);
    const newest = tableNode(a.id, { host: hostNumber(0), seq: 2 });
    run.send({ type: 'nodes.found', ...findings([newest]) });
    live(run, STORE_INTERVAL_MS);
    expect(run.saved().flat()).toEqual([a, newest]);
  });
});
