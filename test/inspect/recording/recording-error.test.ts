import { expect, test } from 'vitest';

import { RecordingError } from '../../../src/inspect/recording/recording-error.ts';

test('the message has the line of the file, if the error is about one', () => {
  const cause = new Error('why');
  expect(new RecordingError('malformedLine', 'no JSON', 7)).toMatchObject({
    name: 'RecordingError',
    fault: 'malformedLine',
    line: 7,
    message: 'line 7: no JSON',
  });
  expect(new RecordingError('exists', 'it is there', null, { cause })).toMatchObject({
    message: 'it is there',
    line: null,
    cause,
  });
});
