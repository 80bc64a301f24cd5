import { expect, test } from 'vitest';
import { DEFAULT_MAX_BYTES } from '../../src/inspect/recording/recording-writer.ts';
import { MAX_LINE_BYTES, RECORDING_VERSION } from '../../src/inspect/recording.ts';

test('the version is the one that is documented', () => {
  expect(RECORDING_VERSION).toBe(2);
});

test('a file has room for many of the longest lines', () => {
  expect(DEFAULT_MAX_BYTES / MAX_LINE_BYTES).toBeGreaterThan(100);
});
