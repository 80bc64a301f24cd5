/** Every state, every transition and every outcome of every machine is reached by a generated path. */
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, StateMachine } from 'xstate';

import { type Coverage, coverageTable } from '../../src/testing/model/paths.ts';
import { MODELS } from '../support/models.ts';
import { sourcesIn } from '../support/sources-in.ts';

const directory = new URL('../../src/machines/', import.meta.url);

/** Found by reading the directory, so that a new one is asked for. */
const ids: readonly string[] = (
  await Promise.all(
    sourcesIn(directory).map(async (file) => {
      const exported: object = await import(new URL(file, directory).href);
      return Object.values(exported).filter((value) => value instanceof StateMachine);
    }),
  )
)
  .flat()
  .map(({ id }: AnyStateMachine) => id);

/** What no path can reach, and why. */
const UNREACHABLE: Record<string, readonly string[]> = {};

const coverages: Coverage[] = [];

describe.for([...new Set(ids)])('%s', (id) => {
  test('every state, transition and outcome is reached', () => {
    const paths = MODELS[id]!();
    const coverage = paths.coverage();
    coverages.push(coverage);
    const { states, transitions, outcomes, isTruncated } = coverage;
    const missing = [states, transitions, outcomes].flatMap((reached) => reached.missing);
    expect(missing).toEqual(UNREACHABLE[id] ?? []);
    expect(isTruncated).toBe(false);
  });
});

test('every machine has its model, and every model its machine', () => {
  expect([...new Set(ids)].sort()).toEqual(Object.keys(MODELS).sort());
});

test('the table', () => {
  expect(coverages).toHaveLength(new Set(ids).size);
  process.stdout.write(`${coverageTable(coverages)}\n`);
});
