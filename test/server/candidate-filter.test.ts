import { describe, expect, onTestFinished, test } from 'vitest';
import type { Node, NodeLike } from '../../src/io/crypto/node.ts';
import {
  CandidateFilter,
  FILTER_PAUSE_MS,
  MAX_PASSED_OVER,
} from '../../src/server/candidate-filter.ts';
import { withSources } from '../../src/server/candidates.ts';
import { checkOptions } from '../../src/server/config.ts';
import { VirtualClock } from '../../src/testing/world/virtual-clock.ts';
import { createWorld } from '../../src/testing/world/world.ts';
import { enodeOf, keyOf } from '../support/world.ts';

async function* nodes(...given: readonly NodeLike[]): AsyncGenerator<NodeLike> {
  yield* given;
}

const isOdd = ({ tcpPort }: Node): boolean => tcpPort % 2 === 1;

/** An enode of node `number` at a port. */
const at = (number: number, port: number): string => enodeOf(number).replace(/:\d+$/, `:${port}`);

function filterOf(filter: (node: Node) => boolean) {
  const clock = new VirtualClock();
  const faults: unknown[] = [];
  const parts = { filter, clock, onFault: (error: unknown) => faults.push(error) };
  return { clock, faults, filter: new CandidateFilter(parts) };
}

async function all(source: AsyncIterable<NodeLike>): Promise<NodeLike[]> {
  const taken: NodeLike[] = [];
  for await (const node of source) taken.push(node);
  return taken;
}

describe('a filter of candidates', () => {
  test('passes over what it does not want, and counts it by source', async () => {
    const { filter } = filterOf(isOdd);
    expect(await all(filter.of('a', nodes(at(2, 10), at(3, 11), at(4, 12))))).toEqual([at(3, 11)]);
    expect(await all(filter.of('b', nodes(at(5, 13))))).toEqual([at(5, 13)]);
    expect([...filter.passedOver]).toEqual([
      ['a', 2],
      ['b', 0],
    ]);
  });

  test('leaves what is no node to its reader', async () => {
    const { filter } = filterOf(() => false);
    expect(await all(filter.of('a', nodes('nonsense', at(2, 1))))).toEqual(['nonsense']);
  });

  test('that throws lets the node pass, and the error is reported', async () => {
    const { filter, faults } = filterOf(() => {
      throw new Error('oops');
    });
    expect(await all(filter.of('a', nodes(at(2, 1))))).toEqual([at(2, 1)]);
    expect(faults).toEqual([new Error('oops')]);
  });

  test('rests after a number of nodes in a row that the filter does not want, and ends in its rest', async () => {
    const { filter, clock } = filterOf(isOdd);
    let read = 0;
    async function* unwanted(): AsyncGenerator<NodeLike> {
      for (;;) {
        read += 1;
        yield at(2, 10);
      }
    }
    const source = filter.of('a', unwanted())[Symbol.asyncIterator]();
    const wanted = source.next();
    await settled();
    expect(read).toBe(MAX_PASSED_OVER);
    await clock.advance(FILTER_PAUSE_MS - 1);
    expect(read).toBe(MAX_PASSED_OVER);
    await clock.advance(1);
    await settled();
    expect(read).toBe(2 * MAX_PASSED_OVER);
    await source.return?.();
    expect(await wanted).toEqual({ done: true, value: undefined });
    expect(clock.pending).toBe(0);
  });
});

test('a filter without a source of nodes changes nothing: there are no candidates', () => {
  const { filter } = filterOf(isOdd);
  const none = { isEmpty: true, walks: () => [], hasFound: () => false, resolver: () => null };
  const config = checkOptions({ nodeKey: keyOf(1), candidateFilter: isOdd });
  const hooks = { filter, onSourceEnded: () => {} };
  expect(withSources(config, none, null, hooks)).toBe(config);
});

test('a server dials only the candidates that its filter wants, and counts the others', async () => {
  const world = createWorld({ seed: 1, crypto: 'fast' });
  onTestFinished(() => world.end());
  const [wanted, unwanted] = [world.node(), world.node()];
  await world.start(wanted, unwanted);
  const caller = world.node({
    candidates: nodes(unwanted.enode, wanted.enode),
    candidateFilter: ({ id }) => id === wanted.server.self.id,
    netRestrict: ['0.0.0.0/0', '::/0'],
  });
  await world.start(caller);
  await world.until(() => caller.server.peers.length === 1);
  expect(caller.server.peers.map(({ id }) => id)).toEqual([wanted.server.self.id]);
  expect(await caller.server.metrics.metrics()).toContain(
    'peerchart_p2p_candidates_passed_over_total{source="candidates"} 1',
  );
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
