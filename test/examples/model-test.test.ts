import { expect, test, vi } from 'vitest';

test('the model is covered and has no violation, and the faulty one has the shortest counterexample', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const example = await import('../../examples/model-test.ts').finally(() => log.mockRestore());
  const { states, transitions, outcomes, isTruncated } = example.coverage;
  expect([states, transitions, outcomes].flatMap(({ missing }) => missing)).toEqual([]);
  expect(isTruncated).toBe(false);
  expect(example.sound).toMatchObject({ violation: null, isTruncated: false, untried: [] });
  expect(example.violation).toMatchObject({ sentence: '4 tries in a row' });
  expect(example.violation?.path.steps.map(({ state }) => state)).toEqual([
    'pausing',
    'dialling',
    'pausing',
    'dialling',
    'pausing',
    'dialling',
  ]);
});
