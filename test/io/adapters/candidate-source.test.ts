import { describe, expect, test } from 'vitest';
import type { NonReducibleUnknown } from 'xstate';

import {
  type CandidateCommand,
  type CandidateEvent,
  candidateSource,
} from '../../../src/io/adapters/candidate-source.ts';
import { runAdapter } from '../../support/reports.ts';
import { turns } from '../../support/turn.ts';

/** Only what begins with `n` is a node. */
const parse = (url: string): string => {
  if (!url.startsWith('n')) throw new TypeError('no node');
  return url.toUpperCase();
};

function run(candidates: AsyncIterable<string>) {
  const adapter = runAdapter<CandidateEvent<string>, CandidateCommand, NonReducibleUnknown>(
    candidateSource(candidates, parse),
    null,
  );
  return {
    reports: adapter.reports.all,
    stop: () => adapter.stop(),
    pull: () => adapter.send({ type: 'pull' }),
  };
}

/** Counts what is read of it, and whether it was asked to end. */
function counting(urls: readonly string[]) {
  const seen = { read: 0, returned: 0 };
  const iterator: AsyncIterator<string> = {
    next: async () => {
      seen.read += 1;
      const value = urls[seen.read - 1];
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    return: async () => {
      seen.returned += 1;
      return { done: true, value: undefined };
    },
  };
  return { seen, candidates: { [Symbol.asyncIterator]: () => iterator } };
}

describe('a source of candidates', () => {
  test('is read one node per command', async () => {
    const { seen, candidates } = counting(['n1', 'n2', 'n3']);
    const source = run(candidates);
    await turns();
    expect(seen.read).toBe(0);
    source.pull();
    await turns();
    expect(seen.read).toBe(1);
    source.pull();
    await turns();
    expect(source.reports).toEqual([
      { type: 'candidate.found', target: 'N1' },
      { type: 'candidate.found', target: 'N2' },
    ]);
  });

  test('may give something that is no node', async () => {
    const source = run(counting(['?', 'n']).candidates);
    source.pull();
    source.pull();
    await turns();
    expect(source.reports).toEqual([
      { type: 'candidate.invalid', detail: 'TypeError: no node' },
      { type: 'candidate.found', target: 'N' },
    ]);
  });

  test('may give something that is no text', async () => {
    const source = run(counting([7 as unknown as string]).candidates);
    source.pull();
    await turns();
    expect(source.reports).toMatchObject([{ type: 'candidate.invalid' }]);
  });

  test('ends', async () => {
    const source = run(counting([]).candidates);
    source.pull();
    await turns();
    expect(source.reports).toEqual([{ type: 'candidates.ended' }]);
  });

  test('fails, by a promise or at once', async () => {
    const broken = (next: () => Promise<never>) => ({ [Symbol.asyncIterator]: () => ({ next }) });
    for (const next of [
      () => Promise.reject(new Error('no network')),
      () => {
        throw new Error('no network');
      },
    ]) {
      const source = run(broken(next));
      source.pull();
      await turns();
      expect(source.reports).toEqual([{ type: 'candidates.failed', message: 'Error: no network' }]);
    }
  });

  test('is asked to end when its reader stops, even during a read', async () => {
    const { seen, candidates } = counting(['n1']);
    const source = run(candidates);
    source.pull();
    source.stop();
    await turns();
    expect([seen.returned, source.reports]).toEqual([1, []]);
  });

  test('that cannot end is left alone: without `return`, or with one that throws, fails or never comes back', async () => {
    const next = () => new Promise<never>(() => {});
    const endings = [
      undefined,
      () => {
        throw new Error('no end');
      },
      () => Promise.reject(new Error('no end')),
      () => new Promise<never>(() => {}),
    ];
    for (const end of endings) {
      const iterator = { next, ...(end && { return: end }) };
      const source = run({ [Symbol.asyncIterator]: () => iterator });
      source.pull();
      expect(() => source.stop()).not.toThrow();
      await turns();
    }
  });
});
