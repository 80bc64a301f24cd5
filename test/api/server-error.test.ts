import { expect, test } from 'vitest';

import { ServerError } from '../../src/api/server-error.ts';

test('a ServerError is an error with a name and a code', () => {
  const error = new ServerError('notRunning', 'in a sentence');
  expect(error).toBeInstanceOf(Error);
  expect({ ...error, message: error.message }).toEqual({
    name: 'ServerError',
    code: 'notRunning',
    message: 'in a sentence',
  });
});
