import { expect, test } from 'vitest';
import { ServerError } from '../../src/api/server-error.ts';
import { CommandError, isUserError } from '../../src/cli/error.ts';
import { KeyFileError } from '../../src/cli/node-key-file.ts';

test.for([
  [new CommandError('no'), true],
  [new KeyFileError('missing', 'no'), true],
  [new ServerError('startFailed', 'no'), true],
  [new TypeError('no'), false],
  [new Error('no'), false],
  ['no', false],
  [undefined, false],
] as const)('%s is for the user: %s', ([error, expected]) => {
  expect(isUserError(error)).toBe(expected);
});
