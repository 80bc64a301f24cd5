import { expect, test } from 'vitest';

import { RawPeerError } from '../../../src/testing/raw-peer/raw-peer-error.ts';

test('is told from others by its name and its code', () => {
  const error = new RawPeerError('gone', 'the stream is closed');
  expect(error).toMatchObject({ name: 'RawPeerError', code: 'gone' });
  expect(error.message).toBe('the stream is closed');
});
