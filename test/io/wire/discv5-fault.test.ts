import { expect, test } from 'vitest';

import { Discv5Error } from '../../../src/io/wire/discv5-fault.ts';

test('a fault is matched by its name; the message is for people', () => {
  const error = new Discv5Error('badAuthDataSize', '33 bytes');
  expect(error).toMatchObject({ name: 'Discv5Error', fault: 'badAuthDataSize' });
  expect(error.message).toBe('badAuthDataSize: 33 bytes');
  expect(error).toBeInstanceOf(Error);
});
