import { expect, test } from 'vitest';

import { RawPeerError } from '../../../src/testing/raw-peer/raw-peer-error.ts';

test('has a name and a code', () => {
  const error = new RawPeerError('closed', 'the stream is closed');
  expect(error).toMatchObject({ name: 'RawPeerError', code: 'closed' });
  expect(error.message).toBe('the stream is closed');
});
