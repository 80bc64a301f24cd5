import { expect, test } from 'vitest';

import { WorldError } from '../../../src/testing/world/world-error.ts';

test('the message has the seed and every problem once', () => {
  const error = new WorldError(7, ['a timer waits', 'a peer stays']);
  expect(error.message).toBe('seed 7: a timer waits\na peer stays');
  expect(error).toMatchObject({ name: 'WorldError', violation: null });
  expect(new WorldError('seed 7', ['no']).message).toBe('seed 7: no');
});
