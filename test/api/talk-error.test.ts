import { expect, test } from 'vitest';

import { TalkError } from '../../src/api/talk-error.ts';

test('an error of a message says why there was no response', () => {
  expect(new TalkError('timedOut')).toMatchObject({
    ...{ name: 'TalkError', code: 'timedOut', message: 'the node did not answer' },
  });
});
