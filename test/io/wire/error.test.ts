import { expect, test } from 'vitest';

import { WireError } from '../../../src/io/wire/error.ts';

test('a fault is matched by its name; the message is for people', () => {
  const error = new WireError('badFrameMac', 'byte 3');
  expect(error).toMatchObject({ name: 'WireError', fault: 'badFrameMac', detail: 'byte 3' });
  expect(error.message).toBe('badFrameMac: byte 3');
  expect(error).toBeInstanceOf(Error);
});
