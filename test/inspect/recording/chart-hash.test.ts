import { expect, test } from 'vitest';

import { chartHash, chartHashes } from '../../../src/inspect/recording/chart-hash.ts';
import { MACHINE_IDS } from '../../../src/inspect/recording/event-forms.ts';

test('every machine has its own hash, and it does not change', () => {
  const hashes = chartHashes();
  expect(Object.keys(hashes)).toEqual([...MACHINE_IDS]);
  expect(new Set(Object.values(hashes)).size).toBe(MACHINE_IDS.length);
  for (const hash of Object.values(hashes)) expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(chartHashes()).toEqual(hashes);
});

test('an unknown machine has no hash', () => {
  expect(chartHash('door')).toBe(null);
});
