import { expect, test } from 'vitest';
import { NodeError } from '../../src/api/node-error.ts';

test('has a kind, the first error as its cause, and the errors of the stop', () => {
  const cause = new Error('the disk is full');
  const stop = new NodeError('stopFailed', 'the server did not stop');
  const error = new NodeError('serviceFailed', 'it did not start', { cause, errors: [stop] });
  expect(error).toMatchObject({ name: 'NodeError', kind: 'serviceFailed', cause, errors: [stop] });
  expect('cause' in stop).toBe(false);
  expect(stop.errors).toEqual([]);
});
